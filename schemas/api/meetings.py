"""The present: every meeting that is on, and one of them in full. Also the events of GET /api/v1/live?meeting=…

overview   Overview, where it changed
row        list[MeetingRow]: whole ones that are new or changed, four times a second at the most
gone       list[str]: IDs of meetings that are to be taken from the list
meeting    MeetingDetail of the meeting that was asked for, without captions and histories
caption    Caption of it, for who may see it
alert      Alert, new or changed
behind     Behind, every five seconds
missed     Missed: the reader is too slow; it asks for everything anew
"""

from typing import Literal

import msgspec

from ..events.lifecycle import Instant
from .shape import Answer

Seeing = Literal["open", "lost", "none"]
"""Whether the pushes of a meeting come to us: open; lost, and tried again; none, since nobody listens to it."""
MeetingState = Literal["on", "over"]
"""over: since some minutes at the most; then it is gone."""
Rating = int
"""0 to 5 by the worst flow: 5 good, 4 fair, 3 noticed, 2 annoying, 1 hardly usable, 0 broken. Up to 2 is bad."""


class Hour(Answer, frozen=True, kw_only=True):
    """What there was in one step of the last hours: at most, within it."""

    at: Instant
    """Its begin; steps are five minutes."""
    meetings: int
    people: int
    bad: int


class Overview(Answer, frozen=True, kw_only=True):
    """Everything in six numbers, of the enterprises that the reader may see."""

    meetings: int
    people: int
    bad: int
    """People whose rating is 2 or less."""
    subscriptions_lost: int
    alerts: int
    """Standing."""
    hours: list[Hour]
    """The oldest first; empty steps are there too."""


class MeetingRow(Answer, frozen=True, kw_only=True):
    """One meeting in the list."""

    id: str
    """The occurrence's: one holding of this meeting, 32 hexadecimal digits."""
    meeting_id: str
    enterprise: str
    subject: str | None
    scheduler: str | None
    started_at: Instant | None
    ended_at: Instant | None
    state: MeetingState
    people: int
    bad: int
    worst: Rating | None
    """The worst rating of anybody in it; null where nothing is measured."""
    speakers_now: list[str]
    """Names, the loudest first."""
    captions_on: bool | None
    subscription: Seeing
    alerts: int
    """Standing, about this meeting or somebody in it."""


class Meetings(Answer, frozen=True, kw_only=True):
    """GET /api/v1/meetings."""

    cursor: str
    """Where the stream goes on after what is in here: as Last-Event-ID of /api/v1/stream."""
    at: Instant
    behind_s: float | None
    """How far the dashboard is behind what is written; null while it reads what was before its start."""
    overview: Overview
    """Of all, whatever is searched for."""
    meetings: list[MeetingRow]


class FlowNow(Answer, frozen=True, kw_only=True):
    """One modality in one direction, as last measured."""

    rating: Rating | None
    loss_ratio: float | None
    jitter_ms: float | None
    rtt_ms: float | None
    """The participant's round trip, whatever the modality."""
    latency_ms: float | None
    """One way."""
    bitrate_bps: int | None
    frame_rate_fps: float | None
    resolution: str | None


class Ways(Answer, frozen=True, kw_only=True):
    """Both directions, as the participant sees them."""

    sent: FlowNow | None
    received: FlowNow | None


class PersonQuality(Answer, frozen=True, kw_only=True):
    """How well somebody is connected."""

    at: Instant
    """When it was measured."""
    rating: Rating | None
    """The worst of all."""
    audio: Ways
    video: Ways
    screen: Ways


class Point(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One step of somebody's history, as an array: [at, sent, received, loss, loss, jitter, rtt]."""

    at: int
    """Seconds since 1970; steps are a minute, the worst within it stands."""
    sent: Rating | None
    received: Rating | None
    sent_loss_ratio: float | None
    received_loss_ratio: float | None
    jitter_ms: int | None
    rtt_ms: int | None


class PersonNow(Answer, frozen=True, kw_only=True):
    """Somebody who is in the meeting."""

    participant_id: str
    name: str | None
    role: str | None
    """host, participant, audience …"""
    co_host: bool | None
    muted: bool | None
    hand_raised: bool | None
    camera_on: bool | None
    sharing: bool | None
    speaking: bool
    client_type: str | None
    """Desktop, Mobile, Pad …, as the service spells it."""
    terminal_type: str | None
    """normal, terminal, outside, telephone …; the service's `kind`, or what the quality source tells."""
    department: str | None
    joined_at: Instant | None
    quality: PersonQuality | None
    history: list[Point]
    """The oldest first, an hour at most. Empty in events of /api/v1/live."""


class CaptionText(Answer, frozen=True, kw_only=True):
    """What was said, in one language."""

    language: str | None
    """Original, Mandarin, English …, as the service spells it."""
    text: str


class Caption(Answer, frozen=True, kw_only=True):
    """One sentence, as far as it is spoken."""

    id: str
    """Of the sentence: what comes later under the same one replaces it."""
    at: Instant
    participant_id: str | None
    name: str | None
    final: bool
    texts: list[CaptionText]


class Happening(Answer, frozen=True, kw_only=True):
    """One thing that happened."""

    at: Instant
    what: str
    """started, ended, closed, joined, left, recording_finished, recording_on, recording_off, captions_on, captions_off,
    locked, unlocked, subscription_opened, subscription_lost, subscription_closed, subscription_gap, alert_fired,
    alert_resolved; later versions have more."""
    detail: str | None
    """A reason or a place, one of our words or an ID."""
    participant_id: str | None = None
    name: str | None = None


class UnseenSpan(Answer, frozen=True, kw_only=True):
    """A span in which not everything was seen."""

    since: Instant | None
    """Null: from the start."""
    until: Instant | None
    """Null: until now."""
    reason: str | None


class MeetingDetail(Answer, frozen=True, kw_only=True):
    """GET /api/v1/meetings/{id}, and `meeting` of /api/v1/live: there captions are null and histories empty."""

    row: MeetingRow
    people: list[PersonNow]
    """The worst connected first, then by name; 1,000 at most, `row.people` counts all."""
    captions: list[Caption] | None
    """The last 200 sentences, the oldest first; null for who may not see them."""
    timeline: list[Happening]
    """The last 500, the oldest first."""
    unseen: list[UnseenSpan]
    waiting: int
    """People in the waiting room."""
    locked: bool | None
    recording: bool | None


class Behind(Answer, frozen=True, kw_only=True):
    """`behind` of /api/v1/live: each five seconds, so that a dead line is known as one."""

    behind_s: float | None
    """As in `Meetings`."""


class Missed(Answer, frozen=True, kw_only=True):
    """`missed` of both streams: the reader is too slow, and this much it will not get. The page asks anew."""

    count: int | None
    """Null: how many cannot be known, the place that was asked for is another installation's."""
