"""Decide whether a delivery is the service's own. Pure: no I/O, no clock.

A delivery that passes becomes a `Verified`, and nothing else makes one; `decode` accepts nothing else. So a body that
was not checked cannot reach a topic without a type error.

The signature (enterprise push reference, "signature"): lower-case hexadecimal HMAC-SHA256 over
appID + timestamp + nonce + eventInfo, keyed with the password of the push configuration. It covers the bytes of
eventInfo as the service wrote them, so it is checked over the slice as it came, then over the slice without
insignificant white space; never over something that we encoded anew.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from schemas.ids import EnterpriseName, SubscriberId
from schemas.push.enterprise import Envelope

from .delivery import Delivery
from .errors import Malformed, Unverified
from .members import members

_TIMESTAMP: Final = re.compile(rb"[1-9][0-9]{12}")
_SIGNATURE: Final = re.compile(r"[0-9a-f]{64}")
# Five names and three values: the strings of an envelope that has nothing but its five members.
_QUOTES_OF_THE_ENVELOPE: Final = 16

_decode_envelope: Final = msgspec.json.Decoder(Envelope).decode
_decode_text: Final = msgspec.json.Decoder(str).decode


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One enterprise that may push here."""

    enterprise: EnterpriseName
    passwords: tuple[bytes, ...]
    """UTF-8. Each of them is good: two while one is being replaced."""

    def __repr__(self) -> str:
        """Show whose it is, not with what it signs."""
        return f"<Account {self.enterprise}>"


Accounts = Mapping[SubscriberId, Account]

# An unknown subscriber costs the same work as a known one, so that time does not tell which are known.
_NOBODY: Final = Account(enterprise=EnterpriseName(""), passwords=(secrets.token_bytes(16),))


class Verified(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The body of a delivery that the service signed."""

    enterprise: EnterpriseName
    subscriber_id: SubscriberId
    sent_ms: int
    nonce: str
    event_info: bytes
    """The slice of `body` that the signature covers."""
    body: bytes
    received_at: datetime
    request_id: str | None

    def __repr__(self) -> str:
        """Show whose it is and how large."""
        return f"<Verified of {self.enterprise}, {len(self.body)} bytes>"


def verify(delivery: Delivery, accounts: Accounts) -> Verified:
    """Return the delivery as verified if one of its enterprise's passwords signed it.

    Raises Malformed for what is not the envelope, Unverified for what is not shown to be the service's own.
    """
    envelope = _open(delivery.body)
    event_info = bytes(envelope.eventInfo)
    if event_info[:1] != b"{":
        raise Malformed("not_the_envelope")
    timestamp = bytes(envelope.timestamp)
    # Without separators "1" + "23" and "12" + "3" sign alike: the known appID and the fixed length rule that out.
    if not _TIMESTAMP.fullmatch(timestamp):
        raise Unverified("timestamp_form")
    if not _SIGNATURE.fullmatch(envelope.signature):
        raise Unverified("signature_form")
    account = accounts.get(SubscriberId(envelope.appID))
    head = envelope.appID.encode() + timestamp + envelope.nonce.encode()
    good = _signed(head, event_info, envelope.signature.encode(), (account or _NOBODY).passwords)
    if account is None:
        raise Unverified("unknown_subscriber")
    if not good:
        raise Unverified("signature")
    return Verified(
        enterprise=account.enterprise,
        subscriber_id=SubscriberId(envelope.appID),
        sent_ms=int(timestamp),
        nonce=envelope.nonce,
        event_info=event_info,
        body=delivery.body,
        received_at=delivery.received_at,
        request_id=delivery.request_id,
    )


def compact(raw: bytes) -> bytes:
    """Return JSON text without insignificant white space; the spelling of every value stays.

    Text that JSON's grammar allows and Unicode does not comes back as it is.
    """
    try:
        return msgspec.json.format(raw, indent=-1)
    except (msgspec.DecodeError, RecursionError):
        return raw


def _signed(head: bytes, event_info: bytes, signature: bytes, passwords: tuple[bytes, ...]) -> bool:
    if _matches(head + event_info, signature, passwords):
        return True
    without_space = compact(event_info)
    return without_space != event_info and _matches(head + without_space, signature, passwords)


def _matches(message: bytes, signature: bytes, passwords: tuple[bytes, ...]) -> bool:
    good = False
    for password in passwords:
        good |= hmac.compare_digest(hmac.digest(password, message, "sha256").hex().encode(), signature)
    return good


def _open(body: bytes) -> Envelope:
    try:
        envelope = _decode_envelope(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _open_with_care(body)
    return envelope if _has_no_other_strings(body, envelope.eventInfo) else _open_with_care(body)


def _has_no_other_strings(body: bytes, event_info: msgspec.Raw) -> bool:
    """Return whether the envelope's own text has just the sixteen quotes of its five names and three values.

    All five members were found, so there is then no room for a sixth key, or for one of them twice.
    """
    inner = bytes(event_info)
    quotes = body.count(b'"') - inner.count(b'"')
    return quotes == _QUOTES_OF_THE_ENVELOPE and body.count(b"\\") == inner.count(b"\\")


def _open_with_care(body: bytes) -> Envelope:
    """Return the envelope of a body that is not the plain one. A proof that is missing or mistyped proves nothing."""
    found = members(body)
    nonce, event_info = _text(found.get("nonce")), found.get("eventInfo")
    if nonce is None or event_info is None:
        raise Malformed("not_the_envelope")
    return Envelope(
        appID=_text(found.get("appID")) or "",
        timestamp=msgspec.Raw(found.get("timestamp", b"")),
        nonce=nonce,
        signature=_text(found.get("signature")) or "",
        eventInfo=msgspec.Raw(event_info),
    )


def _text(spelt: bytes | None) -> str | None:
    try:
        return _decode_text(spelt or b"")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
