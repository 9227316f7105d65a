"""Which meetings are on, which segments have lines of theirs, and which of them are to be closed. Pure.

What it knows is a fold over the indexes of one partition's segments, so it can be made anew from the store; kept beside
them, it saves reading them all. A meeting is remembered for a day after it was closed: what comes late is found.
"""

from typing import Final, NamedTuple

import msgspec

from schemas.topics import CAPTIONS, SPEAKERS

from .evidence.index import Index, Sign, Whose

_DAY_MS: Final = 86_400_000
# So many records of a meeting are looked at at once: with what is made of them, half a gigabyte.
MOST: Final = 150_000
_BULK: Final = frozenset({CAPTIONS, SPEAKERS})
# Later than any record.
ALWAYS_MS: Final = 2**62
_BEGINS: Final = ("MeetingStarted", "opened")


def is_bulk(segment: str) -> bool:
    """Whether a segment is of what goes on and on: of a long meeting, each part has its own, and all else in common."""
    return segment.split("/")[2] in _BULK


class Ref(msgspec.Struct, frozen=True):
    """A segment that holds some; which lines of it, its index says. Lines here would be memory for each record."""

    segment: str
    first_ms: int
    last_ms: int
    records: int = 0

    @property
    def is_bulk(self) -> bool:
        """Whether it is of what goes on and on; all else is context, and is wanted of the whole meeting."""
        return is_bulk(self.segment)


class Tracked(msgspec.Struct, kw_only=True):
    """One meeting ID."""

    enterprise: str
    meeting_id: str
    refs: list[Ref] = []
    first_ms: int
    last_ms: int
    is_on: bool = False
    """It began, and nothing says that it is over."""
    ended_ms: int | None = None
    """The first end that was not looked at yet."""
    is_new: bool = True
    """There are lines that were not looked at yet."""
    is_pending: bool = False
    """There is an occurrence that is not over, as far as anybody said."""
    manifests: list[str] = []
    """Keys of the newest of each occurrence that was closed."""
    records: int = 0
    """That came since it was looked at last."""
    part: int = 0
    """How many parts of it were written down, of what was not over then."""
    parted: list[str] = []
    """Occurrences of which these were."""

    def add(self, whose: Whose, segment: str) -> None:
        """Take in the lines of one more segment."""
        ref = Ref(segment, whose.first_ms, whose.last_ms, sum(count for _, count in whose.lines))
        self.refs.append(ref)
        self.records += ref.records
        self.first_ms = min(self.first_ms, whose.first_ms)
        self.last_ms = max(self.last_ms, whose.last_ms)
        self.is_new = True
        for sign in sorted(whose.signs, key=_time):
            self._heed(sign)

    def is_due(self, clock_ms: int, *, close_ms: int, silent_ms: int) -> bool:
        """Whether there is something to close, where all up to `clock_ms` is in the store."""
        if self.ended_ms is not None and self.ended_ms + close_ms <= clock_ms:
            return True
        if self.records >= MOST:
            return True
        if self.is_new and not self.is_on and self.manifests and self.last_ms + close_ms <= clock_ms:
            return True
        return (self.is_new or self.is_pending) and self.last_ms + silent_ms <= clock_ms

    def looked(self, manifests: list[str], *, is_pending: bool) -> None:
        """Note that all of it was looked at, and what became of it."""
        self.ended_ms, self.is_new, self.is_pending, self.manifests = None, False, is_pending, manifests
        self.records = 0
        if not is_pending:
            # What was written down counts for no part of what comes.
            self.refs = [msgspec.structs.replace(ref, records=0) if ref.records else ref for ref in self.refs]

    def portion(self) -> tuple[list[Ref], int | None]:
        """Return the segments to be looked at at once; and when what follows begins, if that is a part of all there is.

        Which these are follows from the segments alone, however many there are by now.
        """
        bulk = sorted((ref for ref in self.refs if ref.is_bulk), key=_begin)
        records = 0
        for number, ref in enumerate(bulk, 1):
            records += ref.records
            if records >= MOST:
                context = [one for one in self.refs if not one.is_bulk and one.first_ms <= ref.last_ms]
                return [*context, *bulk[:number]], bulk[number].first_ms if number < len(bulk) else ALWAYS_MS
        return self.refs, None

    def parted_at(self, refs: list[Ref], occurrences: list[str], manifests: list[str]) -> None:
        """Go on behind a part that was written down: of what it was made of, the context is wanted once more."""
        done = {ref.segment for ref in refs if ref.is_bulk}
        self.refs = [ref for ref in self.refs if ref.segment not in done]
        self.manifests, self.is_new, self.is_pending = manifests, True, True
        self.records = sum(ref.records for ref in self.refs if ref.is_bulk)
        self.part, self.parted = self.part + 1, occurrences

    def is_past(self, clock_ms: int, silent_ms: int) -> bool:
        """Whether nothing more is to be expected."""
        return not self.is_new and not self.is_pending and self.last_ms + silent_ms + _DAY_MS <= clock_ms

    def _heed(self, sign: Sign) -> None:
        self.is_on = sign.type in _BEGINS
        if not self.is_on:
            self.ended_ms = sign.time_ms if self.ended_ms is None else min(self.ended_ms, sign.time_ms)


