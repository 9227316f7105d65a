"""`meetwire archive report`: what came of each meeting, and what is missing, for people and for programs."""

from __future__ import annotations

import asyncio

import pytest

from consumers.captions.transcript.completeness import Finding
from deploy.cli.archive.reporting import in_words, wanted_by
from schemas.archive.statements import MeetingLeft
from schemas.settings import Subscriber
from tests.consumers.captions.meetings import MORNING, archive_of

from .conftest import Desk


def test_what_is_missing_is_said(desk: Desk) -> None:
    """No subscription was told of in these two: whether all was seen nobody knows, and that is status 1."""
    printed = desk.run("report")

    assert printed.status == 1
    lines = printed.out.splitlines()
    assert lines[0].split() == [
        "started", "enterprise", "meeting", "occurrence", "outcome", "wanted", "ran", "captions", "cues", "missing"
    ]  # fmt: skip
    assert lines[2].split()[2:] == ["acme", "900000001", desk.occurrence, "kept", "?", "yes", "5", "5", "1"]
    assert f"900000001  occurrence {desk.occurrence}" in lines
    assert "  unseen  not_listened" in lines
    assert lines[-1] == "2 meetings, 2 of them with something missing"


def test_a_period_is_narrowed_down(desk: Desk) -> None:
    """By time, meeting and enterprise; of no meeting nothing is missing."""
    found = {
        words: [one["meeting_id"] for one in desk.run("report", *words, "--json").json["meetings"]]
        for words in (
            ("--since", "2026-05-01T09:00:00Z"),
            ("--until", "2026-05-01T09:00:00Z"),
            ("--meeting", "900000001"),
            ("--enterprise", "other"),
        )
    }

    assert list(found.values()) == [["900000001"], ["900000002"], ["900000001"], []]
    assert desk.run("report", "--since", "2026-05-02").status == 0


def test_what_is_erased_is_said_so(desk: Desk) -> None:
    """Nothing is missing of it that anybody wants."""
    desk.run("erase", desk.occurrence, "--reference", "c-1")

    printed = desk.run("report", "--meeting", "900000001", "--json")

    (one,) = printed.json["meetings"]
    assert (printed.status, one["outcome"], one["completeness"]) == (0, "erased", None)


def test_what_is_damaged_is_said_so(desk: Desk) -> None:
    """One meeting whose manifest is gone holds up no other's report."""
    (path,) = desk.folder.rglob(f"{desk.occurrence}/001/manifest.json")
    path.unlink()

    printed = desk.run("report", "--json")

    assert printed.status == 1
    assert [one["outcome"] for one in printed.json["meetings"]] == ["kept", "damaged"]


@pytest.mark.parametrize(
    ("captions", "wanted"),
    [
        ("always", True),
        ("never", False),
        ("when-running", None),
        (("m-1",), True),
        (("*board*",), True),
        (("m-2",), False),
    ],
)
def test_which_captions_were_wanted(captions: object, wanted: bool | None) -> None:
    """As the settings of today have it."""
    assert wanted_by(Subscriber(captions=captions))("m-1", "the board meets") is wanted  # type: ignore[arg-type]  # each is one


def test_a_meeting_that_the_policy_left_out_is_said_so(desk: Desk) -> None:
    """With the rule that decided; nothing is missing of it."""
    said = MeetingLeft(
        at=MORNING, occurrence="f" * 32, enterprise="acme", meeting_id="900000009", rule="subject:*private*"
    )

    async def leave() -> None:
        async with archive_of(desk.folder) as archive:
            await archive.ledger.append([said])

    asyncio.run(leave())
    (one,) = desk.run("report", "--meeting", "900000009", "--json").json["meetings"]

    assert (one["outcome"], one["rule"], one["completeness"]) == ("left", "subject:*private*", None)
    assert "left" in desk.run("report").out


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (
            Finding(kind="unseen", since=MORNING, reason="gap", missed=3),
            "unseen  2026-05-01 09:30:00 to ?  gap  3 missed",
        ),
        (Finding(kind="unfinished", cues=[2, 7]), "unfinished  cues 2, 7"),
        (Finding(kind="loud_without_caption", speaker="Bo\x1bb"), "loud_without_caption  Bo␛b"),
        (Finding(kind="loud_without_caption", participant_id="p-1"), "loud_without_caption  p-1"),
        (Finding(kind="none_came"), "none_came"),
    ],
)
def test_each_finding_is_a_line(finding: Finding, words: str) -> None:
    """That no name in it can command the terminal by."""
    assert in_words(finding) == words
