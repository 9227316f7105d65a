"""What was left out of the installation is named; what is broken shows itself."""

from __future__ import annotations

import pytest

from deploy.extras import extra_for


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cryptography", "cryptography is missing; install meetwire[captions]"),
        ("cryptography.hazmat", "cryptography is missing; install meetwire[captions]"),
        ("pyarrow", "pyarrow is missing; install meetwire[captions]"),
        ("boto3", "boto3 is missing; install meetwire[s3]"),
        ("consumers.captions.gone", None),
        (None, None),
    ],
)
def test_what_to_install_is_said(name: str | None, words: str | None) -> None:
    """A module of ours is nothing that could be installed."""
    assert extra_for(ModuleNotFoundError(name=name)) == words
