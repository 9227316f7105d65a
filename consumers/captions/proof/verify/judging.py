"""Compare a ledger's leaves with what was signed over them. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from schemas.archive import CHECKPOINTS, checkpoint_key, entry_key

from ..checkpoint import Checkpoint
from ..merkle import Frontier
from .report import Report

ELSEWHERE: Final = "(the checkpoint that was held elsewhere)"


class Note(NamedTuple):
    """A checkpoint with a good signature."""

    file: str
    checkpoint: Checkpoint


def judge(
    leaves: Sequence[bytes], notes: Sequence[Note], elsewhere: Checkpoint | None, report: Report
) -> Checkpoint | None:
    """Tell the report which notes are not over these leaves; return the newest that is."""
    wanted = [*(note.checkpoint for note in notes), *([elsewhere] if elsewhere else [])]
    roots = _roots(leaves, {one.size for one in wanted})
    good = [note.checkpoint for note in notes if roots.get(note.checkpoint.size) == note.checkpoint.root]
    newest = max(good, key=lambda one: one.size, default=None)
    report.signed, report.root = (newest.size, newest.root.hex()) if newest else (0, "")
    for note in notes:
        if note.checkpoint.size <= report.signed and note.checkpoint not in good:
            says = "It is signed, but over other entries than those that lie here."
            report.tell("checkpoint_differs", note.file, says)
    if not notes:
        report.tell("checkpoint_missing", CHECKPOINTS, "There is no checkpoint: nothing here is signed as a whole.")
    if elsewhere:
        _judge_elsewhere(leaves, elsewhere, roots, report)
    return newest


def judge_beyond(leaves: Sequence[bytes], notes: Sequence[Note], forged: int, report: Report) -> None:
    """Tell the report about what lies beyond the newest good note, unless it was said already of single entries.

    `forged`: how many of the entries there the key did not sign.
    """
    signed = report.signed
    beyond = sorted(note.checkpoint.size for note in notes if note.checkpoint.size > signed)
    said = {finding.what for finding in report.findings}
    if beyond and beyond[-1] > len(leaves) and "entry_missing" not in said:
        says = f"{beyond[-1]} entries were signed, {len(leaves)} are here: those from {len(leaves)} on are missing."
        report.tell("ledger_shorter", checkpoint_key(beyond[-1]), says)
    if beyond and beyond[0] <= len(leaves) and not said & {"entry_changed", "entry_missing"}:
        span = (
            f"entry {signed}" if beyond[0] == signed + 1 else f"one or more of the entries {signed} to {beyond[0] - 1}"
        )
        says = f"It is signed, but {span} of those that lie here was not the one then, though the same key signed it."
        report.tell("checkpoint_differs", checkpoint_key(beyond[0]), says)
    if (unsigned := len(leaves) - signed - forged) and not beyond:
        says = f"{unsigned} entries have no checkpoint over them yet."
        report.tell("entries_unsigned", entry_key(signed), says)


def _roots(leaves: Sequence[bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """Return the root over the first n leaves for each n of `sizes` that there are leaves for."""
    frontier = Frontier()
    roots = {}
    for size in sorted(size for size in sizes if size <= len(leaves)):
        frontier.extend(leaves[frontier.size : size])
        roots[size] = frontier.root()
    return roots


def _judge_elsewhere(leaves: Sequence[bytes], held: Checkpoint, roots: dict[int, bytes], report: Report) -> None:
    report.compared = held.size
    if held.size > len(leaves):
        says = f"{held.size} entries were signed then, {len(leaves)} are here: the rest is missing."
        report.tell("ledger_shorter", ELSEWHERE, says)
    elif roots[held.size] != held.root:
        says = (
            f"The first {held.size} entries are not those that were signed then. If the checkpoints here are good, the "
            "past was rewritten by someone who holds the signing key."
        )
        report.tell("ledger_rewritten", ELSEWHERE, says)
