"""qos.toml: the rules of quality alerts, table by table, as an operator writes them.

A rule looks at one figure of one kind of flow, or of the terminal. Sample by sample it is bad or it is not; when it has
been bad for long enough, that is an alert. What many have at once is rolled up into one.
"""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from .base import Settings

Severity = Literal["info", "warning", "critical"]
Metric = Literal[
    "packet_loss_ratio",
    "jitter_ms",
    "latency_ms",
    "bitrate_bps",
    "frame_rate_fps",
    "round_trip_ms",
    "client_cpu_ratio",
    "system_cpu_ratio",
    "alarm",
    "rating",
]
"""`alarm`: the service's own flag. `rating`: the service's word, bad unless it is one of `good`."""
ServiceFigure = Literal["latency", "jitter", "packet_loss", "client_cpu_max", "system_cpu_max"]
"""What the service has thresholds of its own for, as its REST call names them."""
OF_THE_SERVICE: dict[ServiceFigure, Metric] = {
    "latency": "latency_ms",
    "jitter": "jitter_ms",
    "packet_loss": "packet_loss_ratio",
    "client_cpu_max": "client_cpu_ratio",
    "system_cpu_max": "system_cpu_ratio",
}
OF_A_FLOW = frozenset({"packet_loss_ratio", "jitter_ms", "latency_ms", "bitrate_bps", "frame_rate_fps"})
"""Told for each modality and direction; the others once for each participant, `alarm` for both."""

Level = Literal["meeting", "site", "network", "department", "terminal_type", "enterprise"]

_Span = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
_Name = Annotated[
    str,
    msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="up to 63 lower-case letters, digits, _ and -"),
]
_Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="HH:MM")]
_Until = Annotated[
    str, msgspec.Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", description="HH:MM, up to 24:00")
]
_Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Scope(Settings, frozen=True, kw_only=True):
    """Where a rule holds. Patterns with * and ?; an empty list asks nothing; what is not known fits no pattern."""

    enterprises: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    terminal_types: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    """The city, as the REST source tells it."""


class QuietHours(Settings, frozen=True, kw_only=True):
    """When nobody is told; what fires then is told when they are over, if it still does."""

    days: tuple[_Day, ...] = ()
    """Empty: every day."""
    since: _Clock
    until: _Until
    """Before `since`: on the next day."""
    time_zone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        """Check what types cannot. Raises ValueError."""
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("time_zone must be a name such as Asia/Shanghai") from None
        if self.since == self.until:
            raise ValueError('since and until must differ; all day is since = "00:00", until = "24:00"')


