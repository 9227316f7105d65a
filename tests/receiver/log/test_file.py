"""The log's file: positions, what stands together, what stands there already, and who may open it. No event loop."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from receiver.entry import Entry, Mark, SeenId
from receiver.errors import LogUnavailable
from receiver.log import Appended, Chunk, LogFile, LogInUse, LogMismatch, LogReader
from receiver.log.fresh import Committed
from schemas.ids import Position
from schemas.locallog import FILE_NAME, FORM

from .entries import AT_MS, PARTITIONS, entry, nameless

NOW_MS = AT_MS + 1_000


def opened(folder: Path, *, partitions: int = PARTITIONS) -> LogFile:
    """Return the log in `folder`."""
    return LogFile(folder, partitions=partitions, min_free_bytes=0)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[LogFile]:
    """A new log."""
    with closing(opened(tmp_path / "log")) as file:
        yield file


def everything(folder: Path) -> Chunk | None:
    """Return all that is in the log, as another process would read it."""
    with closing(LogReader(folder)) as reader:
        return reader.read(Position(1), 10**6)


def chunk(first: int, *entries: Entry) -> Chunk:
    """Return the records of `entries`, one after the other from `first` on."""
    return Chunk(Position(first), [record for one in entries for record in one.records])


def new(*positions: int) -> list[Appended]:
    """Return what is answered for entries that were not there before."""
    return [Appended(Position(position), repeated=False) for position in positions]


def test_positions_begin_with_one_and_follow_each_other(file: LogFile) -> None:
    """A record's position is one more than that of the record before, over entries and commits."""
    first = file.write([entry(1, records=2), entry(2)], NOW_MS)
    second = file.write([entry(3, records=3)], NOW_MS)

    assert first == Committed(new(2, 3), Chunk(Position(1), [*entry(1, records=2).records, *entry(2).records]))
    assert second == Committed(new(6), Chunk(Position(4), list(entry(3, records=3).records)))
    assert file.next == 7


def test_what_was_written_is_read_back(file: LogFile) -> None:
    """Every field of every record comes back, in order."""
    file.write([entry(1, records=2), entry(2)], NOW_MS)
    file.write([entry(3)], NOW_MS)

    assert everything(file.folder) == chunk(1, entry(1, records=2), entry(2), entry(3))


def test_it_tells_when_it_was_last_written_to(tmp_path: Path) -> None:
    """By its newest row, after a restart too; a log that is empty, or in which a note alone was written, tells none."""
    with closing(opened(tmp_path)) as file:
        empty = file.last_written()
        file.write([Entry((), None, marks=(Mark("a", b"1"),))], NOW_MS)
        noted = file.last_written()
        file.write([entry(1, records=2)], NOW_MS + 1)
        file.write([entry(2)], NOW_MS + 2)
    with closing(opened(tmp_path)) as file:
        written = file.last_written()

    assert (empty, noted, written) == (None, None, NOW_MS + 2)


@pytest.mark.parametrize(
    ("again", "stands"),
    [
        pytest.param([entry(1, records=2)], [Appended(Position(2), repeated=True)], id="alone"),
        pytest.param(
            [entry(9), entry(1, records=2), entry(8)],
            [*new(4), Appended(Position(2), repeated=True), *new(5)],
            id="between new ones",
        ),
        pytest.param(
            [entry(9), entry(9), entry(9)],
            [*new(4), Appended(Position(4), repeated=True), Appended(Position(4), repeated=True)],
            id="within its own commit",
        ),
        pytest.param(
            [entry(1, records=2, received_ms=AT_MS + 86_400_000)],
            [Appended(Position(2), repeated=True)],
            id="received a day later",
        ),
        pytest.param([entry(2), entry(1)], [Appended(Position(p), repeated=True) for p in (3, 2)], id="nothing new"),
    ],
)
def test_what_stands_there_is_not_appended_again(
    file: LogFile, again: Sequence[Entry], stands: Sequence[Appended]
) -> None:
    """A repeat is answered with the position of the record that stands there; the new ones beside it are appended."""
    file.write([entry(1, records=2), entry(2)], NOW_MS)

    committed = file.write(again, NOW_MS)

    assert committed.appended == stands
    fresh = [one for one, how in zip(again, stands, strict=True) if not how.repeated]
    assert everything(file.folder) == chunk(1, entry(1, records=2), entry(2), *fresh)


