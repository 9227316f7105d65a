"""Compare the captions that a cloud made with what stands on the topics, and count what is wrong. Pure.

Read as DESIGN.md says, by a reader that shares nothing with ours: per log and partition a position that does not rise
is a repeat of the forwarder's; what is of an older epoch than one before it is of an owner that was replaced; what two
receivers both saw has one id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from .speech import Spoken


class Stood(NamedTuple):
    """One record, where it stood."""

    topic: str
    partition: int
    log: str
    position: int
    id: str
    epoch: int
    event: dict[str, Any]


class Heard:
    """What a reader knows, from records in their order."""

    def __init__(self) -> None:
        self._risen: dict[tuple[str, int, str], int] = {}
        self._newest: dict[tuple[str, str], int] = {}
        self._ids: dict[str, str] = {}
        self.captions: dict[str, list[str]] = defaultdict(list)
        """By meeting: SHA-256 of the frames."""
        self.changes: dict[str, list[dict[str, Any]]] = defaultdict(list)
        """By meeting: what became of the subscription."""
        self.repeats = self.late = self.shared = self.duplicates = 0

    def take(self, record: Stood) -> None:
        """Take the next record of a topic."""
        place = record.topic, record.partition, record.log
        if record.position <= self._risen.get(place, 0):
            self.repeats += 1
            return
        self._risen[place] = record.position
        if record.event["type"] == "SubscriptionChanged":
            if self._is_newest(record, record.event["epoch"]):
                self.changes[record.event["meeting_id"]].append(record.event)
        elif record.event["type"] == "CaptionSpoken" and self._is_first(record):
            self.captions[record.event["meeting_id"]].append(record.event["original_sha256"])

    def _is_first(self, record: Stood) -> bool:
        if not self._is_newest(record, record.epoch):
            return False
        log = self._ids.setdefault(record.id, record.log)
        if log != record.log:
            self.shared += 1
            return False
        key = f"{record.id} {log}"
        self.duplicates += key in self._ids
        return self._ids.setdefault(key, log) == log

    def _is_newest(self, record: Stood, epoch: int) -> bool:
        key = record.topic, record.event["meeting_id"]
        if epoch < self._newest.get(key, 0):
            self.late += 1
            return False
        self._newest[key] = epoch
        return True

    def unseen(self, meeting_id: str) -> list[tuple[int, int]]:
        """Return the spans of a meeting, in ms, in which captions were sent that may not be here."""
        return list(_spans(self.changes.get(meeting_id, ())))


@dataclass
class Figures:
    """The figures of one scene, or of several."""

    runs: int = 0
    frames: int = 0
    """Captions that were made while their meeting was on."""
    read: int = 0
    lost: int = 0
    """Not on the topic; told as not seen."""
    unmarked_holes: int = 0
    """Not on the topic, and nobody was told."""
    duplicates: int = 0
    reordered: int = 0
    foreign: int = 0
    """On the topic, and never made."""
    resubscriptions: int = 0
    gaps: int = 0
    repeats: int = 0
    late: int = 0
    """Of an owner that was replaced; ignored."""
    shared: int = 0
    """Seen by two receivers; ignored the second time."""
    cuts: int = 0
    closed: int = 0
    frozen: int = 0
    kills: int = 0
    broker_kills: int = 0
    unheard_s: float = 0.0
    """The longest that one meeting had nobody, faults that followed one another included."""
    healed_s: float = 0.0
    """The longest until everything was listened to again, after the last fault."""
    drained_s: float = 0.0
    """The longest until what had waited for the broker was on the topic."""

    def add(self, made: Iterable[Spoken], heard: Heard) -> list[Spoken]:
        """Count one run; return the holes that nobody was told of."""
        by_meeting: dict[str, list[Spoken]] = defaultdict(list)
        for one in made:
            by_meeting[one.meeting_id].append(one)
        holes = [hole for meeting_id, ones in by_meeting.items() for hole in self._meeting(meeting_id, ones, heard)]
        self.runs += 1
        self.unmarked_holes += len(holes)
        self.duplicates += heard.duplicates
        self.repeats += heard.repeats
        self.late += heard.late
        self.shared += heard.shared
        return holes

    def _meeting(self, meeting_id: str, made: Sequence[Spoken], heard: Heard) -> list[Spoken]:
        read, place = heard.captions.get(meeting_id, []), {one.sha256: at for at, one in enumerate(made)}
        places = [place[sha256] for sha256 in read if sha256 in place]
        missing = [one for one in made if one.sha256 not in set(read)]
        spans = heard.unseen(meeting_id)
        holes = [one for one in missing if not any(since <= one.at_ms <= until for since, until in spans)]
        changes = [event["change"] for event in heard.changes.get(meeting_id, ())]
        self.frames += len(made)
        self.read += len(places)
        self.foreign += len(read) - len(places)
        self.lost += len(missing) - len(holes)
        self.reordered += sum(earlier > later for earlier, later in pairwise(places))
        self.resubscriptions += max(0, changes.count("opened") - 1)
        self.gaps += changes.count("gap")
        return holes

    @property
    def harm(self) -> tuple[int, int, int, int]:
        """What must be nothing: unmarked holes, duplicates, reordered, foreign."""
        return self.unmarked_holes, self.duplicates, self.reordered, self.foreign

    def table(self) -> str:
        """Return one line a figure."""
        rounded = ((name, round(value, 1)) for name, value in vars(self).items())
        return "\n".join(f"  {name.replace('_', ' '):16} {value:>9,}" for name, value in rounded)


def _spans(changes: Iterable[dict[str, Any]]) -> Iterable[tuple[int, int]]:
    """Yield what the events say, in order. A `gap` is of another push type: captions have no numbers to miss.

    Whoever opens a meeting and does not know since when it is on says nothing against those who saw it before.
    """
    unseen_since: int | None = 0
    for event in changes:
        at, since = _ms(event["occurred_at"]), _ms(event["unseen_since"])
        if event["change"] == "lost":
            unseen_since = since
        elif event["change"] in ("opened", "closed"):
            begins = [begin for begin in (unseen_since, _told(event, since)) if begin is not None]
            if begins:
                yield min(begins), at
            unseen_since = None if event["change"] == "opened" else at
    if unseen_since is not None:
        yield unseen_since, 1 << 62


def _told(event: dict[str, Any], since: int | None) -> int | None:
    return None if event["reason"] == "start_unknown" else since


def _ms(instant: str | None) -> Any:
    return None if instant is None else int(datetime.fromisoformat(instant).timestamp() * 1_000 + 1e-3)
