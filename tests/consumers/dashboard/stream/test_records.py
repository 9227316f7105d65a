"""The stream of records: encoded once, joined once for all who want the same, resumed from any cursor."""

from __future__ import annotations

import msgspec

from consumers.dashboard.stream import sse
from consumers.dashboard.stream.channel import MOST_BYTES, PORTION_BYTES
from consumers.dashboard.stream.cursor import read
from consumers.dashboard.stream.records import RecordStream, Resumed
from consumers.dashboard.stream.wanted import Wanted
from schemas.api.stream import CloudEvent
from schemas.ids import LogId, Position
from schemas.record import Stored
from schemas.topics import CAPTIONS, LIFECYCLE, TopicName
from tests.consumers.records import NOON, record, started

LOG = LogId("1" * 32)
BOTH = frozenset({LIFECYCLE, CAPTIONS})
ALL = Wanted(frozenset({LIFECYCLE}))


def stored(
    position: int, *, topic: TopicName = LIFECYCLE, partition: int = 0, key: str = "m-1", offset: int | None = None
) -> Stored:
    """Return a record with its place."""
    return Stored(LOG, Position(position), record(started(key), key=key, topic=topic, partition=partition), offset)


def stream(*, is_dense: bool = False, recent_bytes: int = 1_000_000) -> RecordStream:
    """Return one that has begun."""
    made = RecordStream(is_dense=is_dense, recent_bytes=recent_bytes)
    made.cluster = "c"
    return made


def caught_up(made: RecordStream, resumed: Resumed) -> tuple[int, int]:
    """Return how many records one who came back is given, and how many he missed while he took them."""
    got = missed = 0
    while (taken := made.catch_up(resumed)) is not None:
        got += b"".join(taken.content).count(b'data: {"specversion"')
        missed += taken.missed
    return got, missed


def test_a_record_is_a_cloud_event() -> None:
    """Every member of it, and the event as the topic has it."""
    one = stored(7)

    line = sse.record(one)

    assert line.startswith(b"data: ")
    assert line.endswith(b"\n\n")
    event = msgspec.json.decode(line[6:], type=CloudEvent)
    assert event == CloudEvent(
        specversion="1.0",
        id=one.record.id,
        source="urn:meetwire:acme",
        type="meetwire.MeetingStarted.v1",
        time=NOON,
        subject="m-1",
        datacontenttype="application/json",
        topic=LIFECYCLE,
        partition=0,
        epoch=None,
        data=msgspec.Raw(one.record.value),
    )


def test_a_strangers_line_breaks_do_not_end_an_event() -> None:
    """Between members they mean nothing; an empty value is null."""
    broken = record(started(), value=b'{\n"type":\r\n"X"}')
    empty = record(started(), value=b"")

    lines = [sse.record(Stored(LOG, Position(1), one)) for one in (broken, empty)]

    assert [line.count(b"\n") for line in lines] == [2, 2]
    assert [msgspec.json.decode(line[6:])["data"] for line in lines] == [{"type": "X"}, None]


def test_those_who_want_the_same_share_it() -> None:
    """And those who want other things get these alone."""
    made = stream()
    one, other = made.join(ALL), made.join(ALL)
    narrow = made.join(Wanted(BOTH, frozenset({"m-2"}), frozenset({"acme"})))
    foreign = made.join(Wanted(BOTH, None, frozenset({"other"})))

    made.put([stored(1), stored(2, key="m-2")], BOTH)

    assert one is other
    (content,) = one.since(0).content
    assert (content.count(b"data: "), content.count(b"id: ")) == (2, 1)
    assert [len(channel.since(0).content) for channel in (narrow, foreign)] == [1, 0]


def test_what_nobody_reads_is_let_go_of() -> None:
    """With its last reader."""
    made = stream()
    made.join(ALL)
    made.join(ALL)
    made.leave(ALL)
    made.put([stored(1)], BOTH)
    made.leave(ALL)

    assert made.join(ALL).since(0).content == []


def test_a_reader_goes_on_where_it_was() -> None:
    """With all that is wanted and came since, on the local log and on Kafka."""
    for is_dense in (False, True):
        made = stream(is_dense=is_dense)
        made.put([stored(1, offset=1), stored(2, partition=1, offset=1)], BOTH)
        cluster, places = read(made.cursor)
        made.put([stored(3, partition=1, offset=2), stored(4, topic=CAPTIONS, offset=1)], BOTH)

        resumed = made.resume(ALL, cluster, places)

        assert (caught_up(made, resumed), resumed.missed) == ((1, 0), 0)


