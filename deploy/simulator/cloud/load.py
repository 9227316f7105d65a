"""Many meetings at a fixed rate of frames: cheap to run, so that a benchmark measures the other side."""

import asyncio
import time

import msgspec

from .cloud import Cloud

_TURN_S = 0.005


class CloudLoad(msgspec.Struct, frozen=True, kw_only=True):
    """What to pour out."""

    meetings: int
    people: int = 3
    """In each meeting."""
    rate: float = 0.0
    """Frames a second over all meetings, every other one of speakers and of captions; 0 for none."""


def fill(cloud: Cloud, load: CloudLoad) -> list[str]:
    """Start the meetings, with people and captions, and return their IDs."""
    ids = [cloud.start_meeting(captions=True).meeting_id for _ in range(load.meetings)]
    for meeting_id in ids:
        for _ in range(load.people):
            cloud.join(meeting_id)
    return ids


async def pour(cloud: Cloud, ids: list[str], *, rate: float, stop: asyncio.Event) -> int:
    """Push at `rate` by the machine's time, meeting after meeting, until `stop`; return how many frames were made.

    What a turn is late by the next one makes up. A frame's number is in its caption, or is the speakers' volume, and
    its createTime is when it was handed to the socket.
    """
    began, made = time.monotonic(), 0
    while not stop.is_set():
        due = int((time.monotonic() - began) * rate)
        for number in range(made, due):
            _push(cloud, ids[number // 2 % len(ids)], number)
        made = max(made, due)
        await asyncio.sleep(_TURN_S)
    return made


def _push(cloud: Cloud, meeting_id: str, number: int) -> None:
    people = list(cloud.on[meeting_id].people)
    pid = people[number // 2 % len(people)]
    if number % 2:
        cloud.speak(meeting_id, (pid, number % 100))
    else:
        texts = {"Mandarin": f"第 {number} 句，大家听得到吗？", "English": f"Sentence {number}: can you hear me?"}
        cloud.caption(meeting_id, pid, texts, sentence=f"{number:032x}", final=number % 4 == 0)
