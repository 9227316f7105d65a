"""The spool: on disk before it is promised, cut as everybody cuts, and the same after whatever ended it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.captions.evidence.cut import Cut
from consumers.captions.evidence.line import leaf, left
from consumers.captions.evidence.piece import Entry
from consumers.captions.evidence.spool import Spool
from schemas.record import Record
from schemas.topics import CAPTIONS, STATE

from ...records import record, started

CUT = Cut(span_ms=1_000, most_bytes=600)


def entry(offset: int, time_ms: int = 0, *, topic: str = CAPTIONS, partition: int = 0, more: str = "") -> Entry:
    """Return a line at a place."""
    line = left(_record(topic, partition, time_ms), offset)
    return Entry(topic, partition, offset, time_ms, line + more.encode())


def _record(topic: str, partition: int, time_ms: int) -> Record:
    return msgspec.structs.replace(record(started()), topic=topic, partition=partition, received_ms=time_ms)


class Segment(NamedTuple):
    """What there is of a segment."""

    topic: str
    partition: int
    first: int
    last: int
    content: bytes


def closed(spool: Spool) -> list[Segment]:
    """Return the closed segments."""
    return [Segment(*piece.place, piece.first, piece.last, spool.content(piece)) for piece in spool.closed()]


def segment(*entries: Entry) -> Segment:
    """Return the segment of these lines."""
    first, last = entries[0], entries[-1]
    content = b"".join(one.line + b"\n" for one in entries)
    return Segment(first.topic, first.partition, first.offset, last.offset, content)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """An empty spool."""
    made = Spool(tmp_path, "cluster", CUT)
    yield made
    made.close()


def again(spool: Spool, folder: Path) -> Spool:
    """Return the spool as another process finds it after a crash."""
    spool.close()
    return Spool(folder, "cluster", CUT)


def test_a_segment_ends_with_its_window(spool: Spool) -> None:
    """And is held, until the store has it."""
    one, two, three = entry(5), entry(7, 900), entry(8, 1_000)

    spool.take([one, two, three])

    assert closed(spool) == [segment(one, two)]
    assert spool.held() == {(CAPTIONS, 0): 5}


def test_a_segment_ends_before_it_is_too_large(spool: Spool) -> None:
    """Each line has 80 bytes or so; a segment 600 at the most."""
    entries = [entry(offset) for offset in range(20)]

    spool.take(entries)

    assert {len(one.content) // len(entries[10].line) for one in closed(spool)} == {7}


def test_partitions_are_cut_apart(spool: Spool) -> None:
    """However they are mixed in a batch."""
    here, there, other = entry(1), entry(2, partition=1), entry(3, topic=STATE)
    late = [entry(4, 5_000), entry(5, 5_000, partition=1), entry(6, 5_000, topic=STATE)]

    spool.take([here, there, other, *late])

    assert closed(spool) == [segment(here), segment(there), segment(other)]


def test_what_nothing_comes_after_is_ended_by_its_partitions_clock(spool: Spool) -> None:
    """And not by another partition's, or by none."""
    spool.take([entry(1), entry(1, partition=1), entry(1, partition=2)])

    spool.end({0: 1_500, 1: 1_499}, 500)

    assert closed(spool) == [segment(entry(1))]


def test_what_comes_after_an_end_begins_a_segment(spool: Spool) -> None:
    """Though it be of the same window."""
    spool.take([entry(1)])
    spool.end({0: 5_000}, 0)

    spool.take([entry(2, 500), entry(3, 5_000)])

    assert closed(spool) == [segment(entry(1)), segment(entry(2, 500))]


def test_what_is_done_is_held_no_more(spool: Spool) -> None:
    """The next segment's begin is what the source may be told."""
    spool.take([entry(1), entry(2, 1_000), entry(3, 2_000)])

    spool.done(CAPTIONS, 0, 1)

    assert (closed(spool), spool.held()) == ([segment(entry(2, 1_000))], {(CAPTIONS, 0): 2})


