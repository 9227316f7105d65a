"""What is wrong with arguments is said before anything is opened; and who acts is known."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.cli.archive.opening import who

from .conftest import Desk

ROOT = Path(__file__).parents[4]
ACTING = pwd.getpwuid(os.geteuid()).pw_name
EXTRAS = "install what requirements/extras.txt lists (README, Installing)"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "1234", "--cue", "x"), "'x' is no cue, such as 7, and no span of cues, such as 7-9"),
        (("show", "1234", "--cue", "9-7"), "'9-7' ends before it begins"),
        (("search", "x", "--since", "monday"), "'monday' is no time, such as 2026-05-01 or 2026-05-01T09:30:00+08:00"),
        (("search", "x", "--limit", "-1"), "'-1' is no number from 0 on"),
        (("erase", "1234"), "the following arguments are required: --reference"),
        (("hold", "add", "h"), "the following arguments are required: --why"),
    ],
)
def test_arguments_that_do_not_fit_are_status_2(desk: Desk, words: tuple[str, ...], said: str) -> None:
    """In one line that says what would."""
    printed = desk.run(*words)

    assert printed.status == 2
    assert printed.err.splitlines()[-1].endswith(said)


@pytest.mark.parametrize(
    ("missing", "status", "said"),
    [
        pytest.param("cryptography", 2, f"meetwire: cryptography is missing: {EXTRAS}", id="an extra"),
        pytest.param("pyarrow", 2, f"meetwire: pyarrow is missing: {EXTRAS}", id="another"),
        pytest.param("consumers.captions.errors", 1, "ModuleNotFoundError: ", id="a module of ours"),
    ],
)
def test_what_is_not_installed_is_named(missing: str, status: int, said: str) -> None:
    """In one line; what is missing of meetwire itself is a fault that shows itself."""
    script = (
        f"import sys; sys.modules[{missing!r}] = None; from deploy.cli import main; sys.exit(main(['archive', 'show']))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=200, check=False, cwd=ROOT
    )

    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.splitlines()[-1].startswith(said)


@pytest.mark.parametrize(
    ("login", "account"),
    [
        pytest.param("4294967295", ACTING, id="a service"),
        pytest.param(str(os.geteuid()), ACTING, id="who logged in"),
        pytest.param("54321", f"uid 54321 as {ACTING}", id="who became another"),
        pytest.param("none", ACTING, id="not told"),
        pytest.param(None, ACTING, id="not Linux"),
    ],
)
def test_who_acts_is_who_logged_in(tmp_path: Path, login: str | None, account: str) -> None:
    """Also after sudo, whose variables anybody can set."""
    if login is not None:
        (tmp_path / "loginuid").write_text(login)

    assert who(tmp_path / "loginuid") == account
