"""What stays in the log and what goes: records by need, ids by age alone."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from receiver.entry import Entry, SeenId
from receiver.errors import LogUnavailable
from receiver.log import LogFile, SqliteLog
from receiver.log.retention import Retention
from schemas.ids import LogId, Position
from schemas.locallog import FILE_NAME, READERS_FOLDER, ReaderPlace
from schemas.settings import Log

from ..lines import lines_caught
from .entries import entry
from .running import log_in, read_back, started

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def retention(log: SqliteLog, folder: Path, forwarded: int | None = None, **settings: float) -> Retention:
    """Return the pruner of a log, by default without Kafka."""
    position = None if forwarded is None else lambda: Position(forwarded)
    return Retention(log, msgspec.structs.replace(Log(folder=str(folder)), **settings), position)


def stand(folder: Path, log: str, position: int, *, group: str = "captions", seen_at: datetime = NOW) -> None:
    """Leave the place of a reader."""
    place = ReaderPlace(group=group, log=LogId(log), position=Position(position), seen_at=seen_at)
    (folder / READERS_FOLDER).mkdir(exist_ok=True)
    (folder / READERS_FOLDER / f"{group}.json").write_bytes(msgspec.json.encode(place))


async def filled(log: SqliteLog, commits: int = 5, *, value: bytes = b"") -> None:
    """Append so many commits of two records."""
    for number in range(commits):
        await log.append(entry(number, records=2, value=value))


async def left(folder: Path) -> list[int]:
    """Return the positions of the records that are there."""
    chunk = await read_back(folder)
    return [] if chunk is None else list(range(chunk.first, chunk.end))


async def test_what_kafka_has_goes(tmp_path: Path) -> None:
    """With Kafka a row stays until all of it was acknowledged, and then goes, however young it is."""
    async with log_in(tmp_path) as log:
        await filled(log)

        assert await retention(log, tmp_path, forwarded=6).turn(NOW) == 2

    assert await left(tmp_path) == [5, 6, 7, 8, 9, 10]


async def test_only_what_nobody_took_since_is_given_back(tmp_path: Path) -> None:
    """What goes leaves room for what comes: the file shrinks a turn later, down to 16 MiB to spare.

    Given back at once it would be asked for again, page by page, while pushes wait.
    """
    async with log_in(tmp_path) as log:
        await filled(log, 400, value=b"x" * 40_000)
        pruner = retention(log, tmp_path, forwarded=801)
        sizes = []
        for _ in range(3):
            await pruner.turn(NOW)
            await log.run(LogFile.checkpoint)
            sizes.append(await asyncio.to_thread(lambda: (tmp_path / FILE_NAME).stat().st_size // 2**20))

    assert sizes[0] > 30
    assert sizes[1:] == [16, 16]


async def test_what_kafka_does_not_have_stays(tmp_path: Path) -> None:
    """Neither age nor size makes a record go that was not published."""
    async with log_in(tmp_path) as log:
        await filled(log)

        assert await retention(log, tmp_path, forwarded=1, retention_bytes=1, retention_days=1).turn(NOW + 9 * DAY) == 0

    assert await left(tmp_path) == list(range(1, 11))


async def test_the_newest_row_stays(tmp_path: Path) -> None:
    """It holds the count of positions, so it outlives every rule."""
    async with log_in(tmp_path) as log:
        await filled(log)

        assert await retention(log, tmp_path, forwarded=11).turn(NOW) == 4
        assert await retention(log, tmp_path, retention_bytes=1).turn(NOW + 9 * DAY) == 0

    assert await left(tmp_path) == [9, 10]


async def test_without_kafka_records_go_by_age(tmp_path: Path) -> None:
    """They stay for `retention_days` and go then."""
    async with log_in(tmp_path) as log:
        await filled(log)
        pruner = retention(log, tmp_path, retention_days=7)

        gone = [await pruner.turn(NOW + 6 * DAY), await pruner.turn(NOW + 8 * DAY)]

    assert gone == [0, 4]


async def test_without_kafka_records_go_by_size(tmp_path: Path) -> None:
    """Where the log grows beyond `retention_bytes` the oldest go, as many as it takes."""
    async with log_in(tmp_path) as log:
        await filled(log, 200, value=b"x" * 20_000)
        pruner = retention(log, tmp_path, retention_bytes=6_000_000)
        pruned = await pruner.turn(NOW)
        used = await log.run(lambda file: file.used_bytes())

        assert await pruner.turn(NOW) == 0

    # In steps of 64 rows of 40 kB.
    assert (pruned, 2_000_000 < used <= 6_000_000) == (64, True)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"forwarded": 11}, id="Kafka has everything"),
        pytest.param({"retention_days": 0.5}, id="everything is old"),
        pytest.param({"retention_bytes": 1}, id="the log is too large"),
    ],
)
async def test_what_a_reader_has_not_read_stays(tmp_path: Path, settings: dict[str, float]) -> None:
    """Whatever would make records go, a local reader that is at work keeps what it has not read."""
    async with log_in(tmp_path) as log:
        await filled(log)
        stand(tmp_path, log.id, 5, group="captions", seen_at=NOW + DAY)
        stand(tmp_path, log.id, 9, group="qos", seen_at=NOW + DAY)

        await retention(log, tmp_path, **settings).turn(NOW + DAY)  # type: ignore[arg-type]  # numbers by name

    assert await left(tmp_path) == [5, 6, 7, 8, 9, 10]


async def test_a_reader_that_is_gone_holds_up_nothing_and_is_named(tmp_path: Path) -> None:
    """After `forget_reader_days` its records go, and a warning says whose; once, until it was there again."""
    with lines_caught() as lines:
        async with log_in(tmp_path) as log:
            await filled(log)
            stand(tmp_path, log.id, 3)
            pruner = retention(log, tmp_path, forwarded=11, forget_reader_days=3)
            gone = [await pruner.turn(NOW + days * DAY) for days in (2, 4, 5)]
            stand(tmp_path, log.id, 11, seen_at=NOW + 6 * DAY)
            gone += [await pruner.turn(NOW + days * DAY) for days in (6, 10)]

    assert gone == [1, 3, 0, 0, 0]
    forgotten = {"event": "reader.forgotten", "log_level": "warning", "group": "captions"}
    assert [line for line in lines if line["event"] != "log.pruned"] == [
        {**forgotten, "position": 3, "seen_at": str(NOW)},
        {**forgotten, "position": 11, "seen_at": str(NOW + 6 * DAY)},
    ]


async def test_places_that_are_none_hold_up_nothing(tmp_path: Path) -> None:
    """A reader of another log, the forwarder's own place and drafts are no readers of this log."""
    async with log_in(tmp_path) as log:
        await filled(log)
        stand(tmp_path, "0" * 32, 1, group="another")
        stand(tmp_path, log.id, 1, group="forwarder")
        (tmp_path / READERS_FOLDER / "captions.draft").write_text("{")

        assert await retention(log, tmp_path, forwarded=11).turn(NOW) == 4


