"""Know from the ledger what must lie in the archive. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from schemas.archive import entry_key
from schemas.archive.statements import (
    AccessSealed,
    Erased,
    HoldAdded,
    HoldRemoved,
    LossAccepted,
    MeetingKept,
    MeetingLeft,
    SegmentsVouched,
)

from .ledgers import Said
from .report import Report


class Version(NamedTuple):
    """A version of a meeting that the ledger vouches for."""

    entry: int
    kept: MeetingKept
    newest: bool
    """No later version of this meeting is in the ledger."""
    may_lack: bool
    """Something of the meeting was erased since: files of this version may be gone."""


class Erasure(NamedTuple):
    """An erasure that the ledger tells of."""

    entry: int
    erased: Erased


class Plan(NamedTuple):
    """What the ledger says must be there."""

    versions: list[Version]
    erasures: list[Erasure]
    sealed: list[AccessSealed]
    holds: list[tuple[int, HoldAdded | HoldRemoved]]
    losses: dict[str, LossAccepted]
    """By segment."""

    def of(self, occurrence: str) -> "Plan":
        """Return what it says of one meeting alone."""
        return self._replace(
            versions=[one for one in self.versions if one.kept.occurrence == occurrence],
            erasures=[one for one in self.erasures if one.erased.occurrence == occurrence],
        )


def planned(said: Iterable[Said], report: Report) -> Plan:
    """Return the plan, and tell the report where statements exclude each other."""
    kept: dict[tuple[str, int], tuple[int, MeetingKept]] = {}
    plan = Plan([], [], [], [], {})
    for index, one in said:
        match one:
            case MeetingKept():
                before = kept.setdefault((one.occurrence, one.version), (index, one))[1]
                if (before.manifest, before.sha256) != (one.manifest, one.sha256):
                    says = f"Version {one.version} of this meeting was kept before, with another manifest."
                    report.tell("said_twice", entry_key(index), says, occurrences=[one.occurrence])
            case Erased():
                plan.erasures.append(Erasure(index, one))
            case AccessSealed():
                plan.sealed.append(one)
            case HoldAdded() | HoldRemoved():
                plan.holds.append((index, one))
            case LossAccepted():
                plan.losses.setdefault(one.segment, one)
            case MeetingLeft() | SegmentsVouched():  # pragma: no branch -- there is no other
                # Nothing has to be there of it.
                continue
    plan.versions.extend(_versions(list(kept.values()), plan.erasures))
    return plan


def _versions(kept: list[tuple[int, MeetingKept]], erasures: list[Erasure]) -> Iterable[Version]:
    newest: dict[str, int] = {}
    for _, one in kept:
        newest[one.occurrence] = max(one.version, newest.get(one.occurrence, 0))
    erased: dict[str, int] = {}
    for erasure in erasures:
        erased[erasure.erased.occurrence] = erasure.entry
    for index, one in kept:
        may_lack = erased.get(one.occurrence, -1) > index
        yield Version(index, one, one.version == newest[one.occurrence], may_lack)
