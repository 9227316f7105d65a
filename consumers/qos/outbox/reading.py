"""Read records of meeting.alerts.v1, and see a thread's work through."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

import msgspec

from schemas.events import AnyEvent, decode
from schemas.record import Record

_T = TypeVar("_T")


async def to_its_end(work: Coroutine[None, None, _T]) -> _T:
    """Return what comes of it; who is cancelled meanwhile waits for its end all the same."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def decision_id(record: Record) -> str:
    """Return the ID of a record's decision: that of the record, without the number of the event."""
    return record.id.removesuffix("-0")


def read(record: Record) -> AnyEvent | None:
    """Return the event of a record; None for one of a later version: its own readers tell of it."""
    try:
        return decode(record.value)
    except msgspec.DecodeError:
        return None
