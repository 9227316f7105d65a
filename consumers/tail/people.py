"""Say who somebody on a roster is, and what is new about them. Pure."""

from collections.abc import Iterator
from typing import Final

from schemas.events import Person

from .look import NAME_COLUMNS, Look, shown
from .names import Names

_FLAGS: Final = {
    "co_host": ("co-host", "no co-host"),
    "hand_raised": ("hand raised", "hand down"),
    "muted": ("muted", "unmuted"),
    "camera_on": ("camera on", "camera off"),
    "sharing": ("shares", "shares no more"),
    "broadcast": ("broadcast", "broadcast no more"),
    "called_upon": ("called upon", "called upon no more"),
    "recording": ("records", "records no more"),
}
# A frame tells of somebody as a whole, or of what is new; of all that is not so nobody wants to read.
_FEW: Final = 3


def called(person: Person, meeting_id: str, look: Look, names: Names) -> str:
    """Return the name to show, or what else tells people apart."""
    known = names.of(meeting_id, person.participant_id)
    found = (person.name, known, person.account, person.call_number, person.email) if look.names else ()
    name = next((name for name in found if name), None)
    return shown(name or person.participant_id or "?", NAME_COLUMNS)


def changes(person: Person) -> Iterator[str | None]:
    """Yield role, state, what of the flags is so, or has come to be not so, and the terminal."""
    yield person.role
    yield person.state
    said = {name: getattr(person, name) for name in _FLAGS if getattr(person, name) is not None}
    for name, is_so in said.items():
        if is_so or len(said) <= _FEW:
            yield _FLAGS[name][0 if is_so else 1]
    yield person.client_type
