"""A MAC is good for the very bytes that it was made for, at the very place, under the very secret."""

from __future__ import annotations

import hmac

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.captions.evidence.index import Index, encode_index
from consumers.captions.evidence.vouching import Vouching

KEY = "evidence/c/t/00000/00000000000000000001.index"
INDEX = Index(
    segment="evidence/c/t/00000/00000000000000000001.jsonl",
    records=1,
    root="00" * 32,
    leaves="AAAA",
    first_ms=1,
    last_ms=2,
    last_offset=1,
    previous="evidence/c/t/00000/00000000000000000000.jsonl",
    previous_root="11" * 32,
)
OURS = Vouching(b"secret")
VOUCHED = OURS.vouched(KEY, encode_index(INDEX))


def test_what_is_vouched_for_is_what_it_was() -> None:
    """With a MAC that anybody can make who has the secret, as the format says."""
    body, _, mac = VOUCHED.rpartition(b',"mac":"')

    assert OURS.index(KEY, VOUCHED) == INDEX
    assert mac == hmac.digest(b"secret", KEY.encode() + b"\0" + body, "sha256").hex().encode() + b'"}'
    assert msgspec.json.decode(VOUCHED, type=Index).mac == mac.removesuffix(b'"}').decode()


@given(st.integers(0, len(VOUCHED) - 1), st.integers(0, 7))
def test_whatever_bit_is_another_it_is_not(at: int, bit: int) -> None:
    """Of the index, and of the MAC."""
    content = bytearray(VOUCHED)
    content[at] ^= 1 << bit

    assert OURS.index(KEY, bytes(content)) is None


@given(st.binary())
def test_what_has_no_mac_is_not(content: bytes) -> None:
    """Whatever it is."""
    assert OURS.opened(KEY, content) is None


@pytest.mark.parametrize(
    ("vouching", "key"),
    [(Vouching(b"other"), KEY), (OURS, KEY.replace("t/00000", "t/00001"))],
    ids=["another secret", "another place"],
)
def test_it_is_good_nowhere_else(vouching: Vouching, key: str) -> None:
    """An index put in another's place is none."""
    assert vouching.index(key, VOUCHED) is None


def test_what_a_later_version_wrote_is_none_that_this_one_can_read() -> None:
    """It is not taken for what it is not."""
    assert OURS.index(KEY, OURS.vouched(KEY, b'{"more":1}')) is None


def test_a_secret_is_not_shown() -> None:
    """Nowhere."""
    assert repr(Vouching(b"secret")) == "<Vouching>"
