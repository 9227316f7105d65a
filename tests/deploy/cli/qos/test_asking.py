"""Who does it, where nobody says so."""

from __future__ import annotations

import getpass
import os
from argparse import Namespace

import pytest

from deploy.cli.qos.asking import who_of


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found"), OSError("No username set")])
def test_a_user_without_a_name_is_a_number(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs under a number of its own; what is given counts first."""

    def nameless() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", nameless)

    assert who_of(Namespace(who=None)) == f"user {os.getuid()}"
    assert who_of(Namespace(who="lin")) == "lin"
