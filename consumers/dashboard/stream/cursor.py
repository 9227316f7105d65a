"""Where a reader of the stream stands: a position for each partition, so that any replica can go on from there. Pure.

A cursor is opaque to its reader: base64url of MessagePack, [version, cluster, {topic's short name: [next offsets]}].
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Final

import msgspec

_VERSION: Final = 1
# A stranger's: 8 topics with 1,024 partitions each take some 60 KB.
_LONGEST: Final = 100_000

Places = Mapping[tuple[str, int], int]
"""By topic and partition: the next offset."""


class BadCursor(ValueError):
    """Not a cursor of ours."""


class _Spelt(msgspec.Struct, frozen=True, array_like=True):
    version: int
    cluster: str
    places: dict[str, list[int]]


_decoder: Final = msgspec.msgpack.Decoder(_Spelt)


def spelt(cluster: str, places: Places) -> str:
    """Return the cursor. Partitions of which nothing was read stand as -1."""
    topics: dict[str, list[int]] = {}
    for (topic, partition), offset in sorted(places.items()):
        there = topics.setdefault(_short(topic), [])
        there.extend([-1] * (partition - len(there)))
        there.append(offset)
    packed = msgspec.msgpack.encode(_Spelt(_VERSION, cluster, topics))
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def read(text: str) -> tuple[str, dict[tuple[str, int], int]]:
    """Return cluster and places. Raises BadCursor."""
    if len(text) > _LONGEST:
        raise BadCursor("too long")
    try:
        packed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
        found = _decoder.decode(packed)
    except (binascii.Error, UnicodeError, msgspec.DecodeError):
        raise BadCursor("no cursor") from None
    if found.version != _VERSION:
        raise BadCursor("of another version")
    return found.cluster, {
        (f"meeting.{short}", partition): offset
        for short, offsets in found.places.items()
        for partition, offset in enumerate(offsets)
        if offset >= 0
    }


def _short(topic: str) -> str:
    return topic.removeprefix("meeting.")
