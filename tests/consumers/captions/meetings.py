"""A small archive with meetings in it, written through the public functions, as the service would leave it."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from consumers.captions.archive import Archive, opened
from consumers.captions.evidence.index import Index, encode_index, packed
from consumers.captions.evidence.line import encoded, leaf, salting
from consumers.captions.formats import rendered
from consumers.captions.life.covers import Place
from consumers.captions.life.reading import told_of
from consumers.captions.life.versions import Version, put_version
from consumers.captions.manifesting import RULES
from consumers.captions.proof.merkle import root
from consumers.captions.transcript import occurrences, transcribe
from schemas.archive import FORMAT, index_key, meeting_folder, segment_key
from schemas.archive.manifest import Kept, Manifest, Stretch
from schemas.events import ActiveSpeakersChanged, CaptionSpoken, Event, MeetingClosed, MeetingStarted
from schemas.events.captions import CaptionLine
from schemas.events.speakers import Speaker
from schemas.ids import LogId, Position
from schemas.record import Stored
from schemas.settings import Captions
from schemas.topics import CAPTIONS, LIFECYCLE, SPEAKERS, TopicName

from ..records import record

NAME: Final = "archive.example.com/captions"
CLUSTER: Final = "cluster-1"
MORNING: Final = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
LOG: Final = LogId("1" * 32)


class Spoken(NamedTuple):
    """One final caption."""

    who: str
    texts: dict[str, str]
    after_s: float


WEEKLY: Final = (
    Spoken("王小明", {"Mandarin": "我们先看上周的结果。", "English": "Let us look at last week first."}, 10),
    Spoken("Alice Li", {"English": "I will share my screen now."}, 20),
    Spoken("王小明", {"Mandarin": "预算还没有批准，等王小明的消息。"}, 30),
    Spoken("郑爽-运维", {"Mandarin": "服务器昨天升级了。", "English": "The server was upgraded yesterday."}, 40),
    Spoken("Alice Li", {"English": "Good morning everyone, the budget is confidential."}, 50),
)


def settings(folder: Path, **other: object) -> Captions:
    """Return the settings of an archive below `folder`."""
    places = {
        "store": f"file:{folder / 'archive'}",
        "keys_store": f"file:{folder / 'keys'}",
        "spool_folder": str(folder / "spool"),
        "index_file": str(folder / "index.sqlite"),
        "signing_key_file": str(folder / "archive.key"),
        "name": NAME,
    }
    return msgspec.convert({**places, **other}, Captions)


@contextlib.asynccontextmanager
async def archive_of(folder: Path, **other: object) -> AsyncIterator[Archive]:
    """Give an archive below `folder`, empty at first."""
    async with opened(settings(folder, **other)) as archive:
        yield archive


async def keep(
    archive: Archive, said: Sequence[Spoken] = WEEKLY, *, meeting_id: str = "900000001", at: datetime = MORNING
) -> Version:
    """Write a meeting of evidence, transcript, manifest and ledger, with a checkpoint over it."""
    stretches = [
        await _segment(archive, topic, meeting_id, events, at)
        for topic, events in sorted(_events(said, meeting_id, at).items())
    ]
    told = await told_of(archive, stretches)
    (occurrence,) = occurrences(told)
    transcript = transcribe(occurrence)
    leaves = [one for stretch in stretches for one in await _leaves(archive, stretch.segment)]
    manifest = Manifest(
        format=FORMAT,
        archive=NAME,
        occurrence=occurrence.id,
        version=1,
        because="closed",
        enterprise="acme",
        meeting_id=meeting_id,
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
    made = await put_version(archive, above, manifest, rendered(transcript, occurrence), at + timedelta(hours=1))
    await archive.ledger.checkpoint()
    return made


def spoken(one: Spoken, meeting_id: str, at: datetime, *, final: bool = True) -> CaptionSpoken:
    """Return a caption as the service tells it."""
    when = at + timedelta(seconds=one.after_s)
    original = msgspec.json.encode({"action": "RealTimeSubtitleNotify", "texts": one.texts}).decode()
    return CaptionSpoken(
        enterprise="acme",
        meeting_id=meeting_id,
        meeting_uuid=f"uuid-{meeting_id}",
        occurred_at=when,
        received_at=when,
        message_id=hashlib.sha256(repr((one, at)).encode()).hexdigest()[:32],
        participant_id=_pid(one.who),
        lines=[CaptionLine(language=name, text=text, line_id=None) for name, text in one.texts.items()],
        final=final,
        spoken_at=when,
        begin_ms=int(one.after_s * 1_000),
        end_ms=int(one.after_s * 1_000) + 2_000,
        original=original,
        original_sha256=hashlib.sha256(original.encode()).hexdigest(),
    )


def _pid(who: str) -> str:
    return hashlib.sha256(who.encode()).hexdigest()[:32]


def _events(said: Sequence[Spoken], meeting_id: str, at: datetime) -> dict[TopicName, list[tuple[Event, datetime]]]:
    ended = at + timedelta(minutes=30)
    speaking = [
        ActiveSpeakersChanged(
            enterprise="acme",
            meeting_id=meeting_id,
            meeting_uuid=f"uuid-{meeting_id}",
            occurred_at=(when := at + timedelta(seconds=one.after_s - 1)),
            received_at=when,
            message_id=None,
            speakers=[Speaker(participant_id=_pid(one.who), name=one.who, volume=30)],
        )
        for one in said
    ]
    captions = [spoken(one, meeting_id, at) for one in said]
    return {
        CAPTIONS: [(one, one.occurred_at) for one in captions],
        LIFECYCLE: [
            (_told(MeetingStarted, meeting_id, at), at),
            (_told(MeetingClosed, meeting_id, ended), ended),
        ],
        SPEAKERS: [(one, one.occurred_at) for one in speaking],
    }


def _told(kind: type[MeetingStarted | MeetingClosed], meeting_id: str, at: datetime) -> MeetingStarted | MeetingClosed:
    return kind(
        enterprise="acme",
        meeting_id=meeting_id,
        meeting_uuid=f"uuid-{meeting_id}",
        meeting_cycle_sub_id=None,
        occurred_at=at,
        sent_at=at,
        received_at=at,
        original=None,
        original_sha256="0" * 64,
    )


async def _segment(
    archive: Archive, topic: TopicName, meeting_id: str, events: Sequence[tuple[Event, datetime]], at: datetime
) -> Stretch:
    """Write the meeting's lines of a topic as a segment of their own."""
    first, salt = int(at.timestamp()), salting(archive.key.salt_secret)
    lines = []
    for offset, (event, when) in enumerate(events, first):
        stored = Stored(LOG, Position(offset), record(event, key=meeting_id, topic=topic, received_at=when))
        line = encoded(stored, offset, salt(topic, 0, offset))
        if archive.seals is not None:
            place = Place(topic, 0, offset, stored.record.received_ms)
            await archive.seals.ready("acme", meeting_id, [place.hour])
            line = archive.seals.seal(line, place, "acme", meeting_id)
        lines.append(line)
    key = segment_key(CLUSTER, topic, 0, first)
    leaves = [leaf(line) for line in lines]
    tree = root(leaves).hex()
    index = Index(
        segment=key,
        records=len(lines),
        root=tree,
        leaves=packed(leaves),
        first_ms=int(at.timestamp() * 1_000),
        last_ms=int(at.timestamp() * 1_000),
        last_offset=first + len(lines) - 1,
    )
    await archive.store.put(key, b"".join(line + b"\n" for line in lines))
    await archive.store.put(index_key(key), encode_index(index))
    return Stretch(segment=key, records=len(lines), root=tree, lines=[(0, len(lines))])


async def _leaves(archive: Archive, segment: str) -> list[bytes]:
    content = await archive.store.get(segment)
    return [leaf(line) for line in content.split(b"\n")[:-1]]
