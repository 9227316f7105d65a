"""The whole of an archive on a real S3 server with Object Lock: written, verified, erased, and never lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from consumers.captions.errors import StoreUnavailable
from consumers.captions.evidence.index import encode_index
from consumers.captions.evidence.indexing import index_of
from consumers.captions.finding.files import cues
from consumers.captions.life.erasure import Request, erase
from consumers.captions.life.versions import newest
from consumers.captions.proof.verify import verify
from schemas.archive import PUBLIC_KEY, index_key, segment_key
from schemas.archive.statements import MeetingKept
from schemas.settings import Captions

from ..consumers.captions.life.building import alive, meeting
from ..consumers.captions.life.looking import LATER
from ..consumers.captions.running import MASTER, Running, contents, running, stored
from ..consumers.captions.running import settings as of_archive
from .gateway import Gateway
from .locked import eventually, lock_of, refusal, versions
from .settings import settings as of_s3

WORDS = ("我们先看上周的结果", "the budget is confidential")
OTHERS = ("别人的话", "somebody else's words")
RECORDS = stored(
    [
        *meeting("m-1", [("p1", WORDS[0]), ("p2", WORDS[1])]),
        *meeting("m-2", [("p3", one) for one in OTHERS]),
        *alive(minutes=40),
    ]
)


@dataclass
class Bucket:
    """A bucket with Object Lock, and the settings of an archive in it."""

    gateway: Gateway
    name: str
    options: Captions

    def words(self, *searched: str) -> set[str]:
        """Return which words lie anywhere on the server's disk, in whatever version."""
        contents = [path.read_bytes() for path in self.gateway.folder.rglob("*") if path.is_file()]
        return {word for word in searched for content in contents if word.encode() in content}

    def names(self) -> list[str]:
        """Return what can be seen."""
        page = self.gateway.client().list_objects_v2(Bucket=self.name)
        assert not page["IsTruncated"]
        return [one["Key"] for one in page["Contents"]]


async def bucket(gateway: Gateway, folder: Path, lock: str, **more: Any) -> Bucket:
    """Make one."""
    name = await gateway.bucket(lock=True)
    reached = of_s3(gateway, folder)
    options = of_archive(
        folder,
        store=f"s3://{name}/captions",
        object_lock=lock,
        endpoint=reached.endpoint,
        credentials_file=reached.credentials_file,
        **more,
    )
    return Bucket(gateway, name, options)


@pytest.fixture
def master(tmp_path: Path) -> str:
    """Give the file with a master key."""
    file = tmp_path / "master.key"
    file.write_text(f"{MASTER}\n")
    file.chmod(0o600)
    return str(file)


@pytest.fixture
async def compliance(s3: Gateway, tmp_path: Path, master: str) -> Bucket:
    """Give a bucket in which nothing can be deleted, by anybody; the keys lie elsewhere."""
    return await bucket(s3, tmp_path, "compliance", encryption_key_file=master)


async def test_everything_is_locked_by_the_server(compliance: Bucket) -> None:
    """Evidence, files, manifests, ledger and checkpoints: the server refuses to delete any of it, and it verifies."""
    client = compliance.gateway.client()
    async with running(compliance.options) as archive:
        await archive.take(RECORDS)
        assert await wrong(archive) == []

    locks = {key: lock_of(client, compliance.name, key)[0] for key in compliance.names()}
    free = {key for key, mode in locks.items() if mode != "COMPLIANCE"}
    # What is only remembered there, and made anew.
    assert {key.rpartition(".")[2] for key in free} <= {"standing"}
    refused = {
        refusal(client.delete_object, Bucket=compliance.name, Key=key, VersionId=version)
        for key, version in versions(client, compliance.name)
        if key not in free
    }
    assert refused == {"AccessDenied"}
    assert compliance.words(*WORDS, *OTHERS) == set()


async def test_an_erased_meeting_is_gone_though_nothing_was_deleted(compliance: Bucket) -> None:
    """With its keys: the objects stay as they are locked, nobody can read them, and the rest is proved as before."""
    async with running(compliance.options) as archive:
        await archive.take(RECORDS)
        before = await contents(archive.archive.store)
        assert await readable(archive) == {*WORDS, *OTHERS}

        await erase(archive.archive, request(await occurrence(archive, 0)), now=lambda: LATER)

        after = await contents(archive.archive.store)
        assert {key: after.get(key) for key in before} == before
        assert await wrong(archive) == []
        assert await readable(archive) == set(OTHERS)
    async with running(compliance.options) as archive:
        assert await readable(archive) == set(OTHERS)


