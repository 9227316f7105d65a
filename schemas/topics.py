"""The topics: what each carries, its key, how long it is kept, and what in it is personal.

Every topic has the same number of partitions, so a meeting is on the same partition number everywhere. The number
never changes; what must change incompatibly is a new topic with the next version.
"""

from typing import Final, Literal, get_args

import msgspec

from .base import Event
from .events.lifecycle import LifecycleEvent
from .events.unrecognised import UnrecognisedEvent

TopicName = Literal["meeting.lifecycle.v1", "meeting.unrecognised.v1"]

LIFECYCLE: Final = "meeting.lifecycle.v1"
UNRECOGNISED: Final = "meeting.unrecognised.v1"


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """The declaration of one topic."""

    name: TopicName
    purpose: str
    key: str
    retention_days: int
    personal: str
    """What in it tells of a person; who keeps it longer must know why."""
    events: tuple[type[Event], ...]


TOPICS: Final[dict[TopicName, Topic]] = {
    topic.name: topic
    for topic in (
        Topic(
            name=LIFECYCLE,
            purpose="Meetings scheduled, started, ended and closed; participants joining and leaving; recordings.",
            key="meeting_id",
            retention_days=30,
            personal="Names, accounts and call numbers of those who join and leave, also inside `original`.",
            events=get_args(LifecycleEvent),
        ),
        Topic(
            name=UNRECOGNISED,
            purpose="Verified pushes that were not understood or not believed, with the reason; dead letters.",
            key="meeting_id where it could be read, else the subscriber ID",
            retention_days=90,
            personal="Whatever the push held; values under keys that name passwords or tokens are taken out.",
            events=get_args(UnrecognisedEvent),
        ),
    )
}

# Kafka's default limit is 1 MiB for a batch; a record keeps well below it, headers included.
MAX_VALUE_BYTES: Final = 786_432
