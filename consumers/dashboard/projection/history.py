"""An hour of somebody's quality, a point a minute, in a few bytes each: there are a hundred thousand people. Pure."""

from collections.abc import Iterable
from struct import Struct
from typing import Final

from schemas.api.meetings import Point
from schemas.events import Flow

POINTS: Final = 60
STEP_S: Final = 60
# Step, rating and loss (‰ of a ratio) of each direction, jitter, round trip; the highest value stands for "not known".
_POINT: Final = Struct("<IBBHHHH")
_NO_RATING: Final = 0xFF
_NO_FIGURE: Final = 0xFFFF

_Packed = tuple[int, int, int, int, int, int, int]


class Measured:
    """What one sample says of both directions: the worst of its flows."""

    __slots__ = ("jitter_ms", "received", "received_loss", "rtt_ms", "sent", "sent_loss")

    def __init__(self, rated: Iterable[tuple[Flow, int | None]], rtt_ms: float | None) -> None:
        self.sent = self.received = _NO_RATING
        self.sent_loss = self.received_loss = self.jitter_ms = _NO_FIGURE
        self.rtt_ms = _figure(rtt_ms)
        for flow, rating in rated:
            self._take(flow, _NO_RATING if rating is None else rating)

    def _take(self, flow: Flow, rating: int) -> None:
        loss = _NO_FIGURE if flow.packet_loss_ratio is None else _figure(flow.packet_loss_ratio * 1_000)
        if flow.direction == "sent":
            self.sent = min(self.sent, rating)
            self.sent_loss = _higher(self.sent_loss, loss)
        elif flow.direction == "received":
            self.received = min(self.received, rating)
            self.received_loss = _higher(self.received_loss, loss)
        self.jitter_ms = _higher(self.jitter_ms, _figure(flow.jitter_ms))

    def packed(self, step: int) -> _Packed:
        """Return the point at `step`, in minutes since 1970."""
        return step, self.sent, self.received, self.sent_loss, self.received_loss, self.jitter_ms, self.rtt_ms


def add(history: bytes, at_s: float, measured: Measured) -> bytes:
    """Return the history with one sample more; within a minute the worst stands. What is older than it is left out."""
    point = measured.packed(int(at_s) // STEP_S)
    if not history:
        return _POINT.pack(*point)
    last: _Packed = _POINT.unpack_from(history, len(history) - _POINT.size)
    if point[0] < last[0]:
        return history
    if point[0] == last[0]:
        return history[: -_POINT.size] + _POINT.pack(*_worse(last, point))
    return (history + _POINT.pack(*point))[-POINTS * _POINT.size :]


def points(history: bytes) -> list[Point]:
    """Return the points, the oldest first."""
    return [
        Point(
            at=step * STEP_S,
            sent=_rating(sent),
            received=_rating(received),
            sent_loss_ratio=_ratio(sent_loss),
            received_loss_ratio=_ratio(received_loss),
            jitter_ms=_known(jitter),
            rtt_ms=_known(rtt),
        )
        for step, sent, received, sent_loss, received_loss, jitter, rtt in _POINT.iter_unpack(history)
    ]


def _worse(one: _Packed, other: _Packed) -> _Packed:
    step, sent, received, *figures = one
    _, other_sent, other_received, *other_figures = other
    loss, other_loss, jitter, rtt = (_higher(a, b) for a, b in zip(figures, other_figures, strict=True))
    return step, min(sent, other_sent), min(received, other_received), loss, other_loss, jitter, rtt


def _higher(one: int, other: int) -> int:
    if one == _NO_FIGURE:
        return other
    return one if other == _NO_FIGURE else max(one, other)


def _figure(value: float | None) -> int:
    if value is None:
        return _NO_FIGURE
    # What a stranger sends may be no number at all.
    return int(value + 0.5) if 0 <= value < _NO_FIGURE - 1 else _NO_FIGURE - 1 if value > 0 else 0


def _rating(value: int) -> int | None:
    return None if value == _NO_RATING else value


def _ratio(value: int) -> float | None:
    return None if value == _NO_FIGURE else value / 1_000


def _known(value: int) -> int | None:
    return None if value == _NO_FIGURE else value
