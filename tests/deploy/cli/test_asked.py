"""Where the settings have no enterprise, `meetwire standalone` asks the person at the terminal for one."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path

import pytest

from .pushes import ACME, PATH, push
from .running import MEETWIRE
from .terminal import CTRL_C, CTRL_D, Terminal, terminal

ANYWHERE = {"MEETWIRE_WEBHOOK_LISTEN": "127.0.0.1:0", "MEETWIRE_ADMIN_LISTEN": "127.0.0.1:0"}


def answer(asked: Terminal, *answers: str) -> None:
    """Answer the questions in their order."""
    for question, text in zip(("subscriber ID (订阅者ID): ", "password (密码): "), answers, strict=False):
        asked.until(question)
        asked.type(text)


def test_an_enterprise_that_is_asked_for_is_enough(tmp_path: Path) -> None:
    """Two answers as they stand on the service's page, and pushes are taken; the password is not shown when typed."""
    with terminal("standalone", command=MEETWIRE, folder=tmp_path, environ=ANYWHERE) as asked:
        answer(asked, f"{ACME.app_id}\n", f"{ACME.password}\n")
        started = asked.until("admin=")
        found = re.search(r"webhook=(\S+)", asked.until("\n" + started.rpartition("\n")[2]))
        assert found
        with urllib.request.urlopen(f"http://{found[1]}{PATH}", push()) as taken:
            status = taken.status
        asked.type(CTRL_C)
        ended, shown = asked.ended()

    assert status == 200
    assert ended == 0
    assert ACME.password not in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        pytest.param((CTRL_D,), "meetwire: no enterprise: nothing to receive", id="Ctrl-D"),
        pytest.param(("\n",), "meetwire: no subscriber ID: nothing to receive", id="no subscriber ID"),
        pytest.param(("1\n", "\n"), "meetwire: no password: nothing to receive", id="no password"),
    ],
)
def test_who_answers_nothing_starts_nothing(tmp_path: Path, answers: tuple[str, ...], told: str) -> None:
    """An empty password would be one that everybody knows."""
    with terminal("standalone", command=MEETWIRE, folder=tmp_path, environ=ANYWHERE) as asked:
        answer(asked, *answers)
        status, shown = asked.ended()

    assert (status, shown.splitlines()[-1]) == (2, told)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_at_a_question_ends_it(tmp_path: Path) -> None:
    """Status 130, as shells have it for Ctrl-C, and no traceback."""
    with terminal("standalone", command=MEETWIRE, folder=tmp_path, environ=ANYWHERE) as asked:
        answer(asked, CTRL_C)
        status, shown = asked.ended(pressing=CTRL_C)

    assert status == 130
    assert "Traceback" not in shown
