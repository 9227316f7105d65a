"""All that is remembered: one tree, written to a snapshot as it is and read back from it. Pure."""

import msgspec

from schemas.events import AnyEvent, QualityThresholdsRead

from .alert import Standing as AlertStanding
from .clock import Clock
from .facts import LEVELS, Facts
from .foretold import Foretold
from .pace import Queue
from .standing import Standing


class Input(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One record that the engine takes, until its tick is decided."""

    received_ms: int
    id: str
    """`ce_id`: what comes twice is taken once."""
    event: AnyEvent

    def __repr__(self) -> str:
        """Show no content."""
        return f"<Input {self.id}>"


class Measured(msgspec.Struct, gc=False):
    """One participant of whom there were samples."""

    facts: Facts
    newest_ms: int = 0
    """When the newest sample was received."""
    gap_ms: int = 0
    """How far apart samples come; what a silence is measured by."""
    silent: bool = False
    wake_ms: int = 0
    """When silence is looked for next; 0: not yet arranged."""
    measured_ms: dict[str, int] = {}
    """By series, when the newest sample was measured: an older one is no news."""
    standings: dict[int, Standing] = {}
    """By check; those that are quiet and have nothing to remember are left out."""


class Roster(msgspec.Struct):
    """A roster that comes in parts."""

    snapshot: str
    parts: set[int] = set()
    people: set[str] = set()


class Meeting(msgspec.Struct):
    """A meeting that something was heard of."""

    enterprise: str
    meeting_id: str
    subject: str | None = None
    listened_ms: int = 0
    """Since when a subscription is open; 0: none is."""
    sampled_ms: int = 0
    """When its newest sample, of whomever, was received; 0: there was none."""
    silent: bool = False
    roster: Roster | None = None
    people: dict[str, Measured] = {}
    known: dict[str, Facts] = {}
    """What rosters said of people of whom there are no samples yet."""
    epoch: int = 0
    """Of the newest subscription that was heard of."""
    gap_ms: int = 0
    """How far apart its samples come where they are asked for; where they are pushed they come all the time."""
    uuid: str | None = None
    """Of the holding that was heard of last."""
    uuid_ms: int = 0
    """Since when it is."""
    heard_ms: int = 0
    """When anything but a sample was heard of it."""
    awaited: bool = False
    """A subscription is open, or was and is to be again."""


MeetingKey = str


def meeting_key(enterprise: str, meeting_id: str) -> MeetingKey:
    """Return what a meeting is known by here."""
    return f"{enterprise}/{meeting_id}"


class Census(msgspec.Struct):
    """How many are measured at each place of each level: what a share is a share of."""

    counts: dict[str, dict[str, int]] = {}

    def add(self, facts: Facts, by: int) -> None:
        """Count a participant in (1), or out again (-1)."""
        for level in LEVELS:
            if (place := place_of(facts, level)) is not None:
                there = self.counts.setdefault(level, {})
                there[place] = there.get(place, 0) + by
                if not there[place]:
                    del there[place]

    def of(self, level: str, place: str) -> int:
        """Return how many are measured there."""
        return self.counts.get(level, {}).get(place, 0)


def place_of(facts: Facts, level: str) -> str | None:
    """Return where a participant belongs to at `level`. A department of one enterprise is none of another's."""
    told = facts.at(level)
    if told is None or level in ("enterprise", "meeting"):
        return told
    return f"{facts.enterprise}/{told}"


class State(msgspec.Struct):
    """The whole."""

    clock: Clock = msgspec.field(default_factory=Clock)
    decided_ms: int = 0
    """The end of the last tick that was decided."""
    waiting: dict[int, list[Input]] = {}
    """By tick: what is not decided yet."""
    meetings: dict[MeetingKey, Meeting] = {}
    wake: dict[int, set[tuple[MeetingKey, str]]] = {}
    """By tick: whom time alone may move then; "" for the meeting itself."""
    firing: set[tuple[MeetingKey, str]] = set()
    """Who has a check that fires, or is silent."""
    alerts: dict[str, AlertStanding] = {}
    census: Census = msgspec.field(default_factory=Census)
    late: int = 0
    """Records that came after their tick was decided, and were not used."""
    repeated: int = 0
    """Samples that were no news."""
    sampled_ms: int = 0
    """When the newest sample of all was received; 0: there was none yet."""
    thresholds: dict[str, QualityThresholdsRead] = {}
    """By enterprise: the service's own."""
    queues: dict[str, Queue] = {}
    """By enterprise, where quality is asked for."""
    swept_ms: int = 0
    """When meetings were last looked through for those that nobody told the end of."""
    foretold: Foretold = msgspec.field(default_factory=Foretold)
    """What was told at once, before its tick."""
