"""The alerts' desk, as a protocol: what stands and stood, silences, acknowledgements, a test of the channels.

The command line and the dashboard work with it; deploy hands in who has it: the process that decides, or a client of
its listener. Whatever is done here is an event on meeting.alerts.v1 before it is answered, and outlives every process.
What the engine decides is never changed by it; whom we tell is.

DeskError
├── NotThere           no such alert stands, no such silence holds, no such channel
├── NotWanted          what was asked for makes no sense; the message says what would
├── NotAllowed         the desk does not know the token
└── DeskUnavailable    the listener is not reached, or the event could not be made durable: nothing happened
"""

from typing import Annotated, Protocol

import msgspec

from .events.alerts import AlertAcknowledged, AlertChanged, AlertSilenced, SilenceMatcher
from .events.lifecycle import Instant

Who = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
"""Whoever does it: the dashboard's user, the name that a token has, or what the command was told."""


class DeskError(Exception):
    """The desk cannot do it."""


class NotThere(DeskError):
    """There is no such alert, silence or channel."""


class NotWanted(DeskError):
    """What was asked for makes no sense; the message says what would."""


class NotAllowed(DeskError):
    """The desk does not know who asks."""


class DeskUnavailable(DeskError):
    """Nobody is reached who has it, or it could not be made durable. Nothing happened."""


class AlertOnDesk(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as it is now: the newest decision on it, and what people made of it."""

    alert: AlertChanged
    acknowledged: AlertAcknowledged | None = None
    """Ends with the alert: when it comes back nobody has seen it."""
    silenced_by: str | None = None
    """The ID of the silence that keeps us from telling of it; of several the one that ends last."""
    told: tuple[str, ...] = ()
    """The channels that were told of it since it fired, by name."""


class SilenceWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to be silent about, and for how long."""

    matchers: Annotated[tuple[SilenceMatcher, ...], msgspec.Meta(min_length=1, max_length=20)]
    """All of them have to fit."""
    starts_at: Instant | None = None
    """Null: now."""
    ends_at: Instant
    """At most a year ahead."""
    why: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a test on one channel."""

    channel: str
    kind: str
    error: str | None = None
    """Null where it was taken; else what the other side said to it, or that it did not answer."""
    took_ms: int


class AlertDesk(Protocol):
    """Everything that a person does about alerts."""

    async def standing(self) -> list[AlertOnDesk]:
        """Return what stands, held back and silenced ones included; the gravest and then the oldest first."""
        ...

    async def past(self, limit: int = 100) -> list[AlertOnDesk]:
        """Return what is over, as it was resolved; the newest first, no more than are remembered (1,000)."""
        ...

    async def silences(self) -> list[AlertSilenced]:
        """Return those that hold and those that begin later, by their ends."""
        ...

    async def silence(self, wanted: SilenceWanted, who: Who) -> AlertSilenced:
        """Make one. Raises NotWanted for one that ends in the past or matches everything by an empty pattern."""
        ...

    async def end_silence(self, silence_id: str, who: Who) -> AlertSilenced:
        """End one now; what it kept from being told and still stands is told. Raises NotThere."""
        ...

    async def acknowledge(self, alert_id: str, who: Who, note: str = "") -> AlertAcknowledged:
        """Say that somebody is at it: of this alert people are told only its end, and that it gets worse. NotThere."""
        ...

    async def send_test(self, channel: str | None = None) -> list[Tried]:
        """Send a test to one channel, or to all, past the queue; return what became of each. Raises NotThere."""
        ...
