"""Between put and close nothing is signed: what is done then by who can write to the store alone is seen all the same.

Each alteration is made while the process runs, before it begins again, and before another machine goes on, which has
the store, the source and the group's position and nothing else.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from structlog.testing import capture_logs

from consumers.captions.proof.verify import verify
from schemas.archive import PUBLIC_KEY, index_key

from .life.building import alive, meeting
from .proof.altering import Alter, changed, flipped
from .running import MASTER, Running, contents, running, settings, stored
from .tampering import TAMPERS

SAID = [("p1", "你好"), ("p2", "hello"), ("p1", "再见"), ("p2", "bye"), ("p1", "later"), ("p2", "soon")]
RECORDS = stored([*meeting("m-1", SAID), *alive(minutes=40)])
HALF = len(RECORDS) * 2 // 3
When = Literal["running", "again", "elsewhere"]
"""While the process runs; before it begins again; before another machine goes on."""


class Outcome(NamedTuple):
    """What an archive is in the end."""

    kept: dict[str, bytes]
    """Everything of meetings."""
    said: list[str]
    """Names of the errors that were logged."""
    wrong: list[str]
    """What verification finds."""


async def outcome(archive: Running, lines: Sequence[object]) -> Outcome:
    """Return it."""
    store = archive.archive.store
    found = await contents(store)
    report = await verify(store, found[PUBLIC_KEY].decode())
    return Outcome(
        {key: content for key, content in found.items() if key.startswith("meetings/")},
        [str(line["event"]) for line in lines if isinstance(line, dict) and line["log_level"] == "error"],
        [one.what for one in report.findings if one.level == "wrong"],
    )


def segments(root: Path) -> list[str]:
    """Return the segments that lie there, those of the captions first."""
    found = (str(path.relative_to(root)) for path in root.glob("evidence/*/*/*/*.jsonl"))
    return sorted(found, key=lambda key: ("captions" not in key, key))


async def run(folder: Path, when: When, alter: Alter = lambda _: None, **more: str) -> Outcome:
    """Archive, let somebody alter what lies there before the meeting is over, and go on to the end."""
    options = settings(folder, segment_s=60.0, **more)
    with capture_logs() as lines:
        async with running(options) as archive:
            await archive.take(RECORDS[:HALF], batch=5)
            done = archive.done
            if when == "running":
                alter(folder / "archive")
                await archive.take(RECORDS[HALF:], batch=5)
                return await outcome(archive, lines)
            await archive.work.finish()
        alter(folder / "archive")
        elsewhere = msgspec.structs.replace(options, spool_folder=f"{folder}/other")
        async with running(options if when == "again" else elsewhere) as archive:
            await archive.take([one for one in RECORDS if one.offset >= done], batch=5)
            return await outcome(archive, lines)


def forgotten(root: Path) -> None:
    """Take away what is remembered beside the segments."""
    for path in root.glob("evidence/*/*.standing"):
        path.unlink()


@pytest.fixture(scope="module")
def key() -> bytes:
    """Return a signing key: archives with the same one are the same."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm"))
    asyncio.run(run(folder, "running"))
    content = (folder / "archive.key").read_bytes()
    shutil.rmtree(folder)
    return content


@pytest.fixture(scope="module")
def right(key: bytes) -> dict[str, bytes]:
    """Return what is kept of the meeting where nobody alters anything."""
    return altered(key, "running").kept


def altered(key: bytes, when: When, alter: Alter = lambda _: None) -> Outcome:
    """Return what comes of an archive that somebody alters."""
    folder = Path(tempfile.mkdtemp(dir="/dev/shm"))
    try:
        (folder / "archive.key").write_bytes(key)
        (folder / "archive.key").chmod(0o600)
        return asyncio.run(run(folder, when, alter))
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("when", get_args(When))
@pytest.mark.parametrize("alter", [lambda _: None, forgotten], ids=["nothing", "what is derived"])
def test_no_alarm_where_nothing_was_altered(key: bytes, right: dict[str, bytes], when: When, alter: Alter) -> None:
    """The meeting is kept, whoever goes on, and the archive verifies."""
    found = altered(key, when, alter)

    assert found == (right, [], [])
    assert len(right) == 6


@pytest.mark.parametrize("when", get_args(When))
@pytest.mark.parametrize("tamper", TAMPERS)
def test_what_is_altered_before_the_close_is_not_signed_for(
    key: bytes, right: dict[str, bytes], when: When, tamper: str
) -> None:
    """Either it is said, or the meeting is kept as if nothing had been done; never is another one kept in silence."""

    def alter(root: Path) -> None:
        TAMPERS[tamper](root, segments(root)[0])(root)
        if when != "running":
            forgotten(root)

    found = altered(key, when, alter)

    assert found.said or found.wrong or found.kept == right
    assert found.kept in (right, {}) or found.wrong == ["erased_unlawfully"]


@examples(max_examples=25, deadline=None)
@given(
    when=st.sampled_from(get_args(When)),
    which=st.integers(0, 10_000),
    at=st.integers(0, 1_000_000),
    bit=st.integers(0, 7),
)
@example(when="again", which=0, at=500, bit=0)
def test_whatever_bit_is_flipped_before_the_close(
    key: bytes, right: dict[str, bytes], when: When, which: int, at: int, bit: int
) -> None:
    """Of a segment, an index, or what is remembered beside them."""

    def alter(root: Path) -> None:
        found = sorted(path for path in root.glob("evidence/**/*") if path.is_file())
        file = found[which % len(found)]
        flipped(str(file.relative_to(root)), at % file.stat().st_size, bit)(root)

    found = altered(key, when, alter)

    assert found.said or found.wrong or found.kept == right
    assert found.kept in (right, {})


@pytest.mark.parametrize("when", get_args(When))
@pytest.mark.parametrize("tamper", ["nothing", "seal flipped", *(one for one in TAMPERS if "removed" in one)])
async def test_nor_is_what_is_altered_of_a_sealed_archive(memory: Path, when: When, tamper: str) -> None:
    """What is in a line nobody can tell who has not the key; to take it away anybody can."""
    master = memory / "master"
    master.touch(mode=0o600)
    master.write_text(MASTER)

    def alter(root: Path) -> None:
        first = segments(root)[0]
        if tamper == "seal flipped":
            flipped(first, (root / first).read_bytes().index(b'"sealed":"') + 200)(root)
        elif tamper == "mac removed":
            changed(index_key(first), lambda content: content[: content.index(b',"mac"')] + b"}")(root)
        elif tamper != "nothing":
            TAMPERS[tamper](root, first)(root)
        if when != "running":
            forgotten(root)

    found = await run(memory, when, alter, encryption_key_file=str(master))

    # An index that is gone is made again, where the lines are what they were.
    harmless = tamper in ("nothing", "index removed", "mac removed")
    assert bool(found.said or found.wrong) is (tamper != "nothing" and not (harmless and when == "running"))
    assert (len(found.kept) == 6) is (harmless or "erased_unlawfully" in found.wrong)


def test_end_that_was_taken_away_before_another_machine_goes_on(key: bytes) -> None:
    """What the archive cannot see, and says that it cannot: nothing that is left tells of a partition's last segments.

    Of a topic whose offsets have no gaps, as Kafka's, it is said; and the machine that put them remembers them.
    """

    def alter(root: Path) -> None:
        last = [one for one in segments(root) if "captions" in one][-1]
        TAMPERS["both removed"](root, last)(root)
        forgotten(root)

    assert altered(key, "elsewhere", alter).said == []
    assert altered(key, "again", alter).said[:1] == ["segment.altered"]
