"""What may become of one meeting in a day: the kinds of story, as steps in time. Pure: all chance comes from the seed.

Enterprise push reference: a meeting that ended can be entered again until its scheduled end, one that was closed
cannot; each holding has a meetingUUID of its own; an ID comes back. A public receiver notes that an ordinary meeting
is ended and closed, a recurring one is only ended.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Final, NamedTuple

from .people import PEOPLE, Person

MINUTE: Final = 60.0


class Step(NamedTuple):
    """One event of a story, `offset_s` after the story began."""

    offset_s: float
    event: str
    meeting: dict[str, object]
    visit: "Visit | None" = None


class Visit(NamedTuple):
    """Someone's stay in a meeting. Who comes back is a new participant."""

    person: Person
    participant_id: str
    joined_s: float
    chair: bool


Story = Callable[[Random, str], Iterator[Step]]


def new_uuid(rng: Random) -> str:
    """Return 32 hexadecimal digits in the shape of an RFC 4122 UUID of version 1, as the examples have them."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:12]}1{digits[13:16]}{rng.choice('89ab')}{digits[17:]}"


def _holding(rng: Random, meeting: dict[str, object], begin_s: float, *, recorded: bool = False) -> Iterator[Step]:
    """Yield one holding from its start to its end; a recording is finished some time after that."""
    end_s = begin_s + rng.uniform(12, 75) * MINUTE
    yield Step(begin_s, "meeting.started", meeting)
    for place, person in enumerate(rng.sample(PEOPLE, rng.choice((2, 3, 3, 4, 5, 6, 8, 12)))):
        yield from _stay(rng, meeting, person, begin_s, end_s, chair=place == 0)
    yield Step(end_s, "meeting.end", meeting)
    if recorded:
        yield Step(end_s + rng.uniform(0.5, 5) * MINUTE, "record.finish", meeting)


def _stay(
    rng: Random, meeting: dict[str, object], person: Person, begin_s: float, end_s: float, *, chair: bool
) -> Iterator[Step]:
    """Yield someone's coming and going; one in eight drops out and comes back."""
    joined_s = begin_s + min(rng.expovariate(1 / 150), 0.4 * (end_s - begin_s)) + 1
    if rng.random() < 1 / 8:
        dropped_s = joined_s + rng.uniform(0.1, 0.4) * (end_s - joined_s)
        yield from _visit(rng, meeting, person, joined_s, dropped_s, chair=chair)
        joined_s = dropped_s + 20
    left_s = end_s - rng.choice((0.5, 0.5, 1, 2, rng.uniform(2, 300)))
    yield from _visit(rng, meeting, person, joined_s, max(left_s, joined_s + 1), chair=chair)


def _visit(
    rng: Random, meeting: dict[str, object], person: Person, joined_s: float, left_s: float, *, chair: bool
) -> Iterator[Step]:
    visit = Visit(person, new_uuid(rng), joined_s, chair)
    yield Step(joined_s, "meeting.join", meeting, visit)
    yield Step(left_s, "meeting.left", meeting, visit)


def _held(rng: Random, meeting_id: str, **more: object) -> dict[str, object]:
    return {"meetingID": meeting_id, "meetingUUID": new_uuid(rng), **more}


def _announced(rng: Random, meeting_id: str) -> dict[str, object]:
    """Return a meeting that is not held yet: its UUID another one, empty or missing; sources differ on which."""
    unheld: tuple[dict[str, object], ...] = (
        {"meetingID": meeting_id},
        {"meetingID": meeting_id, "meetingUUID": ""},
        _held(rng, meeting_id),
    )
    return rng.choice(unheld)


def scheduled(rng: Random, meeting_id: str) -> Iterator[Step]:
    """Made, held, recorded now and then, closed."""
    yield Step(0, "meeting.create", _announced(rng, meeting_id))
    yield from instant_meeting(rng, meeting_id, rng.uniform(5, 90) * MINUTE)