@pytest.mark.parametrize("content", [b"{", b'{"group":"\xff"}', b""], ids=["cut off", "not UTF-8", "empty"])
async def test_a_damaged_place_holds_the_log_back_and_is_named(tmp_path: Path, content: bytes) -> None:
    """Its reader waits for somebody to look, and may need all of it; once, and for `forget_reader_days` at the most."""
    with lines_caught() as lines:
        async with log_in(tmp_path) as log:
            await filled(log)
            stand(tmp_path, log.id, 11)
            (tmp_path / READERS_FOLDER / "captions.json").write_bytes(content)
            pruner = retention(log, tmp_path, forwarded=11, forget_reader_days=3)
            gone = [await pruner.turn(NOW + days * DAY) for days in (0, 1, 4)]

    assert gone == [0, 0, 4]
    said = [line["event"] for line in lines if line["event"] != "log.pruned"]
    assert said == ["reader.damaged", "reader.forgotten"]


@pytest.mark.parametrize("failing", ["os.listdir", "pathlib.Path.read_bytes"])
async def test_places_that_cannot_be_read_now_are_not_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """Where no file can be opened nothing is pruned; and it goes on once one can be."""

    def fail(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    async with log_in(tmp_path) as log:
        await filled(log)
        stand(tmp_path, log.id, 5)
        pruner = retention(log, tmp_path, forwarded=11)
        with monkeypatch.context() as patched:
            patched.setattr(failing, fail)
            gone = await pruner.turn(NOW)

        assert [gone, await pruner.turn(NOW)] == [0, 2]


async def test_pruning_is_said_in_detail_alone(tmp_path: Path) -> None:
    """Every two seconds something goes: that is a line for debugging, and none where nothing went."""
    with lines_caught() as lines:
        async with log_in(tmp_path) as log:
            await filled(log)
            pruner = retention(log, tmp_path, forwarded=7)
            await pruner.turn(NOW)
            await pruner.turn(NOW)

    assert lines == [{"event": "log.pruned", "log_level": "debug", "rows": 3, "before": 7}]


def pushed(at: datetime, number: int = 1) -> Entry:
    """Return a push that tells of its own time."""
    return Entry(entry(number).records, SeenId(int(at.timestamp() * 1000), bytes([number]) * 16))


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "later", "repeated"),
    [
        pytest.param(NOW, 24 * HOUR, True, id="of now, a day later"),
        pytest.param(NOW, 26 * HOUR, False, id="of now, beyond the horizon"),
        pytest.param(NOW - 100 * DAY, 24 * HOUR, True, id="of long ago but seen today"),
        pytest.param(NOW - 100 * DAY, 26 * HOUR, False, id="of long ago and not seen today"),
        pytest.param(NOW + 900 * DAY, 24 * HOUR, True, id="of a wrong clock, a day later"),
        pytest.param(NOW + 900 * DAY, 26 * HOUR, False, id="of a wrong clock, beyond the horizon"),
    ],
)
async def test_an_id_is_remembered_for_the_horizon(
    tmp_path: Path, at: datetime, later: timedelta, repeated: bool
) -> None:
    """What was seen within 25 h is a repeat, and what is older is forgotten, whatever time a push says of itself."""
    async with log_in(tmp_path) as log:
        await log.append(pushed(at))
        await retention(log, tmp_path, forwarded=1).turn(NOW + later)

        assert (await log.append(pushed(at))).repeated is repeated