def test_the_disk_is_given_back(tmp_path: Path) -> None:
    """A file of the journal goes with the last line in it that was needed."""
    spool = Spool(tmp_path, "cluster", CUT, file_bytes=10)
    for offset in range(10):
        spool.take([entry(offset, offset * 1_000)])
    full = len(list((tmp_path / "cluster").iterdir()))

    for offset in range(9):
        spool.done(CAPTIONS, 0, offset)

    assert (full, len(list((tmp_path / "cluster").iterdir()))) == (10, 1)
    assert spool.size == sum(path.stat().st_size for path in (tmp_path / "cluster").iterdir())
    spool.close()


def test_what_comes_again_is_skipped(spool: Spool) -> None:
    """After a rebalance the source begins anew at what was committed."""
    entries = [entry(offset, offset * 300) for offset in range(10)]
    spool.take(entries[:6])

    spool.take(entries[2:])

    assert closed(spool) == [segment(*entries[:4]), segment(*entries[4:7])]
    assert spool.conflicts == []


def test_what_comes_again_as_something_else_is_told(spool: Spool) -> None:
    """The first that was written stands."""
    spool.take([entry(1), entry(2)])

    spool.take([entry(1), entry(2, more=" ")])
    spool.end({0: 9_000}, 0)

    assert spool.conflicts == [(CAPTIONS, 0, 2)]
    assert closed(spool) == [segment(entry(1), entry(2))]


def test_a_source_that_goes_back_behind_all_gives_all_again(spool: Spool) -> None:
    """Then what was cut from the middle on is cut anew."""
    spool.take([entry(5, 500), entry(6, 600)])

    spool.take([entry(offset, offset * 100) for offset in range(3, 11)])

    assert closed(spool) == [segment(*(entry(offset, offset * 100) for offset in range(3, 10)))]


def test_what_the_store_has_already_is_skipped(spool: Spool) -> None:
    """Another writer had cut it later; what does not match is told."""
    spool.take([entry(2)])
    spool.end({0: 9_000}, 0)
    (piece,) = spool.closed()
    spool.know(piece, {4: leaf(entry(4).line), 6: leaf(entry(6).line)})
    spool.done(CAPTIONS, 0, 6)
    held = spool.held()

    spool.take([entry(4), entry(5), entry(6), entry(7)])
    spool.end({0: 9_000}, 0)

    assert closed(spool) == [segment(entry(7))]
    assert spool.conflicts == [(CAPTIONS, 0, 5)]
    # Until it is past that, a source must not begin amid the store's segment.
    assert (held, spool.held()) == ({(CAPTIONS, 0): 2}, {(CAPTIONS, 0): 7})


def test_what_the_store_has_of_a_segment_is_taken_from_it(spool: Spool, tmp_path: Path) -> None:
    """The rest stands by itself, after a crash too."""
    spool.take([entry(1), entry(2), entry(3)])
    spool.end({0: 9_000}, 0)

    spool.done(CAPTIONS, 0, 2)

    assert closed(spool) == [segment(entry(3))]
    assert spool.held() == {(CAPTIONS, 0): 3}


def test_a_partition_that_others_have_is_let_go(spool: Spool) -> None:
    """They read again what was not committed."""
    spool.take([entry(1), entry(1, partition=1)])

    spool.drop(CAPTIONS, 0)

    assert (spool.held(), spool.places()) == ({(CAPTIONS, 1): 1}, [(CAPTIONS, 1)])


def test_the_earliest_that_is_not_stored_is_known(spool: Spool) -> None:
    """A meeting is not closed before it."""
    spool.take([entry(1, 900), entry(2, 100), entry(3, 50, topic=STATE), entry(4, 1, partition=1)])

    assert (spool.first_ms(0), spool.first_ms(1), spool.first_ms(2)) == (50, 1, None)


