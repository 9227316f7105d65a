"""What a subscription is told and what it tells: a meeting, an instant, and what is to be done next. Pure shapes."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal, NamedTuple

import msgspec

from schemas.events import SubscriptionChanged
from schemas.ids import LogId
from schemas.settings import Secret

from ..cloud.meetings import ControlToken, OnlineMeeting

Key = tuple[str, str]
"""Enterprise and meeting ID."""

Reason = Literal[
    "meeting_over",
    "socket_closed",
    "socket_failed",
    "heartbeat_missed",
    "subscribe_refused",
    "subscribe_unanswered",
    "version_gap",
    "frame_too_large",
    "log_full",
    "disk_tight",
    "failed",
    "forbidden",
    "not_found",
    "bad_request",
    "skipped",
    "room",
    "moved",
    "restarted",
    "stopping",
    "start_unknown",
]
"""Why a subscription was lost or closed, or never opened; or why one that was is unseen since ever."""

# Nothing is known of when it began: all of it may be unseen.
SINCE_EVER: Final = datetime.fromisoformat("1970-01-01T00:00:00Z")


class Now(NamedTuple):
    """One instant, on the wall and on a clock that nobody sets."""

    at: datetime
    s: float


class Meeting(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A meeting, as far as it is known."""

    enterprise: str
    meeting_id: str
    meeting_uuid: str | None = None
    subject: str | None = None
    scheduler: str | None = None
    password: Secret | None = None
    """The host's."""
    is_described: bool = False
    """The service's detail, or its list, told of it."""

    def __repr__(self) -> str:
        """Show the ID alone."""
        return f"<Meeting {self.meeting_id}>"

    def described(self, found: OnlineMeeting) -> "Meeting":
        """Return this meeting with what the service says of it. What it leaves out stays."""
        return msgspec.structs.replace(
            self,
            meeting_uuid=found.meeting_uuid or self.meeting_uuid,
            subject=found.subject or self.subject,
            scheduler=found.scheduler or self.scheduler,
            password=found.host_password or self.password,
            is_described=True,
        )

    def undescribed(self) -> "Meeting":
        """Return this meeting such that its detail is asked for again."""
        return msgspec.structs.replace(self, password=None, is_described=False)

    @property
    def key(self) -> Key:
        """Enterprise and meeting ID."""
        return self.enterprise, self.meeting_id


class Before(msgspec.Struct, frozen=True, gc=False):
    """What an earlier subscription to the meeting left."""

    epoch: int = 0
    """The last one that is known; 0: there was none."""
    unseen_since: datetime | None = None
    floor: int = 0
    """Epochs begin above it, so that they rise though the clock was set back."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all subscriptions of a process."""

    receiver: LogId
    heartbeat_s: float
    push_types: tuple[str, ...]
    captions_on: Callable[[Meeting], bool]
    """Whether captions are to be switched on in a meeting."""
    is_skipped: Callable[[Meeting], bool]
    """Whether nobody may listen to a meeting."""
    is_tight: Callable[[], bool]
    """Whether the disk has so little room that what can be missed best is given up."""


class Turn(msgspec.Struct, frozen=True, gc=False):
    """Ask for a turn: to ask the service for something, or to connect. `turn` takes the answer."""

    what: Literal["ask", "connect"]


class AskDetail(msgspec.Struct, frozen=True, gc=False):
    """Get the meeting's detail."""


class AskControl(msgspec.Struct, frozen=True, gc=False):
    """Get a control token, or a new one for `keep`."""

    password: Secret | None
    keep: ControlToken | None = None


class AskTicket(msgspec.Struct, frozen=True, gc=False):
    """Get a token for one socket."""

    control: ControlToken


class Connect(msgspec.Struct, frozen=True, gc=False):
    """Open the socket. Frames that come on it have this epoch."""

    ws_url: str
    ticket: Secret
    epoch: int


class Send(msgspec.Struct, frozen=True, gc=False):
    """Send a text frame."""

    text: bytes


class Keep(msgspec.Struct, frozen=True, gc=False):
    """Append the frame that was just read."""


class Drop(msgspec.Struct, frozen=True, gc=False):
    """Count the frame that was just read: it came before, or answers us."""

    repeated: bool


class GiveUp(msgspec.Struct, frozen=True, gc=False):
    """Count the frame that was just read: the disk has little room for it."""

    push_type: str


class HangUp(msgspec.Struct, frozen=True, gc=False):
    """Close the socket."""


class Tell(msgspec.Struct, frozen=True, gc=False):
    """Append an event of ours, after all frames that were kept. It is appended again until the log takes it."""

    event: SubscriptionChanged


class Fail(msgspec.Struct, frozen=True, gc=False):
    """Say that an attempt came to nothing; another follows, or `Over`."""

    reason: str


class LookAgain(msgspec.Struct, frozen=True, gc=False):
    """Ask for the list of meetings now: nobody knows this one by its ID, which may be a room's."""


class Refused(msgspec.Struct, frozen=True, gc=False):
    """Say that captions could not be switched on, with the last code of the service's."""

    code: int


class Over(msgspec.Struct, frozen=True, gc=False):
    """Nothing more is done for this meeting."""

    reason: Reason
    meeting_id: str | None = None
    """With reason "room": the meeting that is on in it."""


Action = (
    Turn
    | AskDetail
    | AskControl
    | AskTicket
    | Connect
    | Send
    | Keep
    | Drop
    | GiveUp
    | HangUp
    | Tell
    | Fail
    | LookAgain
    | Refused
    | Over
)
