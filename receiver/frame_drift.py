"""Where frames differ from what the reference says of them, and what is made of that. Pure.

`tidied` takes away what means nothing: white space around keys, texts that are empty. `lacking` finds frames that have
nothing of what their action is for: then the service has changed, and nobody may take that for silence.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from schemas.push.meeting import (
    Called,
    ConfBasicInfo,
    ConfDynamicInfo,
    CustomMultiPic,
    InterpreterGroups,
    InviteResult,
    NetCondition,
    RealTimeSubtitle,
    SpeakerChange,
)
from schemas.push.pushed import MeetingPush
from schemas.push.roster import Attendee, Attendees, Participants, WaitingList

_ENVELOPE: Final = frozenset(field.name for field in msgspec.structs.fields(MeetingPush))
_CONTENT: Final[Mapping[type[MeetingPush], tuple[str, ...]]] = {
    kind: tuple(field.name for field in msgspec.structs.fields(kind) if field.name not in _ENVELOPE)
    for kind in (ConfBasicInfo, ConfDynamicInfo, CustomMultiPic)
}


def tidied(tree: Any) -> Any:
    """Return decoded JSON with keys trimmed and empty texts as null. Of two keys that become one the last stays."""
    if isinstance(tree, dict):
        return {key.strip(): None if value == "" else tidied(value) for key, value in tree.items()}
    return [tidied(item) for item in tree] if isinstance(tree, list) else tree


def lacking(payload: MeetingPush, tree: dict[str, Any] | None = None) -> str | None:
    """Return the place of what a frame's meaning needs and the frame does not have, as a JSON path.

    An absent list is an empty one: the reference says so of SpeakerChangeNotify (nobody speaks), and the service seems
    to leave empty lists out. But where the frame has another list or object at its top level, the list has a new name.
    `tree`, the tidied frame, tells that; without it every absent list counts as lacking.
    """
    match payload:
        case RealTimeSubtitle():
            return None
        case SpeakerChange() | NetCondition():
            return _absent(payload.data, tree)
        case Participants() | WaitingList() | Attendees() if payload.msgMode is None:
            # Whether it replaces the roster or changes it cannot be told.
            return "$.msgMode"
        case Participants() | WaitingList():
            return _absent(payload.data, tree)
        case Attendees():
            nobody = payload.msgMode == 1 and any(map(_is_nobody, payload.data or ()))
            return "$.data[...].phone" if nobody else _absent(payload.data, tree)
        case InviteResult():
            unanswered = any(_has_no_code(item) for item in payload.data or ())
            return "$.data[...].resultCode" if unanswered else _absent(payload.data, tree)
        case InterpreterGroups():
            return _absent(payload.data if payload.interpreterGroups is None else payload.interpreterGroups, tree)
        case _:
            said = any(getattr(payload, name) is not None for name in _CONTENT[type(payload)])
            return None if said else "$"


def _absent(content: list[Any] | None, tree: dict[str, Any] | None) -> str | None:
    if content is not None:
        return None
    renamed = tree is None or any(isinstance(value, dict | list) for value in tree.values())
    return "$.data" if renamed else None


def _is_nobody(item: Attendee) -> bool:
    """Return whether somebody changed or went of whom it cannot be told who."""
    return all(told in (None, "") for told in (item.participantID, item.phone, item.userUUID, item.email))


def _has_no_code(item: Called) -> bool:
    return item.resultCode in (None, "") and item.errorCode in (None, "")
