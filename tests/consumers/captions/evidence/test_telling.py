"""Lines read many at a time: they tell what they tell one by one."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.captions.errors import Altered, Misconfigured
from consumers.captions.evidence.line import encoded, left, opened, salting, told
from consumers.captions.evidence.telling import Telling, telling
from schemas.archive.lines import ErasedLine, OpenLine, SealedLine
from schemas.ids import Position
from schemas.record import Stored

from ...records import LOG, record, started
from .test_line import VALUES

SALT = salting(b"secret")
SEGMENT = "evidence/a/b/00000/0.jsonl"


def line(value: bytes | None = None, *, epoch: int | None = None) -> bytes:
    """Return a line as the archive's writers write it."""
    one = record(started("m-1"))
    one = msgspec.structs.replace(one, epoch=epoch, value=one.value if value is None else value)
    return encoded(Stored(LOG, Position(7), one), 7, SALT(one.topic, one.partition, 7))


def one_by_one(content: bytes) -> Telling | None:
    """Return what a line tells by way of its parts."""
    found = opened(content, None)
    return Telling(told(found, SEGMENT, 3), found.salt) if isinstance(found, OpenLine) else None


@given(value=st.none() | VALUES, epoch=st.none() | st.integers(0, 2**40))
def test_whatever_is_in_a_record_its_line_tells_the_same(value: bytes | None, epoch: int | None) -> None:
    """Be it an event of this version, one of another, or no JSON at all."""
    content = line(value, epoch=epoch)

    assert telling(content, SEGMENT, 3, None) == one_by_one(content)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'["ce_id",', b'["CE_ID",'),
        (b'["ce_source",', b'["ce_so",'),
        (b'["mw_epoch","4"]', b'["mw_epoch","four"]'),
        (b'["mw_epoch","4"]', b'["mw_epoch","4"],["more","5"]'),
        (b'["mw_epoch","4"]', b'["else","4"]'),
        (b'"MeetingStarted"', b'"MeetingImagined"'),
        (b'"value_base64":null', b'"value_base64":"e30="'),
    ],
)
def test_a_line_that_is_not_as_most_are_is_read_by_its_parts(old: bytes, new: bytes) -> None:
    """Other headers, an event of a later version, a value in base64."""
    content = line(epoch=4)
    assert old in content

    other = content.replace(old, new)

    assert telling(other, SEGMENT, 3, None) == one_by_one(other)


def test_what_was_erased_or_left_out_tells_nothing() -> None:
    """There is no event in it."""
    one = record(started("m-1"))
    erased = ErasedLine(topic=one.topic, partition=0, offset=7, time_ms=1, leaf="00" * 32)

    assert [telling(each, SEGMENT, 3, None) for each in (msgspec.json.encode(erased), left(one, 7))] == [None, None]


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", line()[:-1], line() + b"}", b"[" * 5_000])
def test_what_none_of_ours_wrote_is_refused(content: bytes) -> None:
    """As when it is read by itself."""
    with pytest.raises(Altered, match="cannot be read"):
        telling(content, SEGMENT, 3, None)


def test_a_sealed_line_needs_a_key() -> None:
    """It says which setting is missing."""
    sealed = SealedLine(topic="meeting.captions.v1", partition=0, offset=7, time_ms=1, seal="k", sealed="AAAA")

    with pytest.raises(Misconfigured, match="encryption_key_file"):
        telling(msgspec.json.encode(sealed), SEGMENT, 3, None)
