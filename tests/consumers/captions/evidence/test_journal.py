"""The spool's files: when one is left for the next, and gone."""

from __future__ import annotations

import zlib
from pathlib import Path

from consumers.captions.evidence.journal import Journal


def test_a_file_is_left_after_an_hour(tmp_path: Path) -> None:
    """Where little comes, too: what was erased from the store is not to lie in the spool for weeks."""
    now = 0.0
    journal = Journal(tmp_path, monotonic=lambda: now)
    (first,) = journal.append([b"words\n"])
    journal.pin(first.file)
    now = 3_599.0
    (second,) = journal.append([b"more\n"])
    now = 3_600.0
    (third,) = journal.append([b"later\n"])
    journal.pin(third.file)
    journal.unpin(first.file)

    assert (second.file, third.file) == (first.file, first.file + 1)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"#sums\nlater\n#sum %08x\n" % zlib.crc32(b"later\n")]
    journal.close()
