"""Read what lines tell, many at a time. Pure.

Line and event are decoded in one go: that is what most of the work of closing a long meeting would be. It promises the
same as `line.opened` and `line.told` one after the other, and leaves to these whatever is not as it mostly is.
"""

from typing import Final, Literal

import msgspec

from schemas.archive.lines import OpenLine
from schemas.events import AnyEvent
from schemas.record import SOURCE_PREFIX

from . import line as one_by_one
from .line import Opens, epoch_of
from .told import Told


class _Headers(msgspec.Struct, frozen=True, array_like=True, gc=False, forbid_unknown_fields=True):
    """A record's headers as `Record.headers` puts them; most are of no use here, and stay as they are."""

    specversion: msgspec.Raw
    content_type: msgspec.Raw
    type: msgspec.Raw
    source: tuple[Literal["ce_source"], str]
    id: tuple[Literal["ce_id"], str]
    time: msgspec.Raw
    subject: msgspec.Raw
    trace: msgspec.Raw
    log: msgspec.Raw
    position: msgspec.Raw
    epoch: tuple[Literal["mw_epoch"], str] | None = None


class _Usual(msgspec.Struct, frozen=True, gc=False, tag_field="line", tag="open", forbid_unknown_fields=True):
    """An OpenLine as nearly all are: what `line.encoded` writes of an event that this version knows."""

    topic: str
    partition: int
    offset: int
    time_ms: int
    salt: str
    key: str
    headers: _Headers
    value: AnyEvent
    value_base64: None


_usual: Final = msgspec.json.Decoder(_Usual)


class Telling(msgspec.Struct, frozen=True, gc=False):
    """What a line tells, and the salt in it."""

    told: Told
    salt: str


def telling(line: bytes, segment: str, number: int, seals: Opens | None) -> Telling | None:
    """Return what a line tells, which is line `number` (from 0) of a segment; None where it was erased or left out.

    Raises what `line.opened` and `line.told` do.
    """
    try:
        return _told(_usual.decode(line), segment, number)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        opened = one_by_one.opened(line, seals)
        if not isinstance(opened, OpenLine):
            return None
        return Telling(one_by_one.told(opened, segment, number), opened.salt)


def _told(line: _Usual, segment: str, number: int) -> Telling:
    headers = line.headers
    return Telling(
        Told(
            segment=segment,
            line=number,
            topic=line.topic,
            partition=line.partition,
            offset=line.offset,
            time_ms=line.time_ms,
            event_id=headers.id[1],
            enterprise=headers.source[1].removeprefix(SOURCE_PREFIX),
            key=line.key,
            epoch=None if headers.epoch is None else epoch_of(headers.epoch[1]),
            event=line.value,
        ),
        line.salt,
    )