def test_what_stands_there_is_known_after_a_restart(tmp_path: Path) -> None:
    """The ids are on disk with the records."""
    with closing(opened(tmp_path)) as file:
        file.write([entry(1, records=2)], NOW_MS)
    with closing(opened(tmp_path)) as file:
        committed = file.write([entry(1, records=2)], NOW_MS)

        assert committed == Committed([Appended(Position(2), repeated=True)], Chunk(Position(3), []))


def test_ids_outlive_their_records(file: LogFile) -> None:
    """What was pruned, since Kafka has it, is a repeat nevertheless."""
    file.write([entry(1)], NOW_MS)
    file.write([entry(2)], NOW_MS)
    assert file.prune(file.next, rows=10) == 1

    assert file.write([entry(1)], NOW_MS).appended == [Appended(Position(1), repeated=True)]


def test_an_entry_without_an_id_is_always_new(file: LogFile) -> None:
    """Only an id makes a repeat."""
    committed = file.write([nameless(1), nameless(1)], NOW_MS)

    assert committed.appended == new(1, 2)


def test_positions_are_not_given_twice_after_everything_was_pruned(tmp_path: Path) -> None:
    """The newest row stays, so that a log that was read to its end and opened again goes on where it was."""
    with closing(opened(tmp_path)) as file:
        for number in range(5):
            file.write([entry(number, records=2)], NOW_MS)
        assert file.prune(file.next, rows=100) == 4
        log = file.id
    with closing(opened(tmp_path)) as file:
        committed = file.write([entry(9)], NOW_MS)

        assert (file.id, committed.appended) == (log, new(11))


def test_a_row_is_pruned_when_all_of_it_may_go(file: LogFile) -> None:
    """A row goes whole, once its last record may go, at most so many in one step."""
    for number in range(4):
        file.write([entry(number, records=3)], NOW_MS)

    gone = [file.prune(Position(9), rows=1), file.prune(Position(9), rows=10), file.prune(Position(9), rows=10)]

    assert gone == [1, 1, 0]
    assert everything(file.folder) == chunk(7, entry(2, records=3), entry(3, records=3))


def test_an_id_is_forgotten_by_age_alone(file: LogFile) -> None:
    """An id goes when both its push and our sight of it are old; what is younger in either stays."""
    file.write([entry(1, at_ms=100), entry(2, at_ms=300)], now_ms=1_000)
    file.write([entry(3, at_ms=100)], now_ms=2_000)

    assert file.prune_seen(0, 200, seen_before_ms=1_500) == 1

    committed = file.write([entry(1, at_ms=100), entry(2, at_ms=300), entry(3, at_ms=100)], now_ms=2_500)
    assert committed.appended == [*new(4), *(Appended(Position(p), repeated=True) for p in (2, 3))]


