"""[subscriber]: which meetings are listened to, and how."""

from typing import Annotated, Literal

import msgspec

from ..base import Settings
from .values import Seconds


class Subscriber(Settings, frozen=True, kw_only=True):
    """Which meetings are listened to, and how. For enterprises with a table `app`."""

    enabled: bool = True
    captions: Literal["when-running", "always", "never"] | tuple[str, ...] = "when-running"
    """when-running: take them where somebody switched them on. always: switch them on. never. Or switch them on in
    these meetings: IDs, or patterns for the subject with * and ?."""
    quality: Literal["auto", "push", "rest", "off"] = "auto"
    """auto: pushed where it comes, asked for where it does not."""
    quality_calls_per_minute: Annotated[int, msgspec.Meta(ge=1, le=6_000)] = 60
    """What asking for quality may cost of the service's budget, for each enterprise."""
    quality_every_s: Seconds = 60.0
    """How often each participant is asked for, where the calls suffice; each answer tells of all the time between."""
    discover_every_s: Seconds = 60.0
    """How often the list of online meetings is asked for, so that a lost push heals."""
    skip: tuple[str, ...] = ()
    """Meetings that nobody may listen to: IDs, patterns for the subject, or schedulers' names."""
    connects_per_s: Annotated[float, msgspec.Meta(gt=0, le=1_000)] = 50.0
    max_subscriptions: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 10_000
    heartbeat_s: Annotated[float, msgspec.Meta(ge=1, le=170)] = 60.0
    """The service closes a socket after 180 s without one."""
    stands_s: Seconds = 21_600.0
    """How long a receiver that cannot reach Kafka's group goes on with the meetings that it had; a new owner may have
    them meanwhile. Longer than Kafka is away, else nobody listens to them."""
    mask_contacts: bool = False
    """Publish phone numbers and e-mail addresses masked."""
    max_frame_bytes: Annotated[int, msgspec.Meta(ge=65_536, le=268_435_456)] = 33_554_432
    """A webinar's whole roster can take 16 MiB."""
