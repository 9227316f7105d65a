"""meeting.state.v1: what the meeting push says of a meeting as a whole, and what we did and did not see of it.

Null is "not said": the service left it out, or its value has no meaning that is known. Nothing here holds a password,
a token or a link that lets somebody in: the frames that do are never published as they came.
"""

from typing import Literal

import msgspec

from ..base import Event
from .lifecycle import Instant
from .pushed import OfAPush

SubscriptionChange = Literal["opened", "lost", "gap", "closed"]


class MeetingDescribed(OfAPush, frozen=True, kw_only=True, tag=True):
    """What stays as it is while a meeting is held (ConfBasicInfoNotify)."""

    display_id: str | None
    """What people dial: the meeting ID, or the fixed ID of a room."""
    subject: str | None
    started_at: Instant | None
    scheduled_at: Instant | None
    owner_name: str | None
    owner_id: str | None
    organisation_id: str | None
    media: str | None
    """voice or video."""
    recording: str | None
    """What is allowed: off, recording, recording_and_live, live."""
    hosting: str | None
    """COMMON (a multipoint control unit) or RTC, as the service spells it."""
    call_in: str | None
    """Who may: everyone, enterprise, invited."""
    is_webinar: bool | None
    captions_supported: bool | None
    waiting_room_supported: bool | None
    interpretation: bool | None


class MeetingStateChanged(OfAPush, frozen=True, kw_only=True, tag=True):
    """What can change while a meeting is held (ConfDynamicInfoNotify); whole, as far as it was ever seen.

    The reference allows incremental frames too: what is null stays as it was.
    """

    state: str | None
    """scheduled, creating, running, closed; another word is the service's own."""
    ends_at: Instant | None
    layout: str | None
    """FREE, FIXED, ROLLCALL, BROADCAST, as the service spells it."""
    picture_count: int | None
    voice_activation: bool | None
    locked: bool | None
    muted_on_entry: bool | None
    may_unmute: bool | None
    sharing_locked: bool | None
    host_polling: bool | None
    recording_now: bool | None
    recorded: bool | None
    """Was recorded at some time of this meeting."""
    chat_forbidden: bool | None
    captions_on: bool | None
    waiting_room_on: bool | None
    interpretation_on: bool | None
    paused: bool | None
    audience_count: int | None


class Picture(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One place of a layout, from 1 on, and whose call numbers are shown there."""

    index: int | None
    call_numbers: list[str]
    sharing: bool | None

    def __repr__(self) -> str:
        """Show no number."""
        return "<Picture>"


class LayoutChanged(OfAPush, frozen=True, kw_only=True, tag=True):
    """How the pictures are arranged (CustomMultiPicNotify, and `multiPic` of ConfDynamicInfoNotify)."""

    layout: str | None
    picture_count: int | None
    polling_interval_s: int | None
    """The reference gives no unit; its REST calls have seconds."""
    voice_activation: bool | None
    pictures: list[Picture]


class InvitationAnswered(OfAPush, frozen=True, kw_only=True, tag=True):
    """A call that somebody was invited with came to an end, or through (InviteResultNotify)."""

    call_number: str | None
    result_code: str
    result: str | None
    """connected, no_answer, busy, rejected, offline, hung_up …; null for a code that is not documented."""


class Interpreter(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who interprets. Personal data."""

    interpreter_id: str | None
    user_id: str | None
    account: str | None
    call_number: str | None
    name: str | None
    kind: str | None
    """MANUAL or AI."""

    def __repr__(self) -> str:
        """Show no one's name or number."""
        return "<Interpreter>"


class InterpreterGroup(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who interprets between two languages."""

    group_id: str | None
    name: str | None
    first_language: str | None
    second_language: str | None
    kind: str | None
    """MANUAL or AI."""
    interpreters: list[Interpreter]

    def __repr__(self) -> str:
        """Show the languages alone."""
        return f"<InterpreterGroup {self.first_language} {self.second_language}>"


class InterpretersChanged(OfAPush, frozen=True, kw_only=True, tag=True):
    """All groups of interpreters (InterpreterGroupNotify)."""

    groups: list[InterpreterGroup]


class SubscriptionChanged(Event, frozen=True, kw_only=True, tag=True):
    """What became of our subscription to a meeting: the proof of what was seen and what was not.

    Within one `epoch` everything between `opened` and the next `lost` or `closed` was seen, but for the spans that
    `gap` tells of. `opened` after `lost` closes the span that began at `unseen_since`.
    """

    enterprise: str
    meeting_id: str
    meeting_uuid: str | None
    occurred_at: Instant
    change: str
    """One of `SubscriptionChange`; later versions may have more."""
    reason: str | None
    """Why, in one of our words: meeting_over, socket_closed, heartbeat_missed, not_found, log_full, moved, room,
    restarted, version_gap … Never a message of the service's."""
    epoch: int
    """Rises with every new owner or connection of this meeting."""
    receiver: str
    """The log ID of the receiver that holds, or held, it."""
    unseen_since: Instant | None
    """From when on nothing, or not everything, was seen. With `opened`: since when until now; null for a meeting that
    was seen from its start."""
    push_type: str | None
    """With `gap`: the service's name of the push whose sequence has a hole."""
    first_missed: int | None
    last_missed: int | None
    missed: int | None
    """How many pushes of that type, by their sequence numbers; null where they have none."""


class ReceiverAlive(Event, frozen=True, kw_only=True, tag=True):
    """A receiver is there: the readers' clock where nothing else comes. One to every partition, every ten seconds."""

    receiver: str
    """Its log ID."""
    occurred_at: Instant
    subscriptions: int
    """How many are open, of all meetings."""
    partition: int
    partition_subscriptions: int
    """How many of them have this partition's meetings."""
    position: int
    """All records of its log before this one are durable."""


class ServiceThreshold(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """From where on the service finds a figure bad, by the participant's direction."""

    sent: float | None
    received: float | None


class QualityThresholdsRead(Event, frozen=True, kw_only=True, tag=True):
    """What the service's own alarms of quality go by: the enterprise's numbers, its defaults where there are none.

    Read, and told, every hour: who reads back two hours has them. Here and not beside the samples, because they hold
    for the enterprise as a whole, and are kept for longer than samples are.
    """

    enterprise: str
    occurred_at: Instant
    """When they were read."""
    latency_ms: ServiceThreshold
    jitter_ms: ServiceThreshold
    packet_loss_ratio: ServiceThreshold
    """0 to 1."""
    client_cpu_ratio: float | None
    system_cpu_ratio: float | None


StateEvent = (
    MeetingDescribed
    | MeetingStateChanged
    | LayoutChanged
    | InvitationAnswered
    | InterpretersChanged
    | SubscriptionChanged
    | ReceiverAlive
    | QualityThresholdsRead
)
