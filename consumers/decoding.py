"""Make events of records, and say of each that cannot be one where it fails. Pure."""

import re
from collections.abc import Iterable
from typing import Final, get_args

import msgspec

from schemas.events import AnyEvent, decode
from schemas.record import Stored

from .handler import Received
from .letter import Dead

_KNOWN: Final = frozenset(kind.__name__ for kind in get_args(AnyEvent))
# msgspec's message may quote the value; this end of it names the place alone.
_PLACE: Final = re.compile(r" - at `([^`]*)`$")


def decoded(records: Iterable[Stored]) -> tuple[list[Received], list[Dead]]:
    """Return the records with their events, in order, and those whose value is not what its type says.

    A type that this version does not know is no failure: such a record comes without an event.
    """
    received: list[Received] = []
    dead: list[Dead] = []
    for stored in records:
        try:
            event = decode(stored.record.value) if stored.record.type in _KNOWN else None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            # For bytes that are no UTF-8 msgspec raises Python's own error.
            found = _PLACE.search(str(error))
            dead.append(Dead(stored, "undecodable", found[1] if found else "$"))
        else:
            received.append(Received(stored, event))
    return received, dead


def undecoded(records: Iterable[Stored]) -> tuple[list[Received], list[Dead]]:
    """Return the records as they are, none with an event: what nobody can read has to be kept as well."""
    return [Received(stored, None) for stored in records], []
