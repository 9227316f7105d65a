"""What we send on the socket, and where it is opened: the service's words for a subscription. Pure.

`data` of our frames is a JSON string, and the control token in it goes as Basic and Base64: so every example of the
reference has it ("Subscribe", "HeartBeat", "ConfControl").
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec
from yarl import URL

from schemas.settings import Secret

from ..cloud.meetings import ControlToken
from ..normalise.enterprise import milliseconds

CAPTIONS: Final = "RealTimeSubtitleNotify"
NET_CONDITION: Final = "NetConditionNotify"
# The list of the reference of 2025.
DOCUMENTED: Final = (
    "ConfBasicInfoNotify",
    "ConfDynamicInfoNotify",
    "ParticipantsNotify",
    "AttendeesNotify",
    "SpeakerChangeNotify",
    "InviteResultNotify",
    CAPTIONS,
    "WaitingListNotify",
    "InterpreterGroupNotify",
)
# Up to 2024 documented, and known from an example alone.
READABLE: Final = (*DOCUMENTED, NET_CONDITION, "CustomMultiPicNotify")

_PATH: Final = "/cms/open/websocket/confctl/increment/conn"
_encode: Final = msgspec.json.encode


def socket_url(ws_url: str, meeting_id: str, token: Secret) -> URL:
    """Return where the socket is opened. It holds the token: never to be logged. Raises ValueError for no URL."""
    return URL(ws_url).joinpath(_PATH.lstrip("/")).with_query(confID=meeting_id, tmpToken=token.reveal())


def push_types(supported: Iterable[str] | None, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return what to subscribe to: what the meeting supports of what is wanted; all that, where it does not say."""
    said = frozenset(supported or ())
    return tuple(name for name in wanted if name in said) or wanted


def sequence_at(now: datetime) -> str:
    """Return the `sequence` of a frame: milliseconds, 30 characters, as the reference's examples have it."""
    return f"{milliseconds(now):030d}"


def subscribe(meeting_id: str, control: ControlToken, types: Iterable[str], sequence: str) -> bytes:
    """Return the frame that asks for pushes."""
    inner = {"subscribeType": list(types), "confToken": control.authorization().reveal(), "conferenceID": meeting_id}
    return _frame("Subscribe", sequence, inner)


def heartbeat(sequence: str) -> bytes:
    """Return the frame that keeps the socket open."""
    return _encode({"sequence": sequence, "action": "HeartBeat"})


def captions_on(meeting_id: str, token: Secret, switch: Mapping[str, object], sequence: str) -> bytes:
    """Return the frame that switches captions on, with the token and the switch as they are to be spelt."""
    inner = {"conferenceID": meeting_id, "confToken": token.reveal(), **switch}
    return _frame("ConfControl", sequence, inner, type="REALTIMESUBTITLE")


def _frame(action: str, sequence: str, inner: Mapping[str, object], **more: str) -> bytes:
    return _encode({"action": action, "sequence": sequence, **more, "data": _encode(inner).decode()})
