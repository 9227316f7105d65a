"""The topics: what each carries, its key, how long it is kept, and what in it is personal.

Every topic has the same number of partitions, so a meeting is on the same partition number everywhere. The number
never changes; what must change incompatibly is a new topic with the next version.
"""

from typing import Final, Literal, get_args

import msgspec

from .base import Event
from .events.alerts import AlertEvent
from .events.captions import CaptionSpoken
from .events.lifecycle import LifecycleEvent
from .events.participants import ParticipantsEvent
from .events.quality import QualitySampled
from .events.speakers import ActiveSpeakersChanged
from .events.state import StateEvent
from .events.unrecognised import UnrecognisedEvent

TopicName = Literal[
    "meeting.lifecycle.v1",
    "meeting.state.v1",
    "meeting.participants.v1",
    "meeting.speakers.v1",
    "meeting.quality.v1",
    "meeting.captions.v1",
    "meeting.alerts.v1",
    "meeting.unrecognised.v1",
]

LIFECYCLE: Final = "meeting.lifecycle.v1"
STATE: Final = "meeting.state.v1"
PARTICIPANTS: Final = "meeting.participants.v1"
SPEAKERS: Final = "meeting.speakers.v1"
QUALITY: Final = "meeting.quality.v1"
CAPTIONS: Final = "meeting.captions.v1"
ALERTS: Final = "meeting.alerts.v1"
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
            name=STATE,
            purpose="What a meeting is and how it stands; what was and was not seen of it; receivers' signs of life.",
            key="meeting_id; for ReceiverAlive the receiver's log ID, one a partition; for thresholds the enterprise",
            retention_days=30,
            personal="Names of owners and interpreters, call numbers of those who were invited.",
            events=get_args(StateEvent),
        ),
        Topic(
            name=PARTICIPANTS,
            purpose="Who is in a meeting, who is invited, who waits: whole rosters in parts, then changes.",
            key="meeting_id",
            retention_days=7,
            personal="Names, accounts, call numbers, e-mail addresses and departments; contacts can be masked.",
            events=get_args(ParticipantsEvent),
        ),
        Topic(
            name=SPEAKERS,
            purpose="Who speaks now, silence included.",
            key="meeting_id",
            retention_days=7,
            personal="Names of those who speak.",
            events=(ActiveSpeakersChanged,),
        ),
        Topic(
            name=QUALITY,
            purpose="How well each participant is connected, as pushed or as asked for.",
            key="meeting_id",
            retention_days=7,
            personal="Names, departments and cities of participants, from the REST source alone.",
            events=(QualitySampled,),
        ),
        Topic(
            name=CAPTIONS,
            purpose="What was said, interim and final.",
            key="meeting_id",
            retention_days=30,
            personal="The words themselves, also inside `original`.",
            events=(CaptionSpoken,),
        ),
        Topic(
            name=ALERTS,
            purpose="What is wrong with the quality of whom or what, since when and why, when it is over, who is told.",
            key="meeting_id where it concerns one meeting, else the alert's ID; a silence's ID",
            retention_days=30,
            personal="IDs of participants; names of cities and departments; who silenced or acknowledged, and why.",
            events=get_args(AlertEvent),
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
