"""Which meetings are kept: every kind of rule, before a record is written and when the meeting is over."""

from __future__ import annotations

from typing import Any

import pytest

from consumers.captions.policy import Facts, Policy, facts_of
from schemas.archive.manifest import Kept
from schemas.settings import Captions

FACTS = Facts(
    enterprise="acme",
    meeting_id="m-1",
    subjects=frozenset({"Board, quarterly"}),
    schedulers=frozenset({"张三", "u-7"}),
)


@pytest.mark.parametrize(
    ("options", "keep", "rule"),
    [
        pytest.param({}, True, "all", id="all, as long as nobody says otherwise"),
        pytest.param({"keep": "none"}, False, "none", id="none"),
        pytest.param({"keep": ("enterprise:acme",)}, True, "enterprise:acme", id="an enterprise"),
        pytest.param({"keep": ("meeting:m-?",)}, True, "meeting:m-?", id="meeting IDs by pattern"),
        pytest.param({"keep": ("scheduler:张*",)}, True, "scheduler:张*", id="a scheduler by name"),
        pytest.param({"keep": ("scheduler:u-7",)}, True, "scheduler:u-7", id="a scheduler by ID"),
        pytest.param({"keep": ("subject:*board*", "subject:Board*")}, True, "subject:Board*", id="a subject, as spelt"),
        pytest.param({"keep": ("enterprise:other",)}, False, "no rule of keep", id="no rule fits"),
        pytest.param({"leave": ("subject:*quarterly",)}, False, "leave subject:*quarterly", id="left out of all"),
        pytest.param(
            {"keep": ("enterprise:acme",), "leave": ("meeting:m-1",)}, False, "leave meeting:m-1", id="leave beats keep"
        ),
    ],
)
def test_a_rule_decides(options: dict[str, Any], keep: bool, rule: str) -> None:
    """And is named."""
    assert Policy(Captions(**options)).decide(FACTS) == Kept(keep=keep, rule=rule)


@pytest.mark.parametrize(
    ("options", "left"),
    [
        pytest.param({}, False, id="all"),
        pytest.param({"keep": "none"}, True, id="none"),
        pytest.param({"leave": ("meeting:m-*",)}, True, id="left by its ID"),
        pytest.param({"leave": ("subject:*",)}, False, id="its subject is yet to come"),
        pytest.param({"keep": ("enterprise:other",)}, True, id="of no enterprise that is kept"),
        pytest.param({"keep": ("enterprise:other", "subject:Board*")}, False, id="its subject may yet keep it"),
        pytest.param({"keep": ("enterprise:acme",)}, False, id="kept by its enterprise"),
    ],
)
def test_what_is_left_before_it_is_written(options: dict[str, Any], left: bool) -> None:
    """Only what no later push can change."""
    assert Policy(Captions(**options)).is_left("acme", "m-1") is left


@pytest.mark.parametrize(
    ("keep", "decided"),
    [
        pytest.param(("subject:Board*",), Kept(keep=True, rule="unknown subject:Board*"), id="its subject never came"),
        pytest.param(
            ("enterprise:other", "scheduler:u-7"), Kept(keep=True, rule="unknown scheduler:u-7"), id="nor its scheduler"
        ),
        pytest.param(("subject:Board*", "meeting:m-1"), Kept(keep=True, rule="meeting:m-1"), id="another rule fits"),
        pytest.param(("meeting:m-2",), Kept(keep=False, rule="no rule of keep"), id="nothing more was asked"),
    ],
)
def test_what_nobody_told_is_no_ground_to_erase(keep: tuple[str, ...], decided: Kept) -> None:
    """A rule might have fitted; the manifest names it."""
    assert Policy(Captions(keep=keep)).decide(Facts(enterprise="acme", meeting_id="m-1")) == decided


def test_facts_of_a_meeting_that_nobody_described() -> None:
    """There are none but its ID."""
    assert facts_of("acme", "m-1", []) == Facts(enterprise="acme", meeting_id="m-1")
    assert repr(FACTS) == "<Facts of m-1>"
