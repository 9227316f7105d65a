"""Events without phone numbers and e-mail addresses: enough stays of each to tell two of them apart. Pure.

A number keeps its last digits, an address its first letter and its domain. Accounts and names are looked at too: who
joins by telephone has the number for a name, and many accounts are addresses.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import msgspec

from schemas.events import (
    ActiveSpeakersChanged,
    AnyEvent,
    InterpretersChanged,
    InvitationAnswered,
    LayoutChanged,
    MeetingDescribed,
    ParticipantChanged,
    ParticipantGone,
    Person,
    RosterReplaced,
)

_Struct = TypeVar("_Struct", bound=msgspec.Struct)

_DIGIT: Final = re.compile(r"\d")
_LIKE_A_NUMBER: Final = re.compile(r"(?:tel:|sip:)?\+?[\d\s().*#-]{5,}")


def number(told: str) -> str:
    """Return a number with its last four digits, a short one with its last two; what is no number as `text` does."""
    if "@" in told:
        return address(told)
    digits = len(_DIGIT.findall(told))
    keep = 4 if digits >= 8 else 2 if digits > 2 else 0
    return _DIGIT.sub("*", told, count=digits - keep) if digits > keep else told


def address(told: str) -> str:
    """Return an address with its first letter and its domain."""
    local, _, domain = told.rpartition("@")
    return f"{local[:1]}***@{domain}" if local else f"{told[:1]}***"


def text(told: str) -> str:
    """Return a name or an account as it is, unless it is a number or an address."""
    if "@" in told:
        return address(told)
    return number(told) if _LIKE_A_NUMBER.fullmatch(told) else told


_PERSON: Final = {
    "name": text,
    "call_number": number,
    "email": address,
    "account": text,
    "account_id": text,
    "third_account": text,
}
_INTERPRETER: Final = {"name": text, "call_number": number, "account": text}


def masked(event: AnyEvent) -> AnyEvent:
    """Return an event that gives away no number and no address."""
    replace = msgspec.structs.replace
    match event:
        case RosterReplaced():
            return replace(event, people=[_person(person) for person in event.people])
        case ParticipantChanged() | ParticipantGone():
            return replace(event, person=_person(event.person))
        case InvitationAnswered():
            return _with(event, {"call_number": number})
        case InterpretersChanged():
            return replace(
                event,
                groups=[
                    replace(group, interpreters=[_with(one, _INTERPRETER) for one in group.interpreters])
                    for group in event.groups
                ],
            )
        case LayoutChanged():
            shown = [replace(one, call_numbers=[*map(number, one.call_numbers)]) for one in event.pictures]
            return replace(event, pictures=shown)
        case ActiveSpeakersChanged():
            return replace(event, speakers=[_with(one, {"name": text}) for one in event.speakers])
        case MeetingDescribed():
            return _with(event, {"owner_name": text})
        case _:
            return event


def _person(person: Person) -> Person:
    return _with(person, _PERSON)


def _with(struct: _Struct, how: Mapping[str, Callable[[str], str]]) -> _Struct:
    told = {name: getattr(struct, name) for name in how}
    return msgspec.structs.replace(
        struct, **{name: how[name](value) for name, value in told.items() if value is not None}
    )