async def test_ids_do_not_pile_up(tmp_path: Path) -> None:
    """All that is old goes in one turn, in steps, also where thousands share an instant."""
    async with log_in(tmp_path) as log:
        entries = [Entry(entry(1).records, SeenId(1_000 + n // 5_000, n.to_bytes(16))) for n in range(12_000)]
        await log.run(lambda file: file.write(entries, 1_000))
        await retention(log, tmp_path, forwarded=1).turn(NOW)

        assert await log.run(lambda file: file.seen_step(0, 10**13, 0)) == 10**13


async def test_no_append_waits_for_a_whole_turn(tmp_path: Path) -> None:
    """However much there is to prune, an append is written between two of its steps."""
    async with log_in(tmp_path) as log:
        await log.run(lambda file: [file.write([entry(number)], 1_000) for number in range(1_000)])
        (turn,) = await started(retention(log, tmp_path, forwarded=1_001).turn(NOW))
        append = asyncio.create_task(log.append(entry(2_000)))
        first, _ = await asyncio.wait({turn, append}, return_when=asyncio.FIRST_COMPLETED)

        assert (first, await turn) == ({append}, 1_000)


async def until(done: Callable[[], bool], log: SqliteLog) -> None:
    """Return once `done`; each look is a round through the writer's thread."""
    async with asyncio.timeout(60):
        while not done():
            await log.run(lambda _: None)


async def test_pruning_goes_on_by_itself(tmp_path: Path) -> None:
    """Within its block the log is pruned again and again, and not after it."""
    forwarded = Position(3)
    async with log_in(tmp_path) as log:
        await filled(log)
        pruner = Retention(log, Log(folder=str(tmp_path)), lambda: forwarded)
        oldest: list[int] = []

        async def pruned_up_to(position: int) -> None:
            async with asyncio.timeout(60):
                while (await log.run(lambda file: file.first()) or (0,))[0] != position:
                    pass
            oldest.append(position)

        async with pruner.running(every_s=0.001):
            await pruned_up_to(3)
            forwarded = Position(7)
            await pruned_up_to(7)

    assert oldest == [3, 7]


async def test_a_failed_log_recovers_by_itself(tmp_path: Path) -> None:
    """Once the disk takes writes the log is good again, without an append and without a restart."""
    impossible = Entry(entry(9).records, SeenId(2**64, b"a time of nine bytes"))
    async with log_in(tmp_path) as log, retention(log, tmp_path, forwarded=1).running(every_s=0.001):
        with pytest.raises(LogUnavailable):
            await log.append(impossible)
        await until(lambda: log.failing is None, log)
