"""meeting.unrecognised.v1: what was verified but not understood, or not believed; and consumers' dead letters.

Nothing verified is ever dropped: it stands here with the reason, and `meetwire redrive` runs it again.
"""

from typing import Literal

from ..base import Event
from .lifecycle import Instant

SetAsideReason = Literal[
    "unknown_event",  # an event name that this version does not know
    "changed_payload",  # a known event whose members are missing or of other types
    "stale",  # the envelope's timestamp is older than the retry horizon: sent again by someone, or our clock is wrong
    "ahead",  # more than ten minutes in the future: the same
    "unknown_action",  # a meeting push of a type that this version does not know
    "changed_frame",  # a meeting push that is no JSON, or whose members are missing or of other types
    "too_large",  # the event is on its topic, but the original did not fit into its record
]

DeadLetterReason = Literal["undecodable", "handler_refused"]


class PushSetAside(Event, frozen=True, kw_only=True, tag=True):
    """A verified push, or a part of one, that did not become an event of its own kind.

    The bytes are `original` where they are UTF-8 and `original_base64` where not. `redacted` tells that values under
    keys that name passwords or tokens were taken out; such a push no longer agrees with its signature.
    """

    enterprise: str
    subscriber_id: str
    channel: str = "webhook"
    """webhook: an enterprise push. socket: a meeting push; nothing in it is signed, so it is never redriven."""
    reason: str
    """One of `SetAsideReason`; later versions may have more, and a reader must take those too."""
    event_name: str | None
    meeting_id: str | None
    where: str | None
    """The member that did not fit, as a JSON path; never its value."""
    sent_at: Instant
    received_at: Instant
    original: str | None
    original_base64: str | None
    original_sha256: str
    """Of the whole push, before redaction."""
    redacted: bool
    part: int
    parts: int


class RecordDeadLettered(Event, frozen=True, kw_only=True, tag=True):
    """A record that a consumer could not take."""

    consumer: str
    reason: str
    """One of `DeadLetterReason`; later versions may have more."""
    topic: str
    partition: int
    log: str | None
    """Null where the message is not ours; then `position` is Kafka's offset."""
    position: int
    event_id: str | None
    failed_at: Instant
    value_base64: str | None
    """Null where it is too large for a second record: then it stands at `topic`, `partition` and `position` alone."""


UnrecognisedEvent = PushSetAside | RecordDeadLettered
