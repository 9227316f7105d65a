"""Names of log lines: noun, dot, past participle."""

import re
from typing import get_args

import pytest

from schemas.lines import Line

# Participles that do not end in -ed.
IRREGULAR = "begun|forgotten|found|lost|read|sent|unread|set_aside|redriven|given_up|begun|led|read"
FORM = re.compile(rf"[a-z]+(_[a-z]+)*\.([a-z]+_)*([a-z]+ed|{IRREGULAR})")


def test_lines_are_named_by_one_form() -> None:
    """Whoever reads a log can search it by the thing that something happened to, or by what happened."""
    lines = get_args(Line)

    assert len(lines) == len(set(lines)) > 20
    assert [line for line in lines if not FORM.fullmatch(line)] == []


@pytest.mark.parametrize("line", ["started", "push.accept", "Push.accepted", "push accepted", "push.accepted.now"])
def test_another_form_is_seen(line: str) -> None:
    """The form is one."""
    assert not FORM.fullmatch(line)
