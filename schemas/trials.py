"""A test of qos.toml: samples in, the alerts that have to stand at given times, as promtool does for Prometheus."""

from typing import Annotated, Literal

import msgspec

from .base import Settings
from .rules import Metric

_Values = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^\s*(_|-?[0-9]+(\.[0-9]+)?)(x[0-9]{1,6})?(\s+(_|-?[0-9]+(\.[0-9]+)?)(x[0-9]{1,6})?)*\s*$",
        description='figures one after the other, such as "0.01x6 0.3x12 _x3": x says how often, _ is no sample',
    ),
]


class Series(Settings, frozen=True, kw_only=True):
    """The samples of one figure of one participant."""

    participant: str
    meeting: str = "m-1"
    enterprise: str = "acme"
    subject: str | None = None
    site: str | None = None
    network: str | None = None
    department: str | None = None
    terminal_type: str | None = None
    metric: Metric
    """Of `alarm` 1 is bad; of `rating` 1 is "good" and 0 is "bad"."""
    modality: Literal["audio", "video", "screen", "client"] | None = None
    direction: Literal["sent", "received"] | None = None
    values: _Values
    every_s: Annotated[float, msgspec.Meta(gt=0, le=3_600)] = 10.0


class Stands(Settings, frozen=True, kw_only=True):
    """One alert that somebody is told of."""

    level: str
    place: str
    """As in the alert's event: acme/m-1/p-1, acme/深圳."""
    severity: str | None = None
    """None: whichever."""
    people: int | None = None


class Expected(Settings, frozen=True, kw_only=True):
    """What has to stand at a time, all of it and nothing else; what is held back or muted does not count."""

    at_s: Annotated[float, msgspec.Meta(ge=0)]
    alerts: tuple[Stands, ...] = ()


class Trial(Settings, frozen=True, kw_only=True):
    """One test."""

    name: str
    series: tuple[Series, ...] = ()
    expect: tuple[Expected, ...] = ()


class Trials(Settings, frozen=True, kw_only=True):
    """The whole file."""

    rules_file: str | None = None
    """Beside this file; none: the rules that ship."""
    trials: tuple[Trial, ...] = ()
