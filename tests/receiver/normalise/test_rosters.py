"""Whatever was lost, repeated or disordered before it: after a full frame a reader knows what that frame says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.frames import Push, read_frame
from receiver.normalise.meeting import events_of
from receiver.normalise.meeting.parts import MAX_PART_BYTES, parted
from schemas.events import AnyEvent, ParticipantsEvent, Person, RosterReplaced, encode
from tests.frames import RECEIVED_AT, framed

from .rosters import Fold

ACTIONS = ["ParticipantsNotify", "WaitingListNotify", "AttendeesNotify"]


def events(action: str, mode: int, number: int, items: list[dict[str, Any]]) -> list[AnyEvent]:
    """Return the events of one frame."""
    members = {"action": action, "msgID": f"m-{number}", "msgMode": mode, "version": number, "data": items}
    frame = framed(json.dumps(members).encode())
    read = read_frame(frame)
    assert isinstance(read, Push)
    return events_of(frame, read, mask=False)


def item(action: str, person: int, told: dict[str, str], gone: int) -> dict[str, Any]:
    """Return an item of a frame, in the shape of its action."""
    if action == "AttendeesNotify":
        return {"phone": f"+{person}", "mode": gone, **{name.lower(): text for name, text in told.items()}}
    return {"pid": f"p-{person}", "mode": gone, "pinfoMap": told}


told = st.dictionaries(st.sampled_from(["NAME", "ROLE", "MUTE"]), st.sampled_from(["0", "1"]), max_size=3)
people = st.lists(st.tuples(st.integers(0, 4), told, st.integers(0, 1)), max_size=5, unique_by=lambda one: one[0])
frames = st.lists(st.tuples(st.integers(0, 1), people), max_size=8)


@settings(max_examples=200)
@given(st.data(), st.sampled_from(ACTIONS), frames, people)
def test_a_full_frame_heals_whatever_went_before(
    data: st.DataObject, action: str, sent: list[tuple[int, Any]], last: Any
) -> None:
    """Frames are lost, repeated and disordered; then one full frame comes, and all is as if it were the first."""
    made = [
        events(action, mode, number, [item(action, *one) for one in items]) for number, (mode, items) in enumerate(sent)
    ]
    came = data.draw(st.lists(st.sampled_from(made), max_size=16)) if made else []
    full = events(action, 0, 999, [item(action, *one) for one in last])
    disturbed, calm = Fold(), Fold()

    for frame in (*came, full):
        disturbed.take(frame)
    calm.take(full)

    assert disturbed.people == calm.people
    assert len(calm.people) == sum(gone == 0 for _, _, gone in last)


def test_changes_are_folded_over_a_full_frame() -> None:
    """What a change does not say stays; who is gone is gone."""
    fold = Fold()

    fold.take(events("ParticipantsNotify", 0, 1, [item("", n, {"NAME": f"User {n}", "MUTE": "0"}, 0) for n in (1, 2)]))
    fold.take(events("ParticipantsNotify", 1, 2, [item("", 1, {"MUTE": "1"}, 0), item("", 2, {}, 1)]))

    assert fold.people == {"p-1": {"participant_id": "p-1", "name": "User 1", "muted": True}}


def roster(names: list[str]) -> RosterReplaced:
    """Return a roster that is not in parts yet."""
    return RosterReplaced(
        enterprise="acme",
        meeting_id="m-1",
        meeting_uuid=None,
        occurred_at=RECEIVED_AT,
        received_at=RECEIVED_AT,
        message_id=None,
        roster="participants",
        snapshot_id="s-1",
        part=1,
        parts=1,
        people=[Person(participant_id=str(number), name=name) for number, name in enumerate(names)],
    )


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [
        pytest.param([], 1, id="nobody"),
        pytest.param([1] * 400, 1, id="all in one"),
        pytest.param([130_000, 130_000], 1, id="just in one"),
        pytest.param([131_000, 131_000], 2, id="just not in one"),
        pytest.param([200_000] * 4, 4, id="one in each"),
    ],
)
def test_a_roster_is_parted_by_size(sizes: list[int], parts: int) -> None:
    """In order, as few as it takes, each of them whole in itself."""
    whole = roster(["x" * size for size in sizes])

    found = parted(whole)

    assert [(one.part, one.parts) for one in found] == [(number, parts) for number in range(1, parts + 1)]
    assert [person for one in found for person in one.people] == whole.people
    assert max(len(encode(one)) for one in found) <= MAX_PART_BYTES


def test_a_person_larger_than_a_part_stays_whole() -> None:
    """What becomes of such a part is decided where it becomes a record."""
    found: list[ParticipantsEvent] = [*parted(roster(["a", "x" * 300_000, "b"]))]

    assert [len(one.people) for one in found if isinstance(one, RosterReplaced)] == [1, 1, 1]
