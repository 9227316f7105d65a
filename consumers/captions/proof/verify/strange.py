"""Tell of what lies in an archive and has no place there: names that nothing of the archive's ever has."""

from typing import Final

from schemas.archive import ACCESS, CHECKPOINTS, ENTRIES, EVIDENCE, MEETINGS, PUBLIC_KEY
from schemas.archive.tombstones import TOMBSTONES

from ...stores import Store
from .report import Report

_KNOWN: Final = {"": {EVIDENCE, MEETINGS, ACCESS, TOMBSTONES, "ledger/"}, "ledger/": {ENTRIES, CHECKPOINTS, PUBLIC_KEY}}
_SAYS: Final = "It is nothing of an archive: it was put there."


async def check_strange(store: Store, report: Report) -> None:
    """Tell the report of it: a folder with its slash, and nothing of what is in it."""
    for folder, known in _KNOWN.items():
        for child in await _children(store, folder):
            if child not in known:
                report.tell("file_added", child, _SAYS)
    async for name in store.strange():
        report.tell("file_added", name, _SAYS)


async def _children(store: Store, folder: str) -> list[str]:
    """Return what lies right below a folder, with one request each."""
    found: list[str] = []
    after = ""
    while (key := await anext(aiter(store.keys(folder, after=after)), None)) is not None:
        name, slash, _ = key.removeprefix(folder).partition("/")
        found.append(folder + name + slash)
        # A slash sorts right before a nought: what begins with the folder's name and a slash is passed over.
        after = f"{folder}{name}0" if slash else key
    return found
