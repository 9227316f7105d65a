"""A local log full of captions, as the receiver leaves it: meetings that go on, and receivers' signs of life."""

import argparse
import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from schemas import locallog as form
from schemas.events import CaptionSpoken, MeetingClosed, MeetingStarted, ReceiverAlive, encode
from schemas.events.captions import CaptionLine
from schemas.ids import LogId
from schemas.record import Record, content_id, partition_of, traceparent
from schemas.topics import CAPTIONS, LIFECYCLE, STATE

PARTITIONS: Final = 12
LOG: Final = LogId("b" * 32)
_COMMIT: Final = 500
_WORDS: Final = "我们今天讨论季度预算和下一步的计划，请各位先看一下第三页的表格 "


class Log:
    """A log that a benchmark writes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(folder / form.FILE_NAME, isolation_level=None, check_same_thread=False)
        for statement in (*form.WRITER_PRAGMAS, *form.TABLES):
            self._database.execute(statement)
        for name, value in (("log", LOG), ("form", form.FORM)):
            self._database.execute(form.SET_META, (name, value))
        self.next = 1

    def append(self, records: list[Record]) -> None:
        """Write one commit."""
        row = (self.next, len(records), time.time_ns() // 1_000_000, form.encode_records(records), None)
        self._database.execute(form.INSERT_COMMIT, row)
        self.next += len(records)

    def close(self) -> None:
        """Close it."""
        self._database.close()


def fill(folder: Path, captions: int, *, meetings: int, rate: int, start: datetime) -> int:
    """Write so many captions, `rate` a second by their times; return how many records there are with all the rest."""
    log = Log(folder)
    waiting: list[Record] = []
    for record in spoken(captions, meetings=meetings, rate=rate, start=start):
        waiting.append(record)
        if len(waiting) == _COMMIT:
            log.append(waiting)
            waiting = []
    log.append(waiting)
    log.close()
    return log.next - 1


def spoken(captions: int, *, meetings: int, rate: int, start: datetime) -> Iterator[Record]:
    """Yield the records: every meeting starts, then all speak in turn; a sign of life every ten seconds."""
    for number in range(meetings):
        yield started(f"m-{number}", start)
    for number in range(captions):
        at = start + timedelta(seconds=number / rate)
        if number % (10 * rate) == 0:
            yield from alive(at)
        yield caption(f"m-{number % meetings}", number, at)
    yield from alive(start + timedelta(seconds=captions / rate))


def started(meeting_id: str, at: datetime) -> Record:
    """Return a meeting's start."""
    event = MeetingStarted(**_pushed(meeting_id, at))
    return _record(event, LIFECYCLE, meeting_id, at)


def closed(meeting_id: str, at: datetime) -> Record:
    """Return a meeting's end."""
    return _record(MeetingClosed(**_pushed(meeting_id, at)), LIFECYCLE, meeting_id, at)


def caption(meeting_id: str, number: int, at: datetime) -> Record:
    """Return a caption in two languages, every third final, with the frame that it came in."""
    sentence, state = divmod(number, 3)
    # As the service counts, as it seems: milliseconds, and a sentence goes on from where it began.
    end_ms = int(at.timestamp() * 1_000) % 86_400_000
    text = _WORDS[sentence % 20 :] + str(sentence)
    lines = [
        CaptionLine(language="Mandarin", text=text, line_id=f"{sentence}"),
        CaptionLine(language="English", text=f"We look at the budget, page {number}", line_id=f"{sentence}"),
    ]
    original = (
        f'{{"action":"RealTimeSubtitleNotify","conferenceID":"{meeting_id}","createTime":{int(at.timestamp() * 1_000)},'
        f'"msgID":"{number}","data":{{"pid":"p{sentence % 7}","subtitles":[{{"language":"Mandarin","text":"{text}"}},'
        f'{{"language":"English","text":"We look at the budget, page {number}"}}],"isFinal":{state == 2}}}}}'
    )
    event = CaptionSpoken(
        enterprise="acme",
        meeting_id=meeting_id,
        meeting_uuid=f"uuid-{meeting_id}",
        occurred_at=at,
        received_at=at,
        message_id=str(number),
        participant_id=f"p{sentence % 7}",
        lines=lines,
        final=state == 2,
        spoken_at=at,
        begin_ms=max(0, end_ms - 700 * (state + 1)),
        end_ms=end_ms,
        original=original,
        original_sha256=hashlib.sha256(original.encode()).hexdigest(),
    )
    return _record(event, CAPTIONS, meeting_id, at, epoch=1)


def alive(at: datetime) -> Iterator[Record]:
    """Yield a sign of life for each partition."""
    for partition in range(PARTITIONS):
        event = ReceiverAlive(
            receiver=LOG,
            occurred_at=at,
            subscriptions=1_000,
            partition=partition,
            partition_subscriptions=80,
            position=1,
        )
        yield _record(event, STATE, LOG, at, partition=partition, enterprise="")


def _pushed(meeting_id: str, at: datetime) -> dict[str, Any]:
    return {
        "enterprise": "acme",
        "meeting_id": meeting_id,
        "meeting_uuid": f"uuid-{meeting_id}",
        "meeting_cycle_sub_id": None,
        "occurred_at": at,
        "sent_at": at,
        "received_at": at,
        "original": "{}",
        "original_sha256": "0" * 64,
    }


def _record(
    event: object,
    topic: str,
    key: str,
    at: datetime,
    *,
    partition: int | None = None,
    enterprise: str = "acme",
    epoch: int | None = None,
) -> Record:
    value = encode(event)
    event_id = content_id(topic, partition, hashlib.sha256(value).hexdigest())
    return Record(
        topic=topic,
        partition=partition_of(key, PARTITIONS) if partition is None else partition,
        key=key,
        id=f"{event_id}-0",
        type=type(event).__name__,
        enterprise=enterprise,
        occurred_at=at,
        received_ms=int(at.timestamp() * 1_000),
        trace=traceparent(event_id, None),
        value=value,
        epoch=epoch,
    )


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def speak(folder: Path, *, meetings: int, rate: int, seconds: int) -> None:
    """Write as it goes: `rate` captions a second for so many seconds, a commit every hundredth of one."""
    log = Log(folder)
    begun = time.time()
    start = now()
    log.append([started(f"m-{number}", start) for number in range(meetings)])
    written = 0
    while written < rate * seconds:
        time.sleep(0.01)
        at = now()
        due = min(rate * seconds, int((time.time() - begun) * rate))
        if due > written:
            log.append([caption(f"m-{number % meetings}", number, at) for number in range(written, due)])
            written = due
    log.close()


def main() -> None:
    """Speak."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    for name in ("meetings", "rate", "seconds", "core"):
        parser.add_argument(f"--{name}", type=int, required=True)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {arguments.core})
    speak(arguments.folder, meetings=arguments.meetings, rate=arguments.rate, seconds=arguments.seconds)


if __name__ == "__main__":
    main()