async def test_what_somebody_writes_above_is_found_and_the_locked_original_is_there(compliance: Bucket) -> None:
    """Object Lock forbids to delete a version, not to put another above it: verification reads what everybody reads."""
    client = compliance.gateway.client()
    async with running(compliance.options) as archive:
        await archive.take(RECORDS)
        [segment, *_] = [key for key in compliance.names() if "captions.v1" in key and key.endswith(".jsonl")]
        content = client.get_object(Bucket=compliance.name, Key=segment)["Body"].read()
        client.put_object(Bucket=compliance.name, Key=segment, Body=content.replace(b'"sealed":"', b'"sealed":"A', 1))

        [(what, file)] = await wrong(archive)
        assert (what, file) == ("line_changed", segment.removeprefix("captions/"))

        newest, original = [version for _, version in versions(client, compliance.name, segment)]
        client.delete_object(Bucket=compliance.name, Key=segment, VersionId=newest)
        assert refusal(client.delete_object, Bucket=compliance.name, Key=segment, VersionId=original) == "AccessDenied"
        assert await wrong(archive) == []


async def test_a_server_that_is_killed_costs_nothing(own_s3: Gateway, tmp_path: Path, master: str) -> None:
    """Records are taken while it is away; when it is back the archive is what it would have been."""
    locked = await bucket(own_s3, tmp_path, "compliance", encryption_key_file=master)
    options = msgspec.structs.replace(locked.options, request_timeout_s=5.0)
    first = RECORDS[: len(RECORDS) // 2]
    async with running(options) as archive:
        await archive.take(first)
        await own_s3.kill()

        with pytest.raises(StoreUnavailable):
            await archive.take(RECORDS[len(first) :], batch=len(RECORDS))
        await own_s3.start()
        await eventually(archive.work.step)
        assert await wrong(archive) == []
        assert await readable(archive) == {*WORDS, *OTHERS}


def request(occurrence_id: str) -> Request:
    """Return a person's request."""
    return Request(occurrence=occurrence_id, who="officer", why="request", reference="case 12")


async def wrong(archive: Running) -> list[tuple[str, str]]:
    """Verify with what a stranger has, the store and the public key; return what is wrong, and where."""
    store = archive.archive.store
    report = await verify(store, (await store.get(PUBLIC_KEY)).decode())
    return [(one.what, one.file) for one in report.findings if one.level == "wrong"]


async def readable(archive: Running) -> set[str]:
    """Return what the newest transcripts can still tell."""
    found = set[str]()
    for one in await kept(archive):
        version = await newest(archive.archive, one)
        there = await cues(archive.archive.store, archive.archive.seals, version.key, version.manifest)
        found |= {text.text for cue in there or [] for text in cue.texts}
    return found


async def kept(archive: Running) -> list[str]:
    """Return the IDs of the meetings that are kept, in the ledger's order."""
    said = await archive.archive.ledger.statements()
    return list(dict.fromkeys(one.occurrence for one in said if isinstance(one, MeetingKept)))


async def occurrence(archive: Running, number: int) -> str:
    """Return one of them: the meeting in which WORDS were said is 0, the other is 1."""
    words = [WORDS, OTHERS][number]
    for one in await kept(archive):
        version = await newest(archive.archive, one)
        there = await cues(archive.archive.store, archive.archive.seals, version.key, version.manifest)
        if {text.text for cue in there or [] for text in cue.texts} == set(words):
            return one
    raise AssertionError(f"no meeting in which {words} were said")


async def test_what_somebody_locked_in_the_place_of_evidence_holds_up_nothing(compliance: Bucket) -> None:
    """Nor has evidence that is put above it no lock: the server keeps it as it would have."""
    client = compliance.gateway.client()
    async with running(compliance.options) as archive:
        await archive.take(RECORDS[:1])
        cluster, first = archive.keeping.spool.cluster, RECORDS[0]
        segment = segment_key(cluster, first.record.topic, 0, first.offset)
        client.put_object(
            Bucket=compliance.name,
            Key=f"captions/{segment}",
            Body=b"mine\n",
            ObjectLockMode="COMPLIANCE",
            ObjectLockRetainUntilDate=LATER + timedelta(days=9_000),
        )
        client.put_object(Bucket=compliance.name, Key=f"captions/{index_key(segment)}", Body=b"mine")
        await archive.take(RECORDS[1:])
        assert await wrong(archive) == []

    keys = (f"captions/{segment}", f"captions/{index_key(segment)}")
    assert [lock_of(client, compliance.name, key)[0] for key in keys] == ["COMPLIANCE"] * 2
    assert [len(versions(client, compliance.name, key)) for key in keys] == [2, 1]


async def test_what_was_promised_under_a_lock_and_never_put_holds_up_nothing(compliance: Bucket) -> None:
    """A writer ended between index and segment, and who goes on has it in other bounds."""
    async with running(compliance.options) as archive:
        await archive.take(RECORDS[:1])
        first = RECORDS[0]
        segment = segment_key(archive.keeping.spool.cluster, first.record.topic, 0, first.offset)
        promised = index_of(segment, [b'{"line":"left","topic":"a","partition":0,"offset":1,"time_ms":1}'], None)
        vouched = archive.trust.vouched(index_key(segment), encode_index(promised))
        await archive.archive.store.put(index_key(segment), vouched)
        await archive.take(RECORDS[1:])

        assert await wrong(archive) == []
        assert await readable(archive) == {*WORDS, *OTHERS}