class Rule(Settings, frozen=True, kw_only=True):
    """One rule. Defaults are those of somebody who wants to be told once, of what lasts."""

    name: _Name
    metric: Metric
    modality: Literal["audio", "video", "screen", "client"] | None = None
    """None: whichever."""
    direction: Literal["sent", "received"] | None = None
    """As seen from the participant. None: both, each by itself."""
    above: float | None = None
    below: float | None = None
    clear: float | None = None
    """Back on this side of it a sample is good again; between the two it is what it was. None: the threshold itself."""
    service: ServiceFigure | None = None
    """Where the service tells this threshold of its own, it is taken instead of `above`; `clear` in proportion."""
    good: tuple[str, ...] = ("good",)
    """With `rating`."""
    for_s: _Span = 30.0
    """How long it has to be bad."""
    bad: Annotated[int, msgspec.Meta(ge=1, le=60)] = 1
    of: Annotated[int, msgspec.Meta(ge=1, le=60)] = 1
    """So many samples of the last so many make it bad."""
    keep_firing_for_s: _Span = 60.0
    """How long it has to be good before the alert is over."""
    at_once: bool = False
    """Told with the sample that makes it bad, within a second, and not some twenty seconds later with all that came in
    its tick: so before anybody knows whether many have it, too. With for_s = 0, and where enterprises alone are asked
    for: the rest comes on other topics."""
    severity: Severity = "warning"
    where: Scope = Scope()
    quiet: QuietHours | None = None
    source: str | None = None
    """Where the threshold comes from."""

    def __post_init__(self) -> None:
        """Check what goes together. Raises ValueError."""
        if self.bad > self.of:
            raise ValueError(f"bad = {self.bad} of = {self.of}: no more can be bad than are looked at")
        if self.service is not None and (OF_THE_SERVICE[self.service] != self.metric or self.above is None):
            raise ValueError(f"service = {self.service} goes with {OF_THE_SERVICE[self.service]} and above")
        if self.at_once:
            self._is_told_at_once()
        if self.metric in ("alarm", "rating"):
            if self.above is not None or self.below is not None or self.clear is not None:
                raise ValueError(f"{self.metric} has no threshold: leave out above, below and clear")
            return
        if (self.above is None) == (self.below is None):
            raise ValueError("needs above or below, one of them")
        if self.metric not in OF_A_FLOW and self.modality not in (None, "client"):
            raise ValueError(f"{self.metric} is of a participant, not of a flow: leave out modality and direction")
        if self.metric.endswith("_ratio") and not 0 <= (self.above if self.above is not None else self.below or 0) <= 1:
            raise ValueError(f"{self.metric} is a share, from 0 to 1: 10 per cent is 0.1")
        if self.clear is not None and not self._clears():
            raise ValueError("clear must be on the good side of the threshold")

    def _is_told_at_once(self) -> None:
        if self.for_s:
            raise ValueError("at_once goes with for_s = 0: what has to last is not told at once")
        if self.where != Scope(enterprises=self.where.enterprises):
            raise ValueError("at_once goes with where.enterprises alone: a sample tells nothing else for certain")
        if self.service is not None:
            raise ValueError("at_once does without service: that threshold comes on another topic")

    def _clears(self) -> bool:
        if self.above is not None:
            return self.clear is None or self.clear <= self.above
        return self.clear is None or self.below is None or self.clear >= self.below


class NoData(Settings, frozen=True, kw_only=True):
    """When silence is a state of its own. Never taken for good."""

    participant_after_s: Annotated[float, msgspec.Meta(ge=10, le=86_400)] = 180.0
    """Beyond the time at which a participant's next sample was due."""
    meeting_after_s: Annotated[float, msgspec.Meta(ge=10, le=86_400)] = 300.0
    """A meeting that is on, is listened to, and of which nobody has samples."""
    all_after_s: Annotated[float, msgspec.Meta(ge=10, le=86_400)] = 300.0
    severity: Severity = "warning"


class RollUp(Settings, frozen=True, kw_only=True):
    """When many alerts of one rule become one. The first that fits, in the order of the file, takes them."""

    level: Level
    at_least: Annotated[int, msgspec.Meta(ge=2, le=100_000)] = 3
    """Participants."""
    share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.5
    """Of those measured there."""
    meetings: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1
    """In so many meetings at least."""
    severity: Severity = "critical"
    """Where what half of them have is graver than info; else it is as grave as the gravest that one of them has."""


class QosRules(Settings, frozen=True, kw_only=True):
    """The whole file."""

    lateness_s: Annotated[float, msgspec.Meta(ge=0, le=600)] = 10.0
    """How much later than others a record may come and still be counted."""
    watchdog: bool = False
    """An alert that always fires: where it is missed, alerting itself is broken."""
    service_thresholds: bool = True
    """Where the service tells its own thresholds, they are taken instead of a rule's."""
    no_data: NoData = NoData()
    rules: tuple[Rule, ...] = ()
    roll_ups: tuple[RollUp, ...] = ()

    def __post_init__(self) -> None:
        """Check across rules. Raises ValueError."""
        names = [rule.name for rule in self.rules]
        if len(names) != len(set(names)):
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"two rules have the name {twice}")
