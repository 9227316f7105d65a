"""Write the body of an enterprise push, in every spelling that the reference leaves open. Pure.

How the service spells white space, slashes and letters beyond ASCII is not documented, so each of the ways is a
`Style`. The signature always covers what the service would have signed: eventInfo without white space.
"""

import enum
import json
from collections.abc import Mapping

import msgspec

from .signature import sign


class Style(enum.StrEnum):
    """A spelling of the same push."""

    COMPACT = "compact"
    """No white space, letters as UTF-8: what the reference's two signed examples prove."""
    SPACED = "spaced"
    """White space between the members of the envelope, none within eventInfo."""
    PRETTY = "pretty"
    """eventInfo over several lines, signed in its compact form: how the reference prints its examples."""
    SLASHES = "slashes"
    """`/` as `\\/`, signed as spelt: what several serialisers in Java do."""
    ASCII = "ascii"
    """Letters beyond ASCII as \\uXXXX, signed as spelt."""


class Subscriber(msgspec.Struct, frozen=True, kw_only=True):
    """Under whose name pushes are signed: subscriber ID and password of the push configuration."""

    app_id: str
    password: str

    def __repr__(self) -> str:
        """Show who, not with what."""
        return f"<Subscriber {self.app_id}>"

    def push(
        self, event_info: Mapping[str, object], *, timestamp_ms: int, nonce: str, style: Style = Style.COMPACT
    ) -> bytes:
        """Return the signed body."""
        signed, written = _spell(event_info, style)
        signature = sign(self.app_id, timestamp_ms, nonce, signed, self.password.encode())
        return envelope(self.app_id, timestamp_ms, nonce, signature, written, style)


def build_push(
    event_info: Mapping[str, object],
    *,
    app_id: str,
    password: str,
    timestamp_ms: int,
    nonce: str,
    style: Style = Style.COMPACT,
) -> bytes:
    """Return the signed body of one push; `timestamp_ms` is the envelope's, the event's own is in `event_info`."""
    subscriber = Subscriber(app_id=app_id, password=password)
    return subscriber.push(event_info, timestamp_ms=timestamp_ms, nonce=nonce, style=style)


def envelope(
    app_id: str, timestamp_ms: int, nonce: str, signature: str, event_info: bytes, style: Style = Style.COMPACT
) -> bytes:
    """Return the five members in the reference's order, whether they fit together or not."""
    head = {"appID": app_id, "timestamp": timestamp_ms, "nonce": nonce, "signature": signature}
    if style is Style.SPACED:
        return json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "eventInfo": ' + event_info + b" }\r\n"
    return msgspec.json.encode(head)[:-1] + b',"eventInfo":' + event_info + b"}"


def _spell(event_info: Mapping[str, object], style: Style) -> tuple[bytes, bytes]:
    """Return eventInfo as it is signed, and as it is sent."""
    if style is Style.ASCII:
        escaped = json.dumps(event_info, separators=(",", ":")).encode()
        return escaped, escaped
    compact = msgspec.json.encode(event_info)
    if style is Style.PRETTY:
        return compact, msgspec.json.format(compact, indent=4)
    if style is Style.SLASHES:
        # A slash stands in strings only, and no escape of the encoder's ends in one.
        compact = compact.replace(b"/", b"\\/")
    return compact, compact
