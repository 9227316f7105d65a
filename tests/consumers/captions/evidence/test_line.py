"""Lines of evidence: the same record gives the same bytes, and all of it comes back."""

from __future__ import annotations

import hmac
import re
from datetime import UTC
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.captions.errors import Altered, Misconfigured
from consumers.captions.evidence.line import (
    encoded,
    event_of,
    leaf,
    left,
    opened,
    read,
    salting,
    told,
    value_of,
)
from consumers.captions.evidence.told import Told
from schemas.archive.lines import ErasedLine, LeftLine, OpenLine, SealedLine
from schemas.ids import Position
from schemas.record import Record, Stored
from schemas.topics import CAPTIONS

from ...records import LOG, NOON, record, started

SALT = "5a" * 16
VALUES = (
    st.binary(max_size=80)
    | st.recursive(st.none() | st.integers() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3)).map(
        msgspec.json.encode
    )
    | st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3).map(msgspec.json.encode)
    | st.sampled_from(
        [
            b"",
            b"null",
            b"{}",
            b" {}",
            b"{} ",
            b'{"a":\n1}',
            b'{"a":"\xed\xa0\x80"}',
            b'{"a":"\xff"}',
            b'{"a":1}}',
            b"{" * 5_000 + b"}",
            b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
            '{"a":"\u2028\u202e"}'.encode(),
            b'{"a":"\\ud800"}',
        ]
    )
)
WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
RECORDS = st.builds(
    Record,
    topic=st.just(CAPTIONS),
    partition=st.integers(0, 1023),
    key=WORDS,
    id=WORDS | st.from_regex(r"[0-9a-f]{32}-0", fullmatch=True),
    type=st.from_regex(r"[A-Z][A-Za-z]{0,10}", fullmatch=True),
    enterprise=WORDS,
    occurred_at=st.datetimes(timezones=st.just(UTC)),
    received_ms=st.integers(-1, 10**13),
    trace=WORDS | st.from_regex(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", fullmatch=True),
    value=VALUES,
    epoch=st.none() | st.integers(0, 2**40),
)


def stored(one: Record, position: int = 44) -> Stored:
    """Return it with a place in a log."""
    return Stored(LOG, Position(position), one)


@given(RECORDS, st.integers(0, 2**60))
def test_a_line_is_what_its_struct_says_and_gives_back_the_record(one: Record, offset: int) -> None:
    """Whatever is in a record: its line is one line of UTF-8, and value, key, headers and place come back."""
    line = encoded(stored(one), offset, SALT)
    found = read(line)

    assert isinstance(found, OpenLine)
    assert msgspec.json.encode(found) == line
    assert line.decode().splitlines(keepends=False)[0].encode() == line or b"\n" not in line
    assert b"\n" not in line
    assert value_of(found) == one.value
    assert (found.topic, found.partition, found.offset, found.time_ms, found.key, found.salt) == (
        one.topic,
        one.partition,
        offset,
        one.received_ms,
        one.key,
        SALT,
    )
    assert [(name, text.encode()) for name, text in found.headers] == one.headers(LOG, Position(44))


def test_a_line_tells_the_record() -> None:
    """Its event, its id, whose it is, and the subscription that saw it."""
    one = msgspec.structs.replace(record(started()), epoch=7)

    found = read(encoded(stored(one), 9, SALT))

    assert isinstance(found, OpenLine)
    assert told(found, "evidence/a.jsonl", 3) == Told(
        segment="evidence/a.jsonl",
        line=3,
        topic=one.topic,
        partition=0,
        offset=9,
        time_ms=one.received_ms,
        event_id=one.id,
        enterprise="acme",
        key="m-1",
        epoch=7,
        event=started(),
    )
    assert repr(told(found, "evidence/a.jsonl", 3)) == f"<Told {one.topic}/0/9>"


@pytest.mark.parametrize(
    "value",
    [b"", b"{}", b'{"type":"MeetingPaused"}', b"\xff", b'{"type":"MeetingStarted"}', b"[" * 100_000],
    ids=["empty", "no type", "a newer type", "no text", "not what its type says", "nested too deeply"],
)
def test_what_cannot_be_read_is_kept_without_its_event(value: bytes) -> None:
    """Evidence does not rest on our decoder."""
    found = read(encoded(stored(record(started(), value=value)), 9, SALT))

    assert event_of(value) is None
    assert isinstance(found, OpenLine)
    assert (value_of(found), told(found, "s", 0).event) == (value, None)


def test_a_salt_is_hmac_sha256_of_the_place() -> None:
    """Anybody with the secret can make it anew; long secrets as HMAC has it."""
    for secret in (b"s" * 32, b"s" * 64, b"s" * 65):
        expected = hmac.digest(secret, b"meeting.captions.v1/3/77", "sha256")[:16].hex()
        assert salting(secret)("meeting.captions.v1", 3, 77) == expected


def test_a_leaf_is_the_hash_of_the_line() -> None:
    """RFC 9162: SHA-256 over 0x00 and the line."""
    line = encoded(stored(record(started())), 9, SALT)

    assert leaf(line) == sha256(b"\0" + line).digest()


def test_an_erased_line_has_the_leaf_that_it_had() -> None:
    """So no root changes when it is erased."""
    erased = ErasedLine(topic="t", partition=0, offset=1, time_ms=2, leaf="ab" * 32)

    assert leaf(msgspec.json.encode(erased)) == bytes.fromhex("ab" * 32)


def test_an_erased_line_in_another_form_is_hashed_as_it_stands() -> None:
    """Nobody hides something behind a leaf."""
    line = msgspec.json.encode(ErasedLine(topic="t", partition=0, offset=1, time_ms=2, leaf="ab" * 32)) + b" "

    assert leaf(line) == sha256(b"\0" + line).digest()


@pytest.mark.parametrize("text", ["ab", "zz" * 32], ids=["too short", "no hexadecimal"])
def test_an_erased_line_without_a_leaf_is_altered(text: str) -> None:
    """There is nothing to put in its place."""
    line = msgspec.json.encode(ErasedLine(topic="t", partition=0, offset=1, time_ms=2, leaf=text))

    with pytest.raises(Altered, match="has no leaf"):
        leaf(line)


@pytest.mark.parametrize("line", [b"", b"{}", b'{"line":"open"}', b"\xff", b'{"line":"other","topic":"t"}'])
def test_what_is_no_line_is_altered(line: bytes) -> None:
    """None of ours wrote it."""
    with pytest.raises(Altered, match="a line of evidence cannot be read"):
        read(line)


class Opener:
    """Opens every sealed line as one thing."""

    def __init__(self, inner: bytes | None) -> None:
        self._inner = inner

    def opened(self, line: SealedLine) -> bytes | None:
        """Return it."""
        return self._inner


SEALED = msgspec.json.encode(
    SealedLine(topic="meeting.lifecycle.v1", partition=0, offset=9, time_ms=0, seal="k", sealed="")
)


def test_a_sealed_line_needs_its_key() -> None:
    """The message names the setting."""
    with pytest.raises(Misconfigured, match=re.escape("captions.encryption_key_file")):
        opened(SEALED, None)


def test_a_sealed_line_whose_key_is_gone_is_erased() -> None:
    """With the leaf that the sealed line has."""
    assert opened(SEALED, Opener(None)) == ErasedLine(
        topic="meeting.lifecycle.v1", partition=0, offset=9, time_ms=0, leaf=sha256(b"\0" + SEALED).hexdigest()
    )


def test_a_sealed_line_opens_as_what_was_sealed() -> None:
    """The place is the same within and without."""
    inner = encoded(stored(msgspec.structs.replace(record(started()), received_ms=0)), 9, SALT)

    assert opened(SEALED, Opener(inner)) == read(inner)


def test_another_records_line_under_a_seal_is_altered() -> None:
    """A line cannot be moved by sealing it elsewhere."""
    inner = encoded(stored(record(started())), 10, SALT)

    with pytest.raises(Altered, match="is another record's"):
        opened(SEALED, Opener(inner))


def test_a_line_that_is_left_holds_nothing_of_the_record() -> None:
    """Where it stood, and when it came: no more."""
    one = record(started("m-secret"), key="m-secret")

    line = left(one, 5)

    at_ms = int(NOON.timestamp() * 1_000)
    assert opened(line, None) == LeftLine(topic=one.topic, partition=0, offset=5, time_ms=at_ms)
    assert b"m-secret" not in line


def test_a_value_that_is_no_base64_is_altered() -> None:
    """What stands in its place was put there by somebody else."""
    found = read(encoded(stored(record(started(), value=b"\xff")), 9, SALT))
    assert isinstance(found, OpenLine)

    with pytest.raises(Altered, match="is not base64"):
        value_of(msgspec.structs.replace(found, value_base64="?"))
