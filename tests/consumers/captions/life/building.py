"""Archives whose segments hold several meetings' lines and signs of life, as the service would leave them."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from consumers.captions.archive import Archive
from consumers.captions.evidence.index import Index, Whose, encode_index, packed, runs
from consumers.captions.evidence.line import encoded, leaf, salting
from consumers.captions.formats import Rendered, rendered
from consumers.captions.life.covers import Place
from consumers.captions.life.reading import told_of
from consumers.captions.life.versions import Version, put_version
from consumers.captions.manifesting import RULES
from consumers.captions.proof.merkle import root
from consumers.captions.stores import Keep
from consumers.captions.transcript import Occurrence, Transcript, occurrences, transcribe
from schemas.archive import FORMAT, index_key, meeting_folder, segment_key
from schemas.archive.manifest import Kept, Manifest, Stretch
from schemas.events import (
    ActiveSpeakersChanged,
    CaptionSpoken,
    Event,
    MeetingClosed,
    MeetingStarted,
    ParticipantChanged,
    ReceiverAlive,
    RosterReplaced,
)
from schemas.events.captions import CaptionLine
from schemas.events.participants import Person
from schemas.events.speakers import Speaker
from schemas.ids import LogId, Position
from schemas.record import Stored
from schemas.topics import CAPTIONS, LIFECYCLE, PARTICIPANTS, SPEAKERS, STATE, TopicName

from ...records import record

CLUSTER: Final = "cluster-1"
MORNING: Final = datetime(2026, 5, 1, 9, 5, tzinfo=UTC)
EVENING: Final = MORNING + timedelta(hours=10)
LOG: Final = LogId("1" * 32)


class Happened(NamedTuple):
    """An event, and when a receiver had it."""

    topic: TopicName
    key: str
    event: Event
    at: datetime


class Line(NamedTuple):
    """A line of evidence, and whose it is: None for a sign of life."""

    content: bytes
    meeting: str | None
    at: datetime


def meeting(meeting_id: str, words: Sequence[tuple[str, str]], *, at: datetime = MORNING) -> list[Happened]:
    """Return a meeting of half an hour in which these people (ID) say these words, ten seconds apart."""
    around: dict[str, Any] = {
        "enterprise": "acme",
        "meeting_id": meeting_id,
        "meeting_uuid": f"uuid-{meeting_id}-{at:%H%M}",
    }
    pushed: dict[str, Any] = {
        **around,
        "meeting_cycle_sub_id": None,
        "original": None,
        "original_sha256": "0" * 64,
        "sent_at": at,
    }
    people = [Person(participant_id=who, name=f"name-of-{who}") for who in sorted({who for who, _ in words})]
    roster: dict[str, Any] = {"occurred_at": at, "received_at": at, "message_id": "1", "roster": "participants"}
    whole = RosterReplaced(**around, **roster, snapshot_id="s", part=1, parts=1, people=people)
    ended = at + timedelta(minutes=30)
    return [
        Happened(LIFECYCLE, meeting_id, MeetingStarted(**pushed, occurred_at=at, received_at=at), at),
        Happened(PARTICIPANTS, meeting_id, whole, at),
        *(
            Happened(PARTICIPANTS, meeting_id, ParticipantChanged(**around, **roster, person=person), at)
            for person in people
        ),
        *(one for number, said in enumerate(words) for one in _said(around, meeting_id, *said, at, number)),
        Happened(LIFECYCLE, meeting_id, MeetingClosed(**pushed, occurred_at=ended, received_at=ended), ended),
    ]


def _said(around: dict[str, Any], meeting_id: str, who: str, text: str, start: datetime, number: int) -> list[Happened]:
    at = start + timedelta(seconds=10 * number + 10)
    push: dict[str, Any] = {"occurred_at": at, "received_at": at, "message_id": f"{number}"}
    caption = CaptionSpoken(
        **around,
        **push,
        participant_id=who,
        lines=[CaptionLine(language="Mandarin", text=text, line_id=None)],
        final=True,
        spoken_at=at,
        begin_ms=10_000 * number,
        end_ms=10_000 * number + 5_000,
        original=f'{{"said":"{text}"}}',
        original_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    speaks = ActiveSpeakersChanged(
        **around, **push, speakers=[Speaker(participant_id=who, name=f"name-of-{who}", volume=30)]
    )
    return [Happened(CAPTIONS, meeting_id, caption, at), Happened(SPEAKERS, meeting_id, speaks, at)]


def alive(*, since: datetime = MORNING, minutes: int = 35) -> list[Happened]:
    """Return a receiver's signs of life, one a minute."""
    times = [since + timedelta(minutes=minute) for minute in range(minutes)]
    return [
        Happened(
            STATE,
            LOG,
            ReceiverAlive(
                receiver=LOG, occurred_at=at, subscriptions=1, partition=0, partition_subscriptions=1, position=1
            ),
            at,
        )
        for at in times
    ]


