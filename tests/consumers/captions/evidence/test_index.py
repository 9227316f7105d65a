"""The index beside a segment: whose lines there are, and no words."""

from __future__ import annotations

import msgspec
import pytest

from consumers.captions.errors import Altered
from consumers.captions.evidence import reading
from consumers.captions.evidence.index import Index, Sign, Whose, decode_index, encode_index, runs
from consumers.captions.evidence.indexing import index_of, seals_of
from consumers.captions.evidence.line import encoded, leaf, left
from consumers.captions.proof.merkle import root
from schemas.archive import index_key
from schemas.archive.lines import ErasedLine, SealedLine
from schemas.events import Event, MeetingEnded, SubscriptionChanged
from schemas.ids import Position
from schemas.record import Record, Stored
from schemas.topics import STATE

from ...records import LOG, NOON, record, started
from ..life.building import alive

SALT = "00" * 16


def line(offset: int, event: Event, **options: object) -> bytes:
    """Return an open line."""
    one: Record = msgspec.structs.replace(record(event), received_ms=offset * 1_000, **options)
    return encoded(Stored(LOG, Position(offset), one), offset, SALT)


def subscription(change: str, reason: str | None = None) -> SubscriptionChanged:
    """Return what became of a subscription."""
    return SubscriptionChanged(
        enterprise="acme",
        meeting_id="m-1",
        meeting_uuid=None,
        occurred_at=NOON,
        change=change,
        reason=reason,
        epoch=1,
        receiver=LOG,
        unseen_since=None,
        push_type=None,
        first_missed=None,
        last_missed=None,
        missed=None,
    )


def ended() -> MeetingEnded:
    """Return a meeting's end."""
    return msgspec.convert(msgspec.to_builtins(started()) | {"type": "MeetingEnded"}, MeetingEnded)


LINES = [
    line(1, started()),
    line(2, subscription("opened"), topic=STATE),
    line(3, alive()[0].event, key=LOG, enterprise=""),
    line(4, started("m-2"), key="m-2"),
    line(5, subscription("lost", "socket_closed"), topic=STATE),
    line(6, subscription("closed", "meeting_over"), topic=STATE),
    line(7, ended()),
    left(record(started()), 8),
    msgspec.json.encode(ErasedLine(topic="t", partition=0, offset=9, time_ms=9_000, leaf="ab" * 32)),
]


def test_an_index_says_whose_every_line_is() -> None:
    """What was erased or left out is nobody's; what begins and ends a meeting is named."""
    leaves = [leaf(one) for one in LINES]
    found = index_of("evidence/a.jsonl", LINES, None)

    assert found.leaf_list() == leaves
    assert found == Index(
        segment="evidence/a.jsonl",
        records=9,
        root=root(leaves).hex(),
        leaves=found.leaves,
        first_ms=1_000,
        last_ms=max(9_000, int(NOON.timestamp() * 1_000)),
        last_offset=9,
        alive=[(2, 1)],
        meetings=[
            Whose(
                enterprise="acme",
                meeting_id="m-1",
                lines=[(0, 2), (4, 3)],
                first_ms=1_000,
                last_ms=7_000,
                signs=[
                    Sign(line=0, type="MeetingStarted", time_ms=1_000),
                    Sign(line=1, type="opened", time_ms=2_000),
                    Sign(line=5, type="over", time_ms=6_000),
                    Sign(line=6, type="MeetingEnded", time_ms=7_000),
                ],
            ),
            Whose(
                enterprise="acme",
                meeting_id="m-2",
                lines=[(3, 1)],
                first_ms=4_000,
                last_ms=4_000,
                signs=[Sign(line=3, type="MeetingStarted", time_ms=4_000)],
            ),
        ],
    )


def test_an_index_comes_back() -> None:
    """As it was."""
    found = index_of("evidence/a.jsonl", LINES, None)

    assert decode_index(encode_index(found)) == found


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff"])
def test_what_is_no_index_is_altered(content: bytes) -> None:
    """It is derived, and can be made anew."""
    with pytest.raises(Altered, match="an index cannot be read"):
        decode_index(content)


@pytest.mark.parametrize("leaves", ["?", "AAAA"], ids=["no base64", "too short"])
def test_an_index_without_its_leaves_is_altered(leaves: str) -> None:
    """There is one for each line."""
    found = msgspec.structs.replace(index_of("evidence/a.jsonl", LINES, None), leaves=leaves)

    with pytest.raises(Altered, match="has not 9 leaves"):
        found.leaf_list()


def test_line_numbers_are_told_in_runs() -> None:
    """First and how many."""
    assert runs([0, 1, 2, 5, 7, 8]) == [(0, 3), (5, 1), (7, 2)]
    assert runs([]) == []


def test_the_keys_that_open_a_segment_are_found() -> None:
    """Each once."""
    sealed = [
        msgspec.json.encode(SealedLine(topic="t", partition=0, offset=at, time_ms=0, seal=seal, sealed=""))
        for at, seal in enumerate("aab")
    ]

    assert seals_of([*LINES, *sealed]) == {"a", "b"}


def test_a_segment_is_split_into_its_lines() -> None:
    """A torn one is altered: nothing is ever put torn."""
    assert reading.split(b"a\nb\n", "s") == [b"a", b"b"]
    with pytest.raises(Altered, match="s: the last line is torn"):
        reading.split(b"a\nb", "s")


def test_an_index_lies_beside_its_segment() -> None:
    """Under the same name."""
    assert index_key("evidence/c/t/00000/00001.jsonl") == "evidence/c/t/00000/00001.index"
