"""What is sealed opens for its own place alone, and is the same bytes whoever seals it."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.captions.life.cipher import NotOpened, derived, nonce_for, opened, record_key, seal

_KEYS = st.binary(min_size=32, max_size=32)


@given(_KEYS, st.binary(max_size=4096), st.text(min_size=1, max_size=50))
def test_what_is_sealed_opens(data_key: bytes, content: bytes, place: str) -> None:
    """Whatever is sealed comes back byte for byte, and sealing it again gives the same bytes."""
    key = record_key(data_key, place)
    sealed = seal(key, nonce_for(data_key, content), content, place.encode())

    assert opened(key, sealed, place.encode()) == content
    assert seal(key, nonce_for(data_key, content), content, place.encode()) == sealed


@given(st.binary(max_size=200), st.integers(min_value=0), st.integers(min_value=0, max_value=7))
def test_no_bit_can_be_changed(content: bytes, at: int, bit: int) -> None:
    """A sealed line with one bit flipped does not open."""
    key, data_key = b"k" * 32, b"d" * 32
    sealed = bytearray(seal(key, nonce_for(data_key, content), content, b"p"))
    sealed[at % len(sealed)] ^= 1 << bit

    with pytest.raises(NotOpened):
        opened(key, bytes(sealed), b"p")


@given(st.binary(max_size=40))
def test_bytes_that_nobody_sealed_do_not_open(content: bytes) -> None:
    """Whatever else lies there, however short, does not open, and is no other error."""
    with pytest.raises(NotOpened):
        opened(b"k" * 32, content, b"p")


def test_a_line_opens_for_its_own_place_alone() -> None:
    """The same bytes under another place do not open, though the key be the same."""
    sealed = seal(b"k" * 32, b"n" * 12, b"words", b"t/0/1/5")

    with pytest.raises(NotOpened):
        opened(b"k" * 32, sealed, b"t/0/2/5")


@given(_KEYS, st.text(min_size=1), st.text(min_size=1))
def test_two_lines_have_two_keys(data_key: bytes, one: str, other: str) -> None:
    """One line's key tells nothing of another's."""
    assert (record_key(data_key, one) == record_key(data_key, other)) == (one == other)


def test_two_contents_have_two_nonces() -> None:
    """Were another version to write a line otherwise, it would not be sealed under the same key and nonce."""
    assert nonce_for(b"d" * 32, b"one") != nonce_for(b"d" * 32, b"other")


def test_the_derivation_is_the_one_that_is_written_down() -> None:
    """A key is the first block of HKDF-Expand with SHA-256 (RFC 5869, section 2.3), as FORMAT.md has it."""
    expected = hmac.new(b"d" * 32, b"meetwire line\0t/0/1/5\x01", hashlib.sha256).digest()

    assert record_key(b"d" * 32, "t/0/1/5") == expected == derived(b"d" * 32, b"meetwire line\0t/0/1/5")