async def build(archive: Archive, happened: Iterable[Happened], *, a_segment: int = 7, first: int = 0) -> list[Version]:
    """Write evidence, and every occurrence in it with files, manifest and ledger, and a checkpoint; by their begin."""
    evidence = await segments(archive, happened, a_segment=a_segment, first=first)
    everything = [
        Stretch(segment=key, records=len(lines), root=root(_leaves(lines)).hex(), lines=[(0, len(lines))])
        for key, lines in evidence.items()
    ]
    found = occurrences(await told_of(archive, everything))
    versions = [await keep(archive, occurrence, evidence) for occurrence in found]
    await archive.ledger.checkpoint()
    return versions


async def segments(
    archive: Archive, happened: Iterable[Happened], *, a_segment: int = 7, first: int = 0
) -> dict[str, list[Line]]:
    """Write the evidence alone: by topic and time, so many lines a segment, offsets from `first` on."""
    by_topic: dict[TopicName, list[Happened]] = defaultdict(list)
    for one in sorted(happened, key=lambda one: one.at):
        by_topic[one.topic].append(one)
    written: dict[str, list[Line]] = {}
    for topic, told in by_topic.items():
        lines = [await _line(archive, one, first + number) for number, one in enumerate(told)]
        for start in range(0, len(lines), a_segment):
            key = segment_key(CLUSTER, topic, 0, first + start)
            written[key] = lines[start : start + a_segment]
            keep = _keep(archive, told[-1].at)
            await archive.store.put(key, b"".join(line.content + b"\n" for line in written[key]), keep=keep)
            await archive.store.put(index_key(key), encode_index(_index(key, written[key])), keep=keep)
    return dict(sorted(written.items()))


async def keep(archive: Archive, occurrence: Occurrence, evidence: dict[str, list[Line]]) -> Version:
    """Write one occurrence."""
    transcript, files = await asyncio.to_thread(lambda: _readable(occurrence))
    numbers: dict[str, list[int]] = defaultdict(list)
    for told in occurrence.told:
        numbers[told.segment].append(told.line)
    stretches = [
        Stretch(
            segment=key,
            records=len(evidence[key]),
            root=root(_leaves(evidence[key])).hex(),
            lines=runs(sorted(numbers[key])),
        )
        for key in sorted(numbers)
    ]
    leaves = [leaf(evidence[key][line].content) for key in sorted(numbers) for line in sorted(numbers[key])]
    manifest = Manifest(
        format=FORMAT,
        archive=archive.settings.name,
        occurrence=occurrence.id,
        version=1,
        because="closed",
        enterprise=occurrence.enterprise,
        meeting_id=occurrence.meeting_id,
        meeting_uuid=occurrence.meeting_uuid,
        started_at=occurrence.started_at,
        ended_at=occurrence.ended_at,
        closed_by=occurrence.closed_by,
        decision=Kept(keep=True, rule="all"),
        records=len(leaves),
        root=root(leaves).hex(),
        evidence=stretches,
        captions=transcript.captions,
        cues=len(transcript.cues),
        unfinished=transcript.unfinished,
        languages=transcript.languages,
        unseen=transcript.unseen,
        files=[],
        program="meetwire 0",
        rules=RULES,
    )
    above = meeting_folder("acme", occurrence.day, occurrence.id, 1).removesuffix("001/")
    return await put_version(archive, above, manifest, files, occurrence.last_at)


def _keep(archive: Archive, since: datetime) -> Keep | None:
    days = timedelta(days=archive.settings.retention_days)
    return None if archive.settings.object_lock == "off" else Keep(until=since + days)


def _readable(occurrence: Occurrence) -> tuple[Transcript, list[Rendered]]:
    transcript = transcribe(occurrence)
    return transcript, rendered(transcript, occurrence)


async def _line(archive: Archive, one: Happened, offset: int) -> Line:
    stored = Stored(LOG, Position(offset + 1), record(one.event, key=one.key, topic=one.topic, received_at=one.at))
    is_alive = isinstance(one.event, ReceiverAlive)
    if is_alive:
        stored = msgspec.structs.replace(stored, record=msgspec.structs.replace(stored.record, enterprise=""))
    line = encoded(stored, offset, salting(archive.key.salt_secret)(one.topic, 0, offset))
    if archive.seals is not None and not is_alive:
        place = Place(one.topic, 0, offset, stored.record.received_ms)
        await archive.seals.ready("acme", one.key, [place.hour])
        line = archive.seals.seal(line, place, "acme", one.key)
    return Line(line, None if is_alive else one.key, one.at)


def _index(key: str, lines: Sequence[Line]) -> Index:
    times = [int(line.at.timestamp() * 1_000) for line in lines]
    meetings = sorted({line.meeting for line in lines if line.meeting is not None})
    return Index(
        segment=key,
        records=len(lines),
        root=root(_leaves(lines)).hex(),
        leaves=packed(_leaves(lines)),
        first_ms=min(times),
        last_ms=max(times),
        last_offset=int(key.rpartition("/")[2].removesuffix(".jsonl")) + len(lines) - 1,
        alive=runs([number for number, line in enumerate(lines) if line.meeting is None]),
        meetings=[
            Whose(
                enterprise="acme",
                meeting_id=one,
                lines=runs([number for number, line in enumerate(lines) if line.meeting == one]),
                first_ms=min(times),
                last_ms=max(times),
            )
            for one in meetings
        ],
    )


def _leaves(lines: Sequence[Line]) -> list[bytes]:
    return [leaf(line.content) for line in lines]
