"""The index beside a segment: the leaves of its lines, which lines are whose, and what ends a meeting. Derived.

It holds no words: enterprise, meeting ID, types of events and times. Whoever has the segment, and what opens it, can
make it anew; but that it is the one that the archive's writer put, its MAC says alone.
"""

import base64
from collections.abc import Sequence
from typing import Final

import msgspec

from ..errors import Altered


class Sign(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record that tells of a meeting's begin or end."""

    line: int
    type: str
    """MeetingStarted, MeetingEnded, MeetingClosed; `opened` of a subscription; `over` where one says so."""
    time_ms: int
    """When a receiver had it."""


class Whose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The lines of one meeting ID."""

    enterprise: str
    meeting_id: str
    lines: list[tuple[int, int]]
    """First line, counted from 0, and how many from there on. Ascending."""
    first_ms: int
    last_ms: int
    signs: list[Sign] = []


class Index(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One segment's."""

    segment: str
    records: int
    root: str
    """The tree over all lines' leaves."""
    leaves: str
    """Base64 of 32 bytes a line, in order."""
    first_ms: int
    """The earliest of the records' times."""
    last_ms: int
    """The latest of them."""
    last_offset: int
    alive: list[tuple[int, int]] = []
    """Lines of receivers' signs of life, as in `Whose.lines`."""
    meetings: list[Whose] = []
    previous: str = ""
    """The segment before it of this partition. Empty: there was none, or the index was made anew."""
    previous_root: str = ""
    """The tree over the lines of that one."""
    mac: str = ""
    """By whom has the archive's key, over all before it: `vouching`. Empty in archives of before there was one."""

    def leaf_list(self) -> list[bytes]:
        """Return the leaves. Raises Altered where they are not what they should."""
        try:
            packed = base64.b64decode(self.leaves, validate=True)
        except ValueError:
            packed = b""
        if len(packed) != 32 * self.records:
            raise Altered(f"the index of {self.segment} has not {self.records} leaves")
        return [packed[at : at + 32] for at in range(0, len(packed), 32)]


_decoder: Final = msgspec.json.Decoder(Index)
encode_index: Final = msgspec.json.Encoder().encode


def decode_index(content: bytes) -> Index:
    """Return an index. Raises Altered for what is none."""
    try:
        return _decoder.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Altered("an index cannot be read") from None


def packed(leaves: Sequence[bytes]) -> str:
    """Return leaves as an index has them."""
    return base64.b64encode(b"".join(leaves)).decode()


def runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return ascending line numbers as first line and how many."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and sum(found[-1]) == number:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((number, 1))
    return found