class Standing(msgspec.Struct, kw_only=True):
    """One partition number of a cluster."""

    stored: dict[str, str] = {}
    """By topic the last segment that is counted in."""
    meetings: list[Tracked] = []
    alive: list[Ref] = []
    """Signs of life, from the first tracked meeting on."""
    roots: dict[str, str] = {}
    """By segment that is named here, the tree over its lines; of each topic's last one too."""


decode_standing: Final = msgspec.json.Decoder(Standing).decode


class Missed(NamedTuple):
    """A segment that was put, and is gone, or altered so that nobody knows whose lines it has."""

    segment: str
    root: str
    """The tree over its lines."""
    first_ms: int
    last_ms: int
    """Between these its lines were received."""


class Tracker:
    """The meetings of one partition number."""

    def __init__(self, standing: Standing) -> None:
        self.stored = dict(standing.stored)
        self._meetings = {(one.enterprise, one.meeting_id): one for one in standing.meetings}
        self._alive = list(standing.alive)
        self.roots = dict(standing.roots)
        self.is_changed = False

    @property
    def open(self) -> int:
        """Return how many meetings are on, as far as it is known."""
        return sum(one.is_on for one in self._meetings.values())

    @property
    def standing(self) -> Standing:
        """Return what is known, to be kept."""
        meetings = list(self._meetings.values())
        return Standing(stored=self.stored, meetings=meetings, alive=self._alive, roots=self._named_roots())

    def add(self, topic: str, index: Index) -> None:
        """Take in a segment; one that is counted in already changes nothing."""
        if index.segment == self.stored.get(topic):
            # As it was decided in the end, where what was promised of it was not put.
            self.roots[index.segment] = index.root
        if index.segment <= self.stored.get(topic, ""):
            return
        self.stored[topic] = index.segment
        self.roots[index.segment] = index.root
        self.is_changed = True
        if index.alive:
            self._alive.append(Ref(index.segment, index.first_ms, index.last_ms))
        for whose in index.meetings:
            key = (whose.enterprise, whose.meeting_id)
            if key not in self._meetings:
                self._meetings[key] = Tracked(
                    enterprise=whose.enterprise,
                    meeting_id=whose.meeting_id,
                    refs=[],
                    first_ms=whose.first_ms,
                    last_ms=whose.last_ms,
                )
            self._meetings[key].add(whose, index.segment)

    def last(self, topic: str) -> tuple[str, str]:
        """Return the last segment of a topic, and the root over it; empty where there is none, or it is not known."""
        segment = self.stored.get(topic, "")
        return segment, self.roots.get(segment, "")

    def miss(self, missed: Missed) -> None:
        """Have no meeting closed that went on when a segment was written that cannot be read: it may have lines in it.

        What is named so is looked for at each try: put back, the meeting is closed.
        """
        self.roots[missed.segment] = missed.root
        for one in self._meetings.values():
            is_known = any(ref.segment == missed.segment for ref in one.refs)
            if not is_known and one.first_ms <= missed.last_ms and one.last_ms >= missed.first_ms:
                one.refs.append(Ref(missed.segment, missed.first_ms, min(missed.last_ms, one.last_ms)))
                self.is_changed = True

    def due(self, clock_ms: int, *, close_ms: int, silent_ms: int) -> list[Tracked]:
        """Return the meetings that have something to close, and forget those that are past."""
        past = [key for key, one in self._meetings.items() if one.is_past(clock_ms, silent_ms)]
        for key in past:
            del self._meetings[key]
        first_ms = min((one.first_ms for one in self._meetings.values()), default=clock_ms)
        # What a sign of life says of a minute before a start is looked at too.
        self._alive = [ref for ref in self._alive if ref.last_ms >= first_ms - _DAY_MS]
        if past:
            self.roots = self._named_roots()
        ready = self._meetings.values()
        return [one for one in ready if one.is_due(clock_ms, close_ms=close_ms, silent_ms=silent_ms)]

    def alive_between(self, first_ms: int, last_ms: int) -> list[Ref]:
        """Return the signs of life of that time, and some around it."""
        return [ref for ref in self._alive if ref.last_ms >= first_ms and ref.first_ms <= last_ms]

    def _named_roots(self) -> dict[str, str]:
        named = {ref.segment for one in self._meetings.values() for ref in one.refs}
        named.update(self.stored.values(), (ref.segment for ref in self._alive))
        return {segment: root for segment, root in self.roots.items() if segment in named}


def _time(sign: Sign) -> int:
    return sign.time_ms


def _begin(ref: Ref) -> tuple[int, str]:
    return ref.first_ms, ref.segment
