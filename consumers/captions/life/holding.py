"""What is kept, held and erased by now: a fold over the ledger's statements, taken up where it was left. Pure."""

from collections.abc import Sequence

import msgspec

from schemas.archive.statements import Erased, HoldAdded, HoldRemoved, MeetingKept, Statement

from ..errors import Conflict, Held, Missing


class KeptVersion(msgspec.Struct, frozen=True):
    """The newest version of an occurrence."""

    occurrence: str
    version: int
    manifest: str
    """Its key."""
    sha256: str
    """Of the manifest."""


class Standing:
    """What the ledger says by its entry `count`."""

    def __init__(self) -> None:
        self.count = 0
        self.kept: dict[str, KeptVersion] = {}
        """By occurrence."""
        self.holds: dict[str, HoldAdded] = {}
        """Those that stand, by their IDs, in the order in which they were added."""
        self.once: dict[str, HoldAdded] = {}
        """Those that ever stood."""
        self.erased: dict[str, Erased] = {}
        """By the tombstones' keys. What stands is lawful: none is put while a hold stands."""
        self.since_due: dict[str, int] = {}
        """How many versions came after an occurrence was erased because it was due.

        None: that is not carried out yet. One: the version without words. More: something came late.
        """

    def take(self, said: Sequence[Statement], first: int = 0) -> None:
        """Go on with entries from `first` on; those that were taken are passed over."""
        for one in said[max(self.count - first, 0) :]:
            self._take(one)
            self.count += 1

    def holder(self, occurrence: str, meeting_id: str) -> HoldAdded | None:
        """Return a hold that covers the occurrence of this meeting, or None."""
        return next((hold for hold in self.holds.values() if covers(hold, occurrence, meeting_id)), None)

    def refuse_held(self, occurrence: str, meeting_id: str) -> None:
        """Raise Held where a hold covers the occurrence."""
        if (hold := self.holder(occurrence, meeting_id)) is not None:
            since = f"hold {hold.hold} of {hold.at:%Y-%m-%d}"
            raise Held(f"{since} covers {occurrence}: nothing of it is erased until it is removed")

    def refuse_added(self, added: HoldAdded) -> None:
        """Raise Conflict where another hold stands under the same ID."""
        there = self.holds.get(added.hold)
        if there is not None and (there.occurrences, there.meeting_id) != (added.occurrences, added.meeting_id):
            raise Conflict(f"hold {added.hold} stands already, on something else: choose another ID")

    def refuse_removed(self, hold: str) -> None:
        """Raise Missing where there never was such a hold."""
        if hold not in self.once:
            raise Missing(f"hold {hold}")

    def _take(self, one: Statement) -> None:
        match one:
            case MeetingKept():
                self._take_kept(one)
            case HoldAdded():
                self.holds[one.hold] = self.once[one.hold] = one
            case HoldRemoved():
                self.holds.pop(one.hold, None)
            case Erased():
                self.erased[one.tombstone] = one
                if one.why == "due":
                    self.since_due[one.occurrence] = 0
            case _:
                pass

    def _take_kept(self, one: MeetingKept) -> None:
        before = self.kept.get(one.occurrence)
        if before is None or before.version < one.version:
            self.kept[one.occurrence] = KeptVersion(one.occurrence, one.version, one.manifest, one.sha256)
        if one.occurrence in self.since_due:
            self.since_due[one.occurrence] += 1


def covers(hold: HoldAdded, occurrence: str, meeting_id: str) -> bool:
    """Return whether a hold is on the occurrence: by itself, or by its meeting's ID, those to come included."""
    return occurrence in hold.occurrences if hold.occurrences else hold.meeting_id == meeting_id
