"""A roster in parts that fit into records: of ten thousand people it would be ten times Kafka's limit. Pure."""

from typing import Final

import msgspec

from schemas.events import RosterReplaced, encode

MAX_PART_BYTES: Final = 262_144
# Two numbers and a comma; a part never knows how many they will be when it is begun.
_ROOM_FOR_NUMBERS: Final = 32


def parted(event: RosterReplaced) -> list[RosterReplaced]:
    """Return a roster in parts of at most MAX_PART_BYTES as JSON; nobody at all is one part.

    One person who alone is larger stays whole, in a part that is too large.
    """
    room = MAX_PART_BYTES - _ROOM_FOR_NUMBERS - len(encode(msgspec.structs.replace(event, people=[])))
    starts, filled = [0], 0
    for number, person in enumerate(event.people):
        size = len(encode(person)) + 1
        if filled and filled + size > room:
            starts.append(number)
            filled = 0
        filled += size
    ends = [*starts[1:], len(event.people)]
    return [
        msgspec.structs.replace(event, part=part, parts=len(starts), people=event.people[start:end])
        for part, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
    ]