def instant_meeting(rng: Random, meeting_id: str, begin_s: float = 0) -> Iterator[Step]:
    """Held at once, never announced."""
    yield from _held_and_closed(rng, meeting_id, begin_s, recorded=rng.random() < 1 / 4)


def recorded(rng: Random, meeting_id: str) -> Iterator[Step]:
    """Made, held, recorded, closed."""
    yield Step(0, "meeting.create", _announced(rng, meeting_id))
    yield from _held_and_closed(rng, meeting_id, rng.uniform(5, 90) * MINUTE, recorded=True)


def _held_and_closed(rng: Random, meeting_id: str, begin_s: float, *, recorded: bool) -> Iterator[Step]:
    meeting = _held(rng, meeting_id)
    steps = list(_holding(rng, meeting, begin_s, recorded=recorded))
    yield from steps
    ended_s = next(step.offset_s for step in steps if step.event == "meeting.end")
    # A public receiver saw end and close come together, so that a lock was needed.
    yield Step(ended_s + rng.choice((0.02, 1, 30)), "meeting.conclude", meeting)


def rescheduled(rng: Random, meeting_id: str) -> Iterator[Step]:
    """Made, changed once or twice, held, closed."""
    yield Step(0, "meeting.create", _announced(rng, meeting_id))
    changes = rng.choice((1, 1, 2))
    for change in range(1, changes + 1):
        yield Step(change * rng.uniform(2, 9) * MINUTE, "meeting.modify", _announced(rng, meeting_id))
    yield from instant_meeting(rng, meeting_id, rng.uniform(20, 90) * MINUTE)


def cancelled(rng: Random, meeting_id: str) -> Iterator[Step]:
    """Made, and called off before anyone came."""
    yield Step(0, "meeting.create", _announced(rng, meeting_id))
    yield Step(rng.uniform(3, 120) * MINUTE, "meeting.cancel", _announced(rng, meeting_id))


def entered_again(rng: Random, meeting_id: str) -> Iterator[Step]:
    """Ended and entered again, each time with a UUID of its own; kept open, as the enterprise's default is."""
    yield Step(0, "meeting.create", _announced(rng, meeting_id))
    yield from _holdings(rng, rng.choice((2, 2, 3)), lambda: _held(rng, meeting_id), gap_min=(1, 12))


def recurring(rng: Random, meeting_id: str) -> Iterator[Step]:
    """One series, held several times under one ID, each time a sub-meeting of its own; never closed."""
    yield Step(0, "meeting.create", _announced(rng, meeting_id))
    sub = lambda: _held(rng, meeting_id, meetingCycleSubID=new_uuid(rng))  # noqa: E731 -- read where it is used
    yield from _holdings(rng, rng.choice((2, 3)), sub, gap_min=(40, 120))


def room(rng: Random, meeting_id: str) -> Iterator[Step]:
    """A personal or cloud room: its ID is fixed, it is never made, never closed, and comes back."""
    yield from _holdings(rng, rng.choice((2, 3, 4)), lambda: _held(rng, meeting_id), gap_min=(15, 90))


def _holdings(
    rng: Random, times: int, meeting: Callable[[], dict[str, object]], *, gap_min: tuple[float, float]
) -> Iterator[Step]:
    begin_s = rng.uniform(1, 30) * MINUTE
    for _ in range(times):
        steps = list(_holding(rng, meeting(), begin_s, recorded=rng.random() < 1 / 6))
        yield from steps
        begin_s = max(step.offset_s for step in steps) + rng.uniform(*gap_min) * MINUTE


ROOMS: Final = frozenset({room})
# A day begins with one of each kind, so that however small it is it shows all; after that, by weight.
KINDS: Final[tuple[tuple[Story, int], ...]] = (
    (instant_meeting, 4),
    (recorded, 1),
    (entered_again, 2),
    (recurring, 3),
    (rescheduled, 2),
    (cancelled, 1),
    (room, 3),
    (scheduled, 6),
)
