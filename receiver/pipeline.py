"""The way of the data, on one screen: verify, decode, normalise, log; and only then an answer.

What comes back is the body of a 200. Everything else is an exception of `errors`, each with its status.
"""

from collections.abc import Callable

import msgspec

from schemas.events.unrecognised import SetAsideReason
from schemas.push.enterprise import HandshakeAnswer

from .decode import EnterprisePush, Handshake, Unreadable, decode
from .delivery import Delivery
from .entry import Entry, Terms, enter
from .log import Appended, Log
from .verify import Accounts, Verified, verify


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """What a push became: what is answered, and what is worth counting of it."""

    event_name: str | None
    body: bytes = b""
    repeated: bool = False
    set_aside: SetAsideReason | None = None
    enterprise: str = ""

    def __repr__(self) -> str:
        """Show what became of it, not what it is called or answered with."""
        return f"<Accepted, repeated={self.repeated}, set_aside={self.set_aside}>"


class Pipeline:
    """Takes deliveries. `accounts` is asked for each anew, so that changed passwords hold from the next push on.

    `log` returns once an entry is durable in the sense that the settings ask for: the log itself for "disk", the
    forwarder, after Kafka's acknowledgement, for "kafka".
    """

    def __init__(self, *, accounts: Callable[[], Accounts], terms: Terms, log: Log) -> None:
        self._accounts = accounts
        self._terms = terms
        self._log = log

    async def take(self, verified: Verified) -> Accepted:
        """Return once every event of the push is durable. Raises NotDurable."""
        push = decode(verified)
        if isinstance(push, Handshake):
            answer = msgspec.json.encode(HandshakeAnswer(nonce=push.nonce))
            return Accepted("meeting.verify", answer, enterprise=verified.enterprise)
        entry = enter(push, self._terms)
        appended = await self._log.append(entry)
        return _accepted(push, entry, appended)

    def verify(self, delivery: Delivery) -> Verified:
        """Return the delivery as verified. Raises Malformed and Unverified."""
        return verify(delivery, self._accounts())


def _accepted(push: EnterprisePush | Unreadable, entry: Entry, appended: Appended) -> Accepted:
    name = push.info.event if isinstance(push, EnterprisePush) else push.event_name
    return Accepted(
        event_name=name,
        repeated=appended.repeated,
        set_aside=entry.set_aside,
        enterprise=push.verified.enterprise,
    )
