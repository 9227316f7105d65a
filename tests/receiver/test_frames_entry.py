"""What one frame puts into the log: records of one id, in parts where large, set aside where not understood."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.entry import Entry
from receiver.entry_frames import enter_frame
from receiver.frames import Reply, frame_id, read_frame
from receiver.normalise.enterprise import MAX_ORIGINAL_BYTES
from receiver.normalise.meeting.parts import MAX_PART_BYTES
from receiver.normalise.set_aside import PART_BYTES
from schemas.events import PushSetAside, RosterReplaced, decode
from schemas.ids import LogId, Position
from schemas.record import Record
from schemas.topics import MAX_VALUE_BYTES
from tests.frames import framed

MEBIBYTE = 1_048_576


def bytes_of(action: str, **members: Any) -> bytes:
    """Return a frame's bytes."""
    return json.dumps({"action": action, "msgID": "m-1", **members}, ensure_ascii=False).encode()


def entered(body: bytes, *, mask: bool = False) -> Entry:
    """Return what a frame puts into the log."""
    frame = framed(body)
    read = read_frame(frame)
    assert not isinstance(read, Reply)
    return enter_frame(frame, read, partitions=12, mask=mask)


def on_the_wire(record: Record) -> int:
    """Return how large a record is for Kafka: key, value and headers."""
    headers = record.headers(LogId("0" * 32), Position(2**62))
    return len(record.key.encode()) + len(record.value) + sum(len(name) + len(value) for name, value in headers)


def parts_of(records: tuple[Record, ...]) -> list[PushSetAside]:
    """Return the parts of a frame that was set aside."""
    events = [decode(record.value) for record in records]
    parts = [event for event in events if isinstance(event, PushSetAside)]
    assert parts
    return parts


def joined(parts: list[PushSetAside]) -> bytes:
    """Return the frame that they are parts of."""
    assert [(part.part, part.parts) for part in parts] == [(n, len(parts)) for n in range(1, len(parts) + 1)]
    return b"".join(base64.b64decode(part.original_base64 or "") for part in parts)


def test_a_frame_that_tells_of_nothing_has_no_records() -> None:
    """An empty list of changes is understood, and nothing happened."""
    assert entered(bytes_of("ParticipantsNotify", msgMode=1, data=[])) == Entry((), None)


def test_a_large_roster_comes_in_parts() -> None:
    """Ten thousand people: no part above 256 KiB, all of one snapshot, nobody lost, all of one frame's id."""
    people = [{"pid": f"p-{n}", "mode": 0, "pinfoMap": {"NAME": f"成员 {n}", "MUTE": "1"}} for n in range(10_000)]
    body = bytes_of("ParticipantsNotify", msgMode=0, data=people)

    records = entered(body).records

    rosters = [event for record in records if isinstance(event := decode(record.value), RosterReplaced)]
    identity = records[0].id.partition("-")[0]
    assert [record.id for record in records] == [f"{identity}-{n}" for n in range(len(rosters))]
    assert len(rosters) > 10
    assert {(one.snapshot_id, one.parts) for one in rosters} == {(identity, len(rosters))}
    assert [one.part for one in rosters] == [*range(1, len(rosters) + 1)]
    assert [person.participant_id for one in rosters for person in one.people] == [f"p-{n}" for n in range(10_000)]
    assert max(len(record.value) for record in records) <= MAX_PART_BYTES


def test_a_large_caption_has_its_frame_beside_it() -> None:
    """Beyond 128 KiB the evidence stands in parts of its own, unchanged, words that look like keys among it."""
    text = '他说 "password": x。' * 8_000
    body = bytes_of("RealTimeSubtitleNotify", data={"msgs": [{"translateText": text}], "isFinal": True})

    entry = entered(body)

    caption, *parts = entry.records
    event = json.loads(caption.value)
    assert (entry.set_aside, event["type"], event["original"]) == (None, "CaptionSpoken", None)
    assert event["original_sha256"] == hashlib.sha256(body).hexdigest()
    assert {(part.reason, part.redacted) for part in parts_of(tuple(parts))} == {("too_large", False)}
    assert joined(parts_of(tuple(parts))) == body