def test_a_reader_that_was_away_for_too_long_learns_it() -> None:
    """How many at most it missed; of another log or cluster nobody can tell."""
    for is_dense, missed in ((True, 3), (False, 3)):
        made = stream(is_dense=is_dense, recent_bytes=1)
        made.put([stored(1, offset=1)], BOTH)
        cluster, places = read(made.cursor)
        made.put([stored(number, offset=number) for number in range(2, 6)], BOTH)

        resumed, foreign = made.resume(ALL, cluster, places), made.resume(ALL, "another", places)

        assert (caught_up(made, resumed), resumed.missed) == ((1, 0), missed)
        assert (made.catch_up(foreign), foreign.missed) == (None, None)


def test_a_restart_is_told_to_one_whose_place_is_before_it() -> None:
    """Where a partition, or on the local log a topic, is read from is known before anything comes of it."""
    for is_dense, places in ((True, {(CAPTIONS, 0): 6, (CAPTIONS, 1): 0}), (False, {("", 0): 6})):
        before, after = stream(is_dense=is_dense), stream(is_dense=is_dense)
        before.put([stored(1, offset=1, topic=CAPTIONS)], {CAPTIONS})
        cursor = read(before.cursor)
        before.put([stored(number, offset=number, topic=CAPTIONS) for number in range(2, 6)], {CAPTIONS})

        after.begin(places, {CAPTIONS})
        fresh = after.resume(Wanted(BOTH), *read(after.cursor))
        after.put([stored(7, partition=1, offset=0)], {LIFECYCLE})
        resumed = after.resume(Wanted(BOTH), *cursor)

        assert (caught_up(after, resumed), resumed.missed) == ((1, 0), 4)
        assert (caught_up(after, fresh), fresh.missed) == ((1, 0), 0)


def test_one_who_comes_back_is_given_a_portion_at_a_time() -> None:
    """Each with a cursor, from which he goes on where he is cut off; all of it once, and nothing of others'."""
    topics: tuple[TopicName, TopicName] = (CAPTIONS, LIFECYCLE)
    for is_dense in (False, True):
        made = stream(is_dense=is_dense, recent_bytes=100 * PORTION_BYTES)
        made.put([stored(1, offset=1)], BOTH)
        cluster, places = read(made.cursor)
        count = 3 * PORTION_BYTES // len(sse.record(stored(1)))
        for number in range(2, count + 2):
            topic = topics[number % 2]
            made.put([stored(number, topic=topic, partition=number % 3, key=f"m-{number}", offset=number)], BOTH)

        got: list[bytes] = []
        while (taken := made.catch_up(made.resume(Wanted(BOTH), cluster, places))) is not None and taken.content:
            *content, placed = taken.content
            assert sum(map(len, content)) < 2 * PORTION_BYTES
            got += content
            cluster, places = read(placed.removeprefix(b"id: ").strip().decode())

        assert len(got) == len(set(got)) == count


def test_who_catches_up_too_slowly_learns_what_is_gone_meanwhile() -> None:
    """What is kept for him is what is kept for all: no more."""
    made = stream(is_dense=True, recent_bytes=1)
    made.put([stored(1, offset=1)], BOTH)
    cluster, places = read(made.cursor)
    made.put([stored(2, offset=2)], BOTH)
    resumed = made.resume(ALL, cluster, places)
    made.put([stored(number, offset=number) for number in range(3, 6)], BOTH)

    assert (resumed.missed, caught_up(made, resumed)) == (0, (1, 3))
    assert repr(resumed) == "<Resumed 5>"


def test_a_thousand_who_want_different_things_share_what_is_kept() -> None:
    """The more they are, the less is kept for those of them who are slow."""
    made = stream()
    channels = [made.join(Wanted(BOTH, frozenset({f"m-{number}"}))) for number in range(2_000)]
    few = stream()
    one = few.join(ALL)

    made.put([stored(1)], BOTH)
    few.put([stored(1)], BOTH)

    assert {channel.most_bytes for channel in channels} == {65_536}
    assert one.most_bytes == MOST_BYTES


def test_what_came_of_no_topic_at_all_is_nothing() -> None:
    """A batch without records puts nothing, and the cursor stays."""
    made = stream()
    before = made.cursor

    made.put([], BOTH)

    assert made.cursor == before


def test_the_end_wakes_the_readers() -> None:
    """And those who wait for it to begin."""
    made = stream()
    made.join(ALL)

    made.wake()

    assert made.is_ready.is_set()
