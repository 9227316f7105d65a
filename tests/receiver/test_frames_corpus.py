"""Every frame of the corpus becomes just what its events.json says."""

from __future__ import annotations

import pytest

from schemas.push.answers import ANSWERS
from schemas.push.meeting import PUSHES
from tests.frames import CASES, FRAMES, made, told


@pytest.mark.parametrize("case", CASES)
def test_a_frame_becomes_its_events(case: str) -> None:
    """What is read, and the records: topic, partition, key, id, trace, epoch and the whole event."""
    assert made(case) == told(case)


def test_the_corpus_has_every_push_and_every_answer() -> None:
    """None is forgotten; those that can be incremental are there in both modes, and each case is whole."""
    read = [told(case)["read"] for case in CASES]
    understood = {(one["action"], one["mode"]) for one in read if one["kind"] == "Push"}
    both = ("ParticipantsNotify", "AttendeesNotify", "WaitingListNotify", "NetConditionNotify", "InviteResultNotify")

    assert {action for action, _ in understood} == set(PUSHES)
    assert understood >= {(action, mode) for action in both for mode in ("full", "incremental")}
    assert {one["action"] for one in read if one["kind"] == "Reply"} == ANSWERS
    assert {one["reason"] for one in read if one["kind"] == "UnreadableFrame"} == {"unknown_action", "changed_frame"}
    assert {path.name for case in CASES for path in (FRAMES / case).iterdir()} == {"frame.json", "events.json"}


def test_no_secret_of_the_corpus_comes_out() -> None:
    """Where a frame holds the word `marker` in the place of a password, a token or a link, no record has it."""
    spoken = {"caption-of-a-key-word"}
    held = [case for case in CASES if b"marker" in (FRAMES / case / "frame.json").read_bytes() and case not in spoken]
    records = {case: str(told(case).get("records")) for case in held}

    assert len(held) > 8
    assert [case for case, text in records.items() if "marker" in text] == []