def test_a_caption_of_just_128_kib_carries_its_frame() -> None:
    """The limit itself still fits."""
    empty = bytes_of("RealTimeSubtitleNotify", data={"msgs": [{"translateText": ""}]})
    body = empty.replace(b'""', b'"%s"' % (b"x" * (MAX_ORIGINAL_BYTES - len(empty))))

    (record,) = entered(body).records

    assert json.loads(record.value)["original"].encode() == body


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            bytes_of("ParticipantsNotify", msgMode=0, data=[{"pid": "p-1", "pinfoMap": {"NAME": "x" * 300_000}}]),
            id="one person who fills more than a part",
        ),
        pytest.param(bytes_of("ConfBasicInfoNotify", title="x" * 800_000, pwds="marker"), id="a subject"),
        pytest.param(
            bytes_of("RealTimeSubtitleNotify", data={"msgs": [{"translateText": "x" * 800_000}]}), id="a caption"
        ),
    ],
)
def test_what_fits_into_no_record_is_its_frame_in_parts_alone(body: bytes) -> None:
    """Rather in another place than not at all; and passwords go nowhere there, either."""
    entry = entered(body)

    parts = parts_of(entry.records)
    assert len(parts) == len(entry.records)
    assert entry.set_aside == "too_large"
    assert joined(parts) == body.replace(b' "marker"', b'"[removed]"')
    assert max(map(on_the_wire, entry.records)) < MEBIBYTE


def test_a_large_frame_that_nobody_understood_comes_in_parts() -> None:
    """Its meeting, its action and the place go along with each."""
    body = bytes_of("NetworkQualityNotify", data=["x" * 400_000])

    entry = entered(body)

    parts = parts_of(entry.records)
    assert {(part.meeting_id, part.event_name, part.where, part.reason) for part in parts} == {
        ("900487914", "NetworkQualityNotify", "$.action", "unknown_action")
    }
    assert (joined(parts), entry.set_aside, len(parts)) == (body, "unknown_action", len(body) // PART_BYTES + 1)


names = st.sampled_from(["data", "pid", "msgs", "mode", "msgMode", "NAME", "pinfoMap", "id ", "x"])
trees = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**30) | st.floats() | st.text(max_size=6) | st.just("1"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
ACTIONS = [
    "ConfBasicInfoNotify",
    "ConfDynamicInfoNotify",
    "CustomMultiPicNotify",
    "ParticipantsNotify",
    "AttendeesNotify",
    "WaitingListNotify",
    "SpeakerChangeNotify",
    "NetConditionNotify",
    "InviteResultNotify",
    "RealTimeSubtitleNotify",
    "InterpreterGroupNotify",
    "NetworkQualityNotify",
]
bodies = st.binary(max_size=64) | st.builds(
    lambda action, tree, ascii_only: json.dumps(
        {"action": action, **(tree if isinstance(tree, dict) else {"data": tree})}, ensure_ascii=ascii_only
    ).encode("utf-8", "surrogatepass"),
    st.sampled_from(ACTIONS),
    trees,
    st.booleans(),
)


@settings(max_examples=400)
@given(body=bodies, mask=st.booleans())
def test_any_frame_becomes_records_that_readers_can_read(*, body: bytes, mask: bool) -> None:
    """No exception leaves, every record decodes and fits, and what was set aside is the frame itself."""
    entry = entered(body, mask=mask)

    events = [decode(record.value) for record in entry.records]
    set_aside = [event for event in events if isinstance(event, PushSetAside)]
    assert entry.set_aside is None or events == set_aside != []
    assert all(
        event.redacted or (event.original or "").encode() == body or event.original_base64 for event in set_aside
    )
    assert all(len(record.value) <= MAX_VALUE_BYTES for record in entry.records)
    assert [record.id for record in entry.records] == [
        f"{frame_id(framed(body), read)}-{n}"
        for read in [read_frame(framed(body))]
        if not isinstance(read, Reply)
        for n in range(len(events))
    ]