def test_ids_are_forgotten_in_steps(file: LogFile) -> None:
    """A step covers about as many ids as it is asked for, and the steps together cover all of the span."""
    file.write([entry(number, at_ms=number // 2) for number in range(20)], NOW_MS)

    steps = [0]
    while steps[-1] < 10**6:
        steps.append(file.seen_step(steps[-1], 10**6, 4))

    assert steps == [0, 3, 6, 9, 10**6]


def test_the_log_tells_its_age_and_its_size(file: LogFile) -> None:
    """What retention asks for: the oldest row, where an instant lies, what is used and what is free."""
    empty = (file.first(), file.last_before(10**13, rows=9), file.used_bytes())
    file.write([entry(1, records=2)], now_ms=1_000)
    file.write([entry(2, value=b"x" * 100_000)], now_ms=2_000)

    assert empty[:2] == (None, 0)
    assert (file.first(), [file.last_before(at_ms, rows=9) for at_ms in (1_000, 1_001, 9_000)]) == (
        (1, 1_000),
        [0, 3, 4],
    )
    assert file.last_before(9_000, rows=1) == 3
    assert 80_000 < file.used_bytes() - empty[2] < 130_000
    assert file.size_bytes() >= file.used_bytes()
    assert file.room.free_bytes() > 0


def test_free_pages_go_back_to_the_file_system(file: LogFile) -> None:
    """What pruning freed is given back in steps, down to what is kept for new records."""
    for number in range(10):
        file.write([entry(number, value=b"x" * 100_000)], NOW_MS)
    file.prune(file.next, rows=100)

    steps = [file.shrink(262_144, spare=131_072) for _ in range(5)]
    file.checkpoint()

    assert steps == [True, True, True, False, False]
    assert file.size_bytes() - file.used_bytes() == 131_072


def test_a_checkpoint_gives_the_space_of_the_wal_back(file: LogFile) -> None:
    """Afterwards everything is in the file itself."""
    file.write([entry(1, value=b"x" * 100_000)], NOW_MS)

    file.checkpoint()

    assert (file.folder / f"{FILE_NAME}-wal").stat().st_size == 0
    assert everything(file.folder) == chunk(1, entry(1, value=b"x" * 100_000))


@pytest.mark.parametrize(
    "impossible",
    [
        pytest.param(Entry(entry(2).records, SeenId(2**64, b"a time of nine bytes")), id="before it begins"),
        pytest.param(entry(2, key="\ud800"), id="when its ids are written"),
    ],
)
def test_a_commit_that_fails_leaves_no_trace(file: LogFile, impossible: Entry) -> None:
    """An entry that cannot be written costs its own commit and no other, nor a position."""
    with pytest.raises((OverflowError, UnicodeEncodeError)):
        file.write([entry(1), impossible], NOW_MS)

    assert file.write([entry(1)], NOW_MS) == Committed(new(1), Chunk(Position(1), list(entry(1).records)))


def test_a_disk_without_reserve_takes_nothing(tmp_path: Path) -> None:
    """Less free space than `min_free_bytes` is a full disk."""
    with closing(LogFile(tmp_path, partitions=1, min_free_bytes=2**62)) as file:
        with pytest.raises(LogUnavailable, match="disk_full"):
            file.write([entry(1)], NOW_MS)
        with pytest.raises(LogUnavailable, match="disk_full"):
            file.probe()

        assert file.next == 1


def test_a_probe_leaves_the_log_as_it_was(file: LogFile) -> None:
    """Asking whether the disk takes writes appends nothing."""
    file.write([entry(1)], NOW_MS)

    file.probe()

    assert (everything(file.folder), file.next) == (chunk(1, entry(1)), 2)


def test_a_log_has_one_writer_in_a_process(file: LogFile) -> None:
    """The same process cannot open it a second time."""
    with pytest.raises(LogInUse, match=f"another process writes the log in {file.folder}"):
        opened(file.folder)


def test_a_log_has_one_writer_on_a_machine(tmp_path: Path) -> None:
    """Another process is refused while we have it, and let in afterwards."""
    file = opened(tmp_path)
    code = (
        "import sys; from pathlib import Path; from receiver.log import LogFile, LogInUse\n"
        f"try: LogFile(Path(sys.argv[1]), partitions={PARTITIONS}, min_free_bytes=0)\n"
        "except LogInUse: print('in use')\nelse: print('opened')"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]

    during = subprocess.run(command, capture_output=True, text=True, timeout=200, check=True).stdout
    file.close()
    after = subprocess.run(command, capture_output=True, text=True, timeout=200, check=True).stdout

    assert (during, after) == ("in use\n", "opened\n")


def test_a_log_is_readable_by_us_and_our_group_alone(file: LogFile) -> None:
    """The file holds names."""
    assert stat.S_IMODE((file.folder / FILE_NAME).stat().st_mode) & 0o137 == 0


def test_another_number_of_partitions_is_refused(tmp_path: Path) -> None:
    """Records are numbered for the partitions that they will have; and the refusal lets go of the log."""
    opened(tmp_path, partitions=4).close()

    with pytest.raises(LogMismatch, match="has partitions 4, here it would be 5"):
        opened(tmp_path, partitions=5)

    opened(tmp_path, partitions=4).close()


def test_another_form_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A log of a later version is not touched."""
    opened(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database:
        database.execute("UPDATE meta SET value = '2' WHERE name = 'form'")
        database.execute("DROP TABLE seen")
        database.commit()
    before = (tmp_path / FILE_NAME).read_bytes()

    with pytest.raises(LogMismatch, match=f"has form 2, here it would be {FORM}"):
        opened(tmp_path)

    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_foreign_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A database of somebody else's is no log."""
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database:
        database.execute("CREATE TABLE people (name TEXT)")
    before = (tmp_path / FILE_NAME).read_bytes()

    with pytest.raises(LogMismatch, match="is no log of ours: it has the tables people"):
        opened(tmp_path)

    assert (tmp_path / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda whole: b"\xff" * len(whole), id="overwritten"),
        pytest.param(lambda whole: whole[:100] + b"\xff" * (len(whole) - 100), id="all but its head overwritten"),
        pytest.param(lambda whole: whole[:5_000], id="cut short"),
    ],
)
def test_a_damaged_log_is_refused(tmp_path: Path, damage: object) -> None:
    """A file that SQLite cannot read is told so, and by its name."""
    with closing(opened(tmp_path)) as file:
        file.write([entry(1)], NOW_MS)
    whole = (tmp_path / FILE_NAME).read_bytes()
    assert callable(damage)
    (tmp_path / FILE_NAME).write_bytes(damage(whole))

    with pytest.raises(LogMismatch, match=f"{tmp_path / FILE_NAME} is damaged, or no log of ours: "):
        opened(tmp_path)


def test_a_folder_that_cannot_be_is_an_error_of_the_system(tmp_path: Path) -> None:
    """Where a file stands in the way of the folder, the system says so."""
    (tmp_path / "log").write_text("in the way")

    with pytest.raises(FileExistsError):
        opened(tmp_path / "log")


def test_frames_and_pushes_share_a_commit(file: LogFile, tmp_path: Path) -> None:
    """Entries without an id stand behind those with one; each is answered with where its last record stands."""
    first, second = nameless(1), Entry((*nameless(2).records, *nameless(3).records), None)
    committed = file.write([first, entry(4), second, entry(5)], NOW_MS)

    assert committed.appended == new(3, 1, 5, 2)
    assert everything(tmp_path / "log") == chunk(1, entry(4), entry(5), first, second)


def test_what_has_no_records_takes_no_position(file: LogFile, tmp_path: Path) -> None:
    """A frame of which no event came stands nowhere; the next record has the next position."""
    nothing = Entry((), None)
    committed = [file.write([nothing], NOW_MS), file.write([nothing, entry(1)], NOW_MS)]

    assert [one.chunk.records for one in committed] == [[], list(entry(1).records)]
    assert everything(tmp_path / "log") == chunk(1, entry(1))


def test_marks_stand_with_their_record(file: LogFile, tmp_path: Path) -> None:
    """A mark is there when its record is, also after the file was opened again, and goes with a later one."""
    opened_mark, other = Mark("subscription/acme/1", b"7"), Mark("another", b"")
    file.write([Entry(entry(1).records, None, marks=(opened_mark,)), Entry((), None, marks=(other,))], NOW_MS)
    found = file.marks("subscription/")
    file.close()
    with closing(opened(tmp_path / "log")) as again:
        kept = again.marks("")
        again.write([Entry(nameless(2).records, None, marks=(Mark(opened_mark.name, None),))], NOW_MS)
        left = again.marks("")

    assert found == {"subscription/acme/1": b"7"}
    assert (kept, left) == ({"another": b"", "subscription/acme/1": b"7"}, {"another": b""})
    assert everything(tmp_path / "log") == chunk(1, entry(1), nameless(2))


def test_a_repeat_leaves_no_mark(file: LogFile) -> None:
    """What stands there already changes nothing, its marks neither."""
    file.write([entry(1)], NOW_MS)
    again = entry(1)
    committed = file.write([Entry(again.records, again.seen, marks=(Mark("a", b"1"),))], NOW_MS)

    assert (committed.appended[0].repeated, file.marks("")) == (True, {})