def test_a_full_disk_is_told_and_nothing_half_written_goes_to_the_store(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened again it has what was promised, and no more."""
    spool.take([entry(1)])

    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse)
        with pytest.raises(OSError, match="No space left"):
            spool.take([entry(2), entry(3, 5_000)])

    assert closed(spool) == []


def test_after_a_crash_it_has_what_was_promised(spool: Spool, tmp_path: Path) -> None:
    """Cut as before, the ends by a clock too; what was done is done."""
    spool.take([entry(1), entry(2, 1_000), entry(3, partition=1)])
    spool.done(CAPTIONS, 0, 1)
    spool.end({1: 9_000}, 0)
    spool.take([entry(4, 100, partition=1), entry(5, 2_000)])

    found = again(spool, tmp_path)

    assert closed(found) == [segment(entry(2, 1_000)), segment(entry(3, partition=1))]
    assert found.held() == {(CAPTIONS, 0): 2, (CAPTIONS, 1): 3}
    found.close()


@pytest.mark.parametrize("torn", [b'{"topic":"meeting', b"\0\0\0\0\n\0\0", b"\xff\xff\n", b"#do"])
def test_what_a_crash_tore_is_cut_off(spool: Spool, tmp_path: Path, torn: bytes) -> None:
    """It was never promised; all before it is there, and the next batch follows."""
    spool.take([entry(1)])
    spool.close()
    (file,) = (tmp_path / "cluster").iterdir()
    with file.open("ab") as handle:
        handle.write(torn)

    found = Spool(tmp_path, "cluster", CUT)
    found.take([entry(2)])
    found.end({0: 9_000}, 0)

    assert closed(found) == [segment(entry(1), entry(2))]
    found.close()
    last = again(found, tmp_path)
    assert closed(last) == [segment(entry(1), entry(2))]
    last.close()


def test_what_a_damaged_file_lacks_is_taken_when_it_comes_again(tmp_path: Path) -> None:
    """Amid what later files have: a bit of an older file that turned is no ground to leave out what followed it."""
    entries = [entry(offset) for offset in range(1, 8)]
    for part in (entries[:4], entries[4:6]):
        spool = Spool(tmp_path, "cluster-1", Cut(span_ms=1_000, most_bytes=10_000))
        spool.take(part)
        spool.close()
    damaged = tmp_path / "cluster-1" / "000000000001"
    damaged.write_bytes(damaged.read_bytes().replace(b'"offset":2', b'"offset":\0'))

    spool = Spool(tmp_path, "cluster-1", Cut(span_ms=1_000, most_bytes=10_000))
    held = dict(spool.held())
    spool.take(entries)
    spool.take([entry(8, 5_000)])
    found, conflicts = closed(spool), spool.conflicted()
    spool.close()

    again = Spool(tmp_path, "cluster-1", Cut(span_ms=1_000, most_bytes=10_000))
    assert (held, found, conflicts) == ({}, [segment(*entries)], [])
    assert closed(again) == found
    again.close()


def test_a_line_that_rotted_loses_nothing_that_the_source_gives_again(tmp_path: Path) -> None:
    """What came after it goes, in later files too; nothing is skipped as known that is not there."""
    spool = Spool(tmp_path, "cluster", CUT, file_bytes=1)
    for offset in range(6):
        spool.take([entry(offset)])
    spool.close()
    second = sorted((tmp_path / "cluster").iterdir())[1]
    second.write_bytes(b"\0" + second.read_bytes()[1:])

    found = Spool(tmp_path, "cluster", CUT)
    held = found.held()
    found.take([entry(offset) for offset in range(6)])
    found.end({0: 9_000}, 0)

    assert (held, found.conflicts) == ({(CAPTIONS, 0): 0}, [])
    assert closed(found) == [segment(*(entry(offset) for offset in range(6)))]
    found.close()


@settings(max_examples=40, deadline=None)
@given(which=st.integers(0, 3), at=st.integers(0, 100_000), bit=st.integers(0, 7))
def test_whatever_bit_rots_no_line_is_another(
    tmp_path_factory: pytest.TempPathFactory, which: int, at: int, bit: int
) -> None:
    """What is there is what was written, up to where it is not; that is said, and the source gives the rest again."""
    folder = tmp_path_factory.mktemp("spool")
    cut = Cut(span_ms=1_000, most_bytes=10_000)
    spool = Spool(folder, "cluster", cut, file_bytes=200)
    for offset in range(8):
        spool.take([entry(offset)])
    spool.close()
    files = sorted((folder / "cluster").iterdir())
    file = files[which % len(files)]
    content = bytearray(file.read_bytes())
    content[at % len(content)] ^= 1 << bit
    file.write_bytes(content)

    found = Spool(folder, "cluster", cut)
    before = [one for piece in found.pieces() for one in found.content(piece).splitlines()]
    damaged = list(found.damaged)
    found.take([entry(offset) for offset in range(8)])
    found.end({0: 9_000}, 0)

    assert len(files) > 2
    assert before == [entry(offset).line for offset in range(len(before))]
    assert damaged == [file.name] or len(before) in (7, 8)
    assert (closed(found), found.conflicts) == ([segment(*(entry(offset) for offset in range(8)))], [])
    found.close()


def test_what_rots_while_it_waits_is_not_stored(spool: Spool, tmp_path: Path) -> None:
    """It is read once more before it goes to the store: begun again, the spool has it from the source."""
    spool.take([entry(1), entry(2)])
    spool.end({0: 9_000}, 0)
    (file,) = (tmp_path / "cluster").iterdir()
    file.write_bytes(file.read_bytes().replace(b'"offset":2', b'"offset":3'))

    with pytest.raises(OSError, match="not what was written"):
        closed(spool)

    found = again(spool, tmp_path)
    assert (closed(found), found.damaged) == ([], [file.name])
    found.close()


def test_a_spool_of_before_there_were_checksums_is_read(tmp_path: Path) -> None:
    """Its files are taken as they are; what is written from now on has them."""
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / f"{1:012d}").write_bytes(entry(1).line + b"\n" + entry(2).line + b"\n")

    found = Spool(tmp_path, "cluster", CUT)
    found.take([entry(3)])
    found.end({0: 9_000}, 0)

    assert (closed(found), found.damaged) == ([segment(entry(1), entry(2), entry(3))], [])
    found.close()


def test_what_the_spool_lacks_between_its_lines_is_taken(spool: Spool) -> None:
    """Each partition is given in order, so what lies behind the hole comes again: nothing is left out for it."""
    entries = [entry(offset) for offset in range(1, 6)]
    spool.take([*entries[:2], entries[4]])
    spool.take(entries)
    spool.take([entry(6, 5_000)])

    assert (closed(spool), spool.conflicted()) == ([segment(*entries)], [])


def test_a_mark_that_none_of_ours_wrote_is_passed_over(spool: Spool, tmp_path: Path) -> None:
    """A later version may have others."""
    spool.take([entry(1)])
    (file,) = (tmp_path / "cluster").iterdir()
    with file.open("ab") as handle:
        handle.write(b"#moon full\n")

    found = again(spool, tmp_path)

    assert found.held() == {(CAPTIONS, 0): 1}
    found.close()


STREAMS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4_000)), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(STREAMS, st.lists(st.integers(0, 40), max_size=6), st.integers(1, 400))
def test_however_it_is_read_the_segments_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, stream: list[tuple[int, int]], stops: list[int], file_bytes: int
) -> None:
    """In one go, or in parts with crashes between them and some of it once more."""
    entries = [entry(offset, time_ms, partition=partition) for offset, (partition, time_ms) in enumerate(stream)]
    whole = Spool(tmp_path_factory.mktemp("whole"), "cluster", CUT)
    whole.take(entries)

    folder = tmp_path_factory.mktemp("parts")
    for start, stop in pairwise(sorted({0, *stops, len(entries)})):
        parts = Spool(folder, "cluster", CUT, file_bytes=file_bytes)
        parts.take(entries[max(0, start - 3) : stop])
        parts.close()
    parts = Spool(folder, "cluster", CUT)

    assert (closed(parts), parts.held(), parts.conflicts) == (closed(whole), whole.held(), [])
    whole.close()
    parts.close()
