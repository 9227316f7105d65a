"""Check the access log: its chain, and what the ledger said of it."""

from collections.abc import Sequence

from schemas.archive import ACCESS, access_key
from schemas.archive.statements import AccessSealed

from ...errors import Altered
from ...life.access import read, verified
from ...stores import Store
from .report import Report


async def check_accesses(store: Store, sealed: Sequence[AccessSealed], report: Report) -> None:
    """Tell the report where the chain breaks, or is not the one that the ledger sealed."""
    last = sealed[-1] if sealed else None
    try:
        entries = await read(store)
        verified(entries, last)
    except Altered as error:
        file, _, says = str(error).rpartition(": ")
        report.tell("access_broken", file or ACCESS, f"The access log is not as it was written: {says}.")
        return
    report.accesses = len(entries)
    covered = last.entries if last else 0
    if len(entries) > covered:
        says = f"{len(entries) - covered} entries of the access log are not in the ledger yet: their end could be cut."
        report.tell("access_unsealed", access_key(covered), says)
