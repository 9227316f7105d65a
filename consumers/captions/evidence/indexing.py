"""Make the index of a segment of its lines. Pure, but for the keys that open them."""

from collections.abc import Iterable
from typing import Final

from schemas.archive.lines import OpenLine
from schemas.events import (
    MeetingClosed,
    MeetingEnded,
    MeetingStarted,
    MeetingStateChanged,
    ReceiverAlive,
    SubscriptionChanged,
)
from schemas.record import SOURCE_PREFIX, TYPE_PREFIX

from ..proof.merkle import root
from .index import Index, Sign, Whose, packed, runs
from .line import Opens, event_of, leaf, opened, read, value_of

_BY_TYPE: Final = {kind.__name__ for kind in (MeetingStarted, MeetingEnded, MeetingClosed)}
_TO_LOOK_AT: Final = {kind.__name__ for kind in (MeetingStateChanged, SubscriptionChanged)}


def index_of(segment: str, lines: Iterable[bytes], seals: Opens | None) -> Index:
    """Return the index. Lines that were erased, or left out, are nobody's. Raises Altered, Misconfigured."""
    leaves: list[bytes] = []
    meetings: dict[tuple[str, str], _Lines] = {}
    alive: list[int] = []
    times: list[int] = []
    last_offset = -1
    for number, line in enumerate(lines):
        leaves.append(leaf(line))
        found = opened(line, seals)
        times.append(found.time_ms)
        last_offset = found.offset
        if not isinstance(found, OpenLine):
            continue
        headers = dict(found.headers)
        kind = headers.get("ce_type", "").removeprefix(TYPE_PREFIX).removesuffix(".v1")
        if kind == ReceiverAlive.__name__:
            alive.append(number)
            continue
        key = (headers.get("ce_source", "").removeprefix(SOURCE_PREFIX), found.key)
        meetings.setdefault(key, _Lines()).add(number, found, kind)
    return Index(
        segment=segment,
        records=len(leaves),
        root=root(leaves).hex(),
        leaves=packed(leaves),
        first_ms=min(times, default=0),
        last_ms=max(times, default=0),
        last_offset=last_offset,
        alive=runs(alive),
        meetings=[of.whose(*key) for key, of in sorted(meetings.items())],
    )


def seals_of(lines: Iterable[bytes]) -> set[str]:
    """Return the IDs of the data keys that open these lines."""
    found = set()
    for line in lines:
        if line.startswith(b'{"line":"sealed",'):
            found.add(getattr(read(line), "seal", ""))
    return found


class _Lines:
    """One meeting's lines of a segment."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.times: list[int] = []
        self.signs: list[Sign] = []

    def add(self, number: int, line: OpenLine, kind: str) -> None:
        self.numbers.append(number)
        self.times.append(line.time_ms)
        if (sign := _sign(line, kind)) is not None:
            self.signs.append(Sign(line=number, type=sign, time_ms=line.time_ms))

    def whose(self, enterprise: str, meeting_id: str) -> Whose:
        return Whose(
            enterprise=enterprise,
            meeting_id=meeting_id,
            lines=runs(self.numbers),
            first_ms=min(self.times),
            last_ms=max(self.times),
            signs=self.signs,
        )


def _sign(line: OpenLine, kind: str) -> str | None:
    """Return what a record tells of a meeting's begin or end, if it does."""
    if kind in _BY_TYPE:
        return kind
    if kind in _TO_LOOK_AT:
        match event_of(value_of(line)):
            case SubscriptionChanged(change="opened"):
                return "opened"
            case SubscriptionChanged(change="closed", reason="meeting_over") | MeetingStateChanged(state="closed"):
                return "over"
            case _:
                return None
    return None
