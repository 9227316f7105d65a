"""Run a push that was set aside once more, through this version and these settings.

It is verified again, over the same bytes: whoever can reach this can add nothing that the service did not sign. Only
its age is no objection any more, since an operator asked for it.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from .decode import EnterprisePush, decode
from .delivery import Delivery
from .entry import Terms, enter
from .errors import Malformed, Unverified
from .log import Log
from .verify import Accounts, verify

Outcome = Literal[
    "appended",  # it is an event on its topic now
    "repeated",  # it stood there already
    "not_understood",  # still: nothing was appended
    "not_verified",  # no password of today signed it, or values were taken out of it
]


class Redrive:
    """Takes originals of meeting.unrecognised.v1."""

    def __init__(self, *, accounts: Callable[[], Accounts], terms: Terms, log: Log) -> None:
        self._accounts = accounts
        # Old is old by any clock: nothing is stale here.
        self._terms = msgspec.structs.replace(terms, horizon=timedelta.max)
        self._log = log

    async def again(self, original: bytes) -> Outcome:
        """Return what became of it. Raises LogUnavailable."""
        delivery = Delivery(body=original, received_at=datetime.now(UTC))
        try:
            push = decode(verify(delivery, self._accounts()))
        except (Malformed, Unverified):
            return "not_verified"
        if not isinstance(push, EnterprisePush):
            return "not_understood"
        entry = enter(push, self._terms)
        if entry.set_aside is not None:
            return "not_understood"
        appended = await self._log.append(entry)
        return "repeated" if appended.repeated else "appended"
