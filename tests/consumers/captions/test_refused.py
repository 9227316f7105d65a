"""Something lies where a segment is to be put: what nobody vouches for decides nothing, and is kept to be looked at."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from consumers.captions.proof.verify import verify
from schemas.archive import PUBLIC_KEY, index_key

from .life.building import alive, meeting
from .proof.altering import Alter, added, changed, relined
from .running import contents, running, settings, stored

RECORDS = stored([*meeting("m-1", [("p1", "你好"), ("p2", "hello")]), *alive(minutes=40)])


def segments(found: dict[str, bytes]) -> dict[str, bytes]:
    """Return the segments, and what else is evidence."""
    return {key: content for key, content in found.items() if not key.startswith("ledger/")}


@pytest.mark.parametrize("has_index", [False, True])
@pytest.mark.parametrize("content", [b"", b"garbage", b"garbage\n", b"other words"])
async def test_what_lies_there_before_is_put_over(memory: Path, content: bytes, has_index: bool) -> None:
    """Ours is there in the end, the other is kept aside, and nobody is held up."""
    (memory / "right").mkdir()
    async with running(settings(memory / "right")) as archive:
        await archive.take(RECORDS)
        right = await contents(archive.archive.store)
    key = max(one for one in right if one.endswith(".jsonl") and "captions.v1" in one)
    folder = memory / "refused"
    folder.mkdir()
    (folder / "archive.key").write_bytes((memory / "right" / "archive.key").read_bytes())
    (folder / "archive.key").chmod(0o600)
    with capture_logs() as lines:
        async with running(settings(folder)) as archive:
            await archive.work.step()
            laid(right, key, content, has_index)(folder / "archive")
            await archive.take(RECORDS)
            found = await contents(archive.archive.store)
            report = await verify(archive.archive.store, found[PUBLIC_KEY].decode())

    aside = list((folder / "spool").glob("conflicts/*"))
    assert segments(found) == segments(right)
    assert report.findings == []
    # What lies there is said when it is seen, too.
    errors = {line["event"] for line in lines if line["log_level"] == "error"}
    assert errors - {"segment.disowned", "segment.altered"} == {"segment.refused"}
    assert [line["theirs"] for line in lines if line["event"] == "segment.refused" and line["theirs"]] == [
        str(path) for path in aside
    ]
    assert [stat.S_IMODE(path.stat().st_mode) for path in aside] == [0o640]


def laid(right: dict[str, bytes], key: str, content: bytes, has_index: bool) -> Alter:
    """Lay something where a segment will be."""

    def alter(root: Path) -> None:
        if content == b"other words":
            added(key, right[key])(root)
            relined(key, lambda lines: [*lines[:-1], lines[-1].replace(b"hello", b"howdy")])(root)
        else:
            added(key, content)(root)
        if has_index:
            added(index_key(key), right[index_key(key)])(root)
            changed(index_key(key), lambda index: index.replace(b'"records":', b'"records":1'))(root)

    return alter
