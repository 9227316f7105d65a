"""The spool's folder is one process's own, and holds nothing of dead ones but what is on its way."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumers.captions.errors import Misconfigured
from consumers.captions.evidence.owning import Owning


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    """The second is told what it needs; when the first has ended, it may."""
    folder = tmp_path / "spool"
    first = Owning(folder)
    with pytest.raises(Misconfigured, match=r"spool: another process archives with it; each needs a folder of its own"):
        Owning(folder)
    first.close()

    Owning(folder).close()


def test_drafts_of_a_dead_process_go(tmp_path: Path) -> None:
    """Nothing else does."""
    for folder in ("drafts", "conflicts", "open"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "words").write_text("x")

    Owning(tmp_path).close()

    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == [
        "conflicts",
        "conflicts/words",
        "drafts",
        "lock",
        "open",
        "open/words",
    ]


def test_what_the_disk_refuses_is_raised_and_nothing_is_kept(tmp_path: Path) -> None:
    """Whoever tries again finds the folder free."""
    (tmp_path / "drafts" / "folder").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        Owning(tmp_path)
    (tmp_path / "drafts" / "folder").rmdir()

    Owning(tmp_path).close()
