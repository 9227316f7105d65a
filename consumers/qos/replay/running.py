"""Run one rule file, or two side by side, over records as they are read. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from schemas.events import (
    AlertChanged,
    AnyEvent,
    MeetingClosed,
    MeetingDescribed,
    MeetingEnded,
    ParticipantChanged,
    ParticipantGone,
    QualitySampled,
    QualityThresholdsRead,
    ReceiverAlive,
    RosterReplaced,
    SubscriptionChanged,
    decode,
)
from schemas.record import Record, Stored
from schemas.rules import QosRules

from ..engine.engine import Engine
from ..engine.state import Input
from .spans import Told, of_change, of_event

# What the engine takes no notice of need not be decoded.
HEEDED: Final = frozenset(
    event.__name__
    for event in (
        MeetingClosed,
        MeetingDescribed,
        MeetingEnded,
        ParticipantChanged,
        ParticipantGone,
        QualitySampled,
        QualityThresholdsRead,
        ReceiverAlive,
        RosterReplaced,
        SubscriptionChanged,
    )
)
_SAMPLE: Final = QualitySampled.__name__
_SIGN: Final = ReceiverAlive.__name__
_ALERT: Final = AlertChanged.__name__


class Running:
    """Takes records in order; what was decided is in `told`, for each rule file."""

    def __init__(self, files: Sequence[QosRules]) -> None:
        self._engines = [Engine(rules) for rules in files]
        self.told: list[list[Told]] = [[] for _ in files]
        self.published: list[Told] = []
        """What was decided when it happened."""
        self.samples = self.records = self.unreadable = 0

    @property
    def decided_ms(self) -> int:
        """Up to when everything is decided."""
        return min(engine.state.decided_ms for engine in self._engines)

    @property
    def late(self) -> int:
        """How many records came too late to count."""
        return max(engine.state.late for engine in self._engines)

    def take(self, records: Iterable[Stored]) -> None:
        """Take some, and decide what can be."""
        for stored in records:
            record = stored.record
            self.records += 1
            kind = record.type
            if kind in HEEDED:
                if (event := self._read(record)) is not None:
                    self.samples += kind == _SAMPLE
                    one = Input(record.received_ms, record.id, event)
                    for engine in self._engines:
                        engine.take(one)
                if kind == _SIGN:
                    # At once: what comes behind it and is too old is late, however much is read at a time.
                    self._decide()
            elif kind == _ALERT and isinstance(event := self._read(record), AlertChanged):
                self.published.append(of_event(event, record.id))
        self._decide()

    def _decide(self) -> None:
        for engine, told in zip(self._engines, self.told, strict=True):
            told += map(of_change, engine.decide())

    def _read(self, record: Record) -> AnyEvent | None:
        try:
            return decode(record.value)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self.unreadable += 1
            return None
