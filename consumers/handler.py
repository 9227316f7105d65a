"""What a consumer does with its records: the one thing that it has to write itself."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from schemas.events import AnyEvent
from schemas.record import Stored


class Received(msgspec.Struct, frozen=True, gc=False):
    """A record, where it stands, and the event in it."""

    stored: Stored
    event: AnyEvent | None
    """None: of a type that this version does not know. Only a handler that takes those sees one."""


class Handler(Protocol):
    """Idempotent by the event's id: after a crash, or a rebalance, a batch comes again, whole or in part."""

    @property
    def takes_unknown(self) -> bool:
        """Whether records of types that this version does not know are handed over too, as they are.

        An archive must keep them. For everybody else they are skipped, counted, and logged once a type: while a
        cluster is updated, receivers may be newer than consumers, and that is no fault of the records'.
        """
        ...

    async def handle(self, batch: Sequence[Received]) -> None:
        """Return once all of `batch` is durable: it is committed then.

        Raises InvalidRecord for a record that it will never take; the batch is handed over again without that one.
        Raises SinkUnavailable where its own store fails. Any other error is a fault of the handler's. After both,
        nothing of the batch is committed and the consumer ends.
        """
        ...

    async def close(self) -> None:
        """Let go of everything. Called once, after the last batch, whatever became of it."""
        ...
