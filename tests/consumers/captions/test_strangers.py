"""One object that a stranger puts among the evidence neither ends the archive nor holds up a meeting."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from consumers.captions.archive import refuse_unsealed
from consumers.captions.errors import Misconfigured

from .life.building import alive, meeting
from .running import MASTER, contents, running, settings, stored

RECORDS = stored([*meeting("m-1", [("p1", "你好"), ("p2", "hello"), ("p1", "再见")]), *alive(minutes=40)])
HALF = len(RECORDS) * 2 // 3
Put = Callable[[Path], Path]
"""Puts an object below the archive's folder, and returns where."""


def deeper(root: Path) -> Path:
    """Put a segment in a folder below a partition's."""
    path = captions(root)[0].parent / "deeper" / "00000000000000000001.jsonl"
    path.parent.mkdir()
    path.write_bytes(b"{}\n")
    return path


def under_a_key_of_no_name(root: Path) -> Path:
    """Put a sealed line whose data key has a name that no key has."""
    path = captions(root)[0].with_name("00000000000000999999.jsonl")
    line = {
        "line": "sealed",
        "topic": captions(root)[0].parent.parent.name,
        "partition": 0,
        "offset": 999_999,
        "time_ms": 1,
        "seal": "../x",
        "sealed": "AAAA",
    }
    path.write_text(json.dumps(line, separators=(",", ":")) + "\n")
    return path


def copied_to_another_topic(root: Path) -> Path:
    """Put a segment of the archive's own once more, behind all of another topic."""
    *_, last = sorted(root.glob("evidence/*/*/*/*.jsonl"), key=lambda path: path.name)
    path = next(
        folder / last.name
        for folder in sorted(root.glob("evidence/*/*/*"))
        if folder != last.parent and max(one.name for one in folder.glob("*.jsonl")) < last.name
    )
    path.write_bytes(last.read_bytes())
    return path


def huge(root: Path) -> Path:
    """Put an index of three gigabytes, all of it a hole, and a segment of none."""
    path = captions(root)[0].with_name("00000000000000999999.jsonl")
    path.write_bytes(b"{}\n")
    with path.with_suffix(".index").open("wb") as file:
        file.truncate(3 * 1024**3)
    return path


def captions(root: Path) -> list[Path]:
    """Return the segments of the captions."""
    return sorted(root.glob("evidence/*/*captions*/*/*.jsonl"))


@pytest.mark.parametrize("sealed", [False, True], ids=["open", "sealed"])
@pytest.mark.parametrize("put", [deeper, under_a_key_of_no_name, copied_to_another_topic, huge])
async def test_what_a_stranger_puts_is_said_and_holds_up_nobody(memory: Path, put: Put, sealed: bool) -> None:
    """Whatever it looks like: the archive begins again beside it, and the meeting is kept."""
    more = {"encryption_key_file": master(memory)} if sealed else {}
    options = settings(memory, segment_s=60.0, **more)
    async with running(options) as archive:
        await archive.take(RECORDS[:HALF], batch=5)
        await archive.work.finish()
        done = archive.done
    path = put(memory / "archive")
    with capture_logs() as lines:
        async with running(options) as archive:
            await archive.take([one for one in RECORDS if one.offset >= done], batch=5)
            path.with_suffix(".index").unlink(missing_ok=True)
            found = await contents(archive.archive.store)

    said = [(line["event"], line.get("segment")) for line in lines if line["log_level"] == "error"]
    assert said == [("segment.disowned", str(path.relative_to(memory / "archive")))]
    assert len([key for key in found if key.startswith("meetings/")]) == 6


async def test_sealed_lines_in_an_open_archive_end_nothing(memory: Path) -> None:
    """In the place of a segment of ours, whose index was spoiled too: it is said, and evidence goes on being kept."""
    options = settings(memory, segment_s=60.0)
    async with running(options) as archive:
        await archive.take(RECORDS[:HALF], batch=5)
        done = archive.done
    spoil(memory / "archive")
    with capture_logs() as lines:
        async with running(options) as archive:
            await archive.take([one for one in RECORDS if one.offset >= done], batch=5)
            assert archive.done > RECORDS[HALF].offset

    events = {line["event"] for line in lines if line["log_level"] == "error"}
    assert events == {"segment.altered", "meeting.unclosed"}


def spoil(root: Path) -> None:
    """Put a sealed line in a segment's place, and spoil what else tells of it."""
    path = captions(root)[0]
    first = json.loads(path.read_bytes().splitlines()[0])
    line = {name: first[name] for name in ("topic", "partition", "offset", "time_ms")}
    for target, content in (
        (path, json.dumps({"line": "sealed", **line, "seal": "x", "sealed": "AAAA"}) + "\n"),
        (path.with_suffix(".index"), "x"),
    ):
        target.chmod(0o600)
        target.write_text(content)
    for standing in root.glob("evidence/*/*.standing"):
        standing.unlink()


def master(folder: Path) -> str:
    """Return a file with a master key."""
    path = folder / "master"
    path.touch(mode=0o600)
    path.write_text(MASTER)
    return str(path)


@pytest.mark.parametrize("sealed", [False, True], ids=["open", "sealed"])
async def test_nobody_else_says_whether_an_archive_is_sealed(memory: Path, sealed: bool) -> None:
    """Neither keeps a line before all others an open archive from beginning, nor lets a sealed one go on open."""
    more = {"encryption_key_file": master(memory)} if sealed else {}
    async with running(settings(memory, segment_s=60.0, **more)) as archive:
        await archive.take(RECORDS[:HALF], batch=5)
    for folder in ("0/a/00000", "0/a", f"{'1' * 32}/a/x"):
        path = memory / "archive" / "evidence" / folder / "1.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"line":"open",' if sealed else '{"line":"sealed",')

    async with running(settings(memory, keys_store=f"file:{memory}/none")) as archive:
        with pytest.raises(Misconfigured, match="is sealed") if sealed else nullcontext():
            await refuse_unsealed(archive.archive)
