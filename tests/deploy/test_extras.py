"""What was left out of the installation is named; what is broken shows itself."""

from __future__ import annotations

import pytest

from deploy.extras import extra_for

WHERE = "install what requirements/extras.txt lists (README, Installing)"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cryptography", f"cryptography is missing: {WHERE}"),
        ("cryptography.hazmat", f"cryptography is missing: {WHERE}"),
        ("pyarrow", f"pyarrow is missing: {WHERE}"),
        ("boto3", f"boto3 is missing: {WHERE}"),
        ("argon2", f"argon2 is missing: {WHERE}"),
        ("consumers.captions.gone", None),
        (None, None),
    ],
)
def test_what_to_install_is_said(name: str | None, words: str | None) -> None:
    """A module of ours is nothing that could be installed; nor is meetwire itself, which is on no index."""
    assert extra_for(ModuleNotFoundError(name=name)) == words
