"""Signed notes, checkpoints and verifier keys: what the specifications show is read, and nothing else is."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.captions.errors import Altered, Misconfigured
from consumers.captions.proof.checkpoint import Checkpoint, opened_checkpoint, signed_checkpoint
from consumers.captions.proof.key import SigningKey
from consumers.captions.proof.note import VerifierKey, claimed, opened, signed, verifier_key

from .building import NAME

# The example of golang.org/x/mod/sumdb/note, which the specification comes from: its key, and a note that it signed.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_NOTE = (
    GO_TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()


def test_note_of_the_reference_implementation_opens() -> None:
    """A key and a note that others made: the key ID and the signature are theirs."""
    key = verifier_key(GO_KEY)

    assert (str(key), opened(GO_NOTE, key)) == (GO_KEY, GO_TEXT)


def test_what_is_signed_opens(key: SigningKey) -> None:
    """The text comes back, with blank lines in it too, and the same text is the same note."""
    verifier = key.verifier(NAME)
    note = signed("one\n\ntwo 会议\n", verifier, key.sign)

    assert opened(note, verifier) == claimed(note) == "one\n\ntwo 会议\n"
    assert note == signed("one\n\ntwo 会议\n", verifier, key.sign)


def test_signatures_of_others_are_passed_over(key: SigningKey) -> None:
    """A witness may add its own; ours is looked at wherever it stands."""
    verifier = key.verifier(NAME)
    text, blank, ours = signed("text\n", verifier, key.sign).partition(b"\n\n")
    other = "— witness.example.com AAAAAAAA\n— nonsense\n".encode()

    assert opened(text + blank + other + ours + other, verifier) == "text\n"


@pytest.mark.parametrize(
    ("note", "says"),
    [
        pytest.param(b"", "it is no note: text, a blank line, signatures", id="empty"),
        pytest.param(b"text\n", "it is no note: text, a blank line, signatures", id="no signature"),
        pytest.param(GO_NOTE[:-1], "it is no note: text, a blank line, signatures", id="no newline at its end"),
        pytest.param(b"\xff" + GO_NOTE, "it is no note: not UTF-8", id="not UTF-8"),
        pytest.param(b"a\0" + GO_NOTE, "it is no note: text, a blank line, signatures", id="control characters"),
        pytest.param(GO_NOTE + b"a" * 200_000, "it is no note: too large", id="too large"),
        pytest.param(b"I" + GO_NOTE, "its signature is not good", id="another text"),
        pytest.param(GO_NOTE.replace(b"x08go/ZJ", b"x08go/ZK"), "its signature is not good", id="another signature"),
        pytest.param(GO_NOTE.replace(b"x08go", b"y08go"), "it is not signed by this key", id="another key ID"),
        pytest.param(GO_NOTE.replace(b"Peter", b"Petra"), "it is not signed by this key", id="another name"),
        pytest.param(
            GO_TEXT.encode() + "\n— PeterNeumann x08gow==\n".encode(), "its signature is not good", id="short"
        ),
        pytest.param(
            GO_TEXT.encode() + "\n— PeterNeumann a\n".encode(), "it is not signed by this key", id="no base64"
        ),
    ],
)
def test_note_that_is_not_good_is_refused(note: bytes, says: str) -> None:
    """And it is said what is wrong with it."""
    with pytest.raises(Altered) as caught:
        opened(note, verifier_key(GO_KEY))

    assert str(caught.value) == says


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(note: bytes) -> None:
    """Whatever lies there, it is Altered and no other error."""
    with pytest.raises(Altered):
        opened(note, verifier_key(GO_KEY))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("Peter", "Petra"),
        GO_KEY[:-4],
        "a+00000000+A",
        f"PeterNeumann+c74f20a3+{base64.b64encode(bytes(33)).decode()}",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    """A key with a slip in it is not taken for another key."""
    with pytest.raises(Misconfigured):
        verifier_key(text)


def test_key_is_read_with_the_newline_of_its_file() -> None:
    """As `cat ledger/public.key` gives it."""
    assert str(verifier_key(GO_KEY + "\n")) == GO_KEY


def test_checkpoint_is_what_was_signed(key: SigningKey) -> None:
    """Three lines, as the specification has them."""
    verifier = key.verifier(NAME)
    checkpoint = Checkpoint(origin=NAME, size=20_852_163, root=bytes(range(32)))

    note = signed_checkpoint(checkpoint, verifier, key.sign)

    assert opened_checkpoint(note, verifier) == checkpoint
    assert claimed(note) == f"{NAME}\n20852163\n{base64.b64encode(bytes(range(32))).decode()}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(f"{NAME}\n1\n", "it is no checkpoint: origin, size, root", id="no root"),
        pytest.param(f"{NAME}\n01\n{'A' * 43}=\n", "it is no checkpoint: origin, size, root", id="a leading zero"),
        pytest.param(f"{NAME}\n-1\n{'A' * 43}=\n", "it is no checkpoint: origin, size, root", id="negative"),
        pytest.param(f"{NAME}\n{'9' * 5_000}\n{'A' * 43}=\n", "it is no checkpoint: origin, size, root", id="endless"),
        pytest.param(f"{NAME}\n1\n{'A' * 42}==\n", "it is no checkpoint: origin, size, root", id="a short root"),
        pytest.param(f"other\n1\n{'A' * 43}=\n", "it is the checkpoint of another archive", id="another archive"),
        pytest.param('7\n{"says":"kept"}\n', "it is no checkpoint: origin, size, root", id="an entry"),
    ],
)
def test_what_is_no_checkpoint_is_refused(key: SigningKey, text: str, says: str) -> None:
    """Though it is signed."""
    verifier = key.verifier(NAME)

    with pytest.raises(Altered) as caught:
        opened_checkpoint(signed(text, verifier, key.sign), verifier)

    assert str(caught.value) == says


def test_further_lines_of_a_checkpoint_are_passed_over(key: SigningKey) -> None:
    """The specification lets others add some."""
    verifier = key.verifier(NAME)
    note = signed(f"{NAME}\n0\n{'A' * 43}=\nmore\n", verifier, key.sign)

    assert opened_checkpoint(note, verifier) == Checkpoint(origin=NAME, size=0, root=bytes(32))


def test_key_shows_nothing(key: SigningKey) -> None:
    """Neither the pair nor what is derived from it is in a repr."""
    assert repr(key) == "<SigningKey>"
    assert isinstance(key.verifier(NAME), VerifierKey)
