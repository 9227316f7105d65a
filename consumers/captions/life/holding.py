"""What is held, and whether an erasure was lawful: a fold over the ledger's statements. Pure."""

from collections.abc import Iterable, Sequence

from schemas.archive.statements import Erased, HoldAdded, HoldRemoved, MeetingKept, Statement

from ..errors import Conflict, Held, Missing


def standing(said: Iterable[Statement]) -> dict[str, HoldAdded]:
    """Return the holds that stand after `said`, by their IDs, in the order in which they were added."""
    holds: dict[str, HoldAdded] = {}
    for one in said:
        if isinstance(one, HoldAdded):
            holds[one.hold] = one
        elif isinstance(one, HoldRemoved):
            holds.pop(one.hold, None)
    return holds


def holder(said: Iterable[Statement], occurrence: str, meeting_id: str) -> HoldAdded | None:
    """Return a hold that covers the occurrence of this meeting, or None."""
    return next((hold for hold in standing(said).values() if covers(hold, occurrence, meeting_id)), None)


def covers(hold: HoldAdded, occurrence: str, meeting_id: str) -> bool:
    """Return whether a hold is on the occurrence: by itself, or by its meeting's ID, those to come included."""
    return occurrence in hold.occurrences if hold.occurrences else hold.meeting_id == meeting_id


def refuse_held(said: Iterable[Statement], occurrence: str, meeting_id: str) -> None:
    """Raise Held where a hold covers the occurrence."""
    if (hold := holder(said, occurrence, meeting_id)) is not None:
        raise Held(
            f"hold {hold.hold} of {hold.at:%Y-%m-%d} covers {occurrence}: nothing of it is erased until it is removed"
        )


def refuse_added(said: Iterable[Statement], added: HoldAdded) -> None:
    """Raise Conflict where another hold stands under the same ID."""
    there = standing(said).get(added.hold)
    if there is not None and (there.occurrences, there.meeting_id) != (added.occurrences, added.meeting_id):
        raise Conflict(f"hold {added.hold} stands already, on something else: choose another ID")


def refuse_removed(said: Sequence[Statement], hold: str) -> None:
    """Raise Missing where there never was such a hold."""
    if not any(isinstance(one, HoldAdded) and one.hold == hold for one in said):
        raise Missing(f"hold {hold}")


def kept(said: Iterable[Statement]) -> dict[str, MeetingKept]:
    """Return what the ledger said last of each occurrence that it keeps."""
    newest: dict[str, MeetingKept] = {}
    for one in said:
        if isinstance(one, MeetingKept) and (
            one.occurrence not in newest or newest[one.occurrence].version < one.version
        ):
            newest[one.occurrence] = one
    return newest


def erasures(said: Iterable[Statement]) -> dict[str, Erased]:
    """Return the erasures, by their tombstones' keys. Those that stand are lawful: none is put while a hold stands."""
    return {one.tombstone: one for one in said if isinstance(one, Erased)}
