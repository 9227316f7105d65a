"""On a server with Object Lock: what it refuses to delete is erased by its keys, and a hold is its own too."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from consumers.captions.archive import Archive, opened
from consumers.captions.errors import Held, Misconfigured, NoArchive
from consumers.captions.finding.keeping import catch_up
from consumers.captions.life import holds
from consumers.captions.life.erasure import Request, erase
from consumers.captions.life.versions import newest
from schemas.archive import PUBLIC_KEY
from schemas.settings import Captions

from ..consumers.captions.life.building import MORNING, alive, build, meeting
from ..consumers.captions.life.conftest import write_master
from ..consumers.captions.life.looking import LATER, verified, words
from .gateway import Gateway
from .locked import refusal, versions
from .settings import settings

GONE, OTHER = "marker-of-the-erased", "marker-of-another"
HAPPENED = [
    *meeting("m-1", [("p-1", GONE), ("p-2", "more")]),
    *meeting("m-2", [("p-9", OTHER)], at=MORNING + timedelta(minutes=2)),
    *alive(minutes=5),
]


@contextlib.asynccontextmanager
async def archive_on(s3: Gateway, bucket: str, folder: Path, **more: Any) -> AsyncIterator[Archive]:
    """Give an archive in a bucket, all else in `folder`."""
    places = {
        "keys_store": f"file:{folder / 'keys'}",
        "spool_folder": str(folder / "spool"),
        "index_file": str(folder / "index.sqlite"),
        "signing_key_file": str(folder / "archive.key"),
        "name": "archive.example.com/locked",
    }
    async with opened(settings(s3, folder, store=f"s3://{bucket}", **places, **more)) as archive:
        yield archive


async def test_no_archive_is_begun_by_who_only_asks(s3: Gateway, tmp_path: Path) -> None:
    """The bucket stays empty, and no key is made; where there is one, it is opened."""
    bucket = await s3.bucket(lock=False)
    given = settings(
        s3,
        tmp_path,
        store=f"s3://{bucket}/archive",
        spool_folder=str(tmp_path / "spool"),
        index_file=str(tmp_path / "index.sqlite"),
        signing_key_file=str(tmp_path / "archive.key"),
    )

    with pytest.raises(NoArchive) as refused:
        async with opened(given, existing=True):
            pass
    left = s3.client().list_objects_v2(Bucket=bucket).get("Contents", []), await asyncio.to_thread(os.listdir, tmp_path)
    async with opened(given):
        pass
    async with opened(given, existing=True) as archive:
        found = await archive.store.get(PUBLIC_KEY)

    assert str(refused.value) == f"there is no archive in s3://{bucket}/archive"
    assert left == ([], ["credentials"])
    assert found


async def test_credentials_that_are_not_there_are_not_taken_for_no_archive(s3: Gateway, tmp_path: Path) -> None:
    """It is not known whether there is one."""
    given = settings(s3, tmp_path, store="s3://bucket/archive")
    (tmp_path / "credentials").unlink()

    with pytest.raises(Misconfigured, match=r"captions\.credentials_file"):
        async with opened(given, existing=True):
            pass


def everything(s3: Gateway, bucket: str) -> bytes:
    """Return all that the server has, every version of it, one after the other."""
    client = s3.client()
    found = client.list_object_versions(Bucket=bucket).get("Versions", [])
    assert found
    return b"\n".join(
        client.get_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])["Body"].read() for one in found
    )


def request(occurrence: str) -> Request:
    """Return what is asked for."""
    return Request(occurrence=occurrence, who="ann", why="request", reference="C-7")


async def test_locked_archive_is_erased_by_its_keys(s3: Gateway, tmp_path: Path) -> None:
    """Under compliance no object goes; the words cannot be read by anybody any more, and verification is content."""
    bucket = await s3.bucket(lock=True)
    master = write_master(tmp_path / "master", b"m" * 32)
    async with archive_on(s3, bucket, tmp_path, object_lock="compliance", encryption_key_file=str(master)) as archive:
        first, _ = await build(archive, HAPPENED)
        await catch_up(archive)
        before = set(versions(s3.client(), bucket))
        assert GONE.encode() not in everything(s3, bucket)
        assert await words(archive, tmp_path, GONE, OTHER) == {GONE, OTHER}

        await erase(archive, request(first.manifest.occurrence), now=lambda: LATER)
        await catch_up(archive)

        assert await words(archive, tmp_path, GONE, OTHER) == {OTHER}
        assert before <= set(versions(s3.client(), bucket))
        assert (await newest(archive, first.manifest.occurrence)).manifest.files == []
        assert (await verified(archive)).good


async def test_archive_under_governance_is_erased_and_leaves_no_older_version(s3: Gateway, tmp_path: Path) -> None:
    """In a bucket with versions a line that was replaced is in none of them any more."""
    bucket = await s3.bucket(lock=True)
    async with archive_on(s3, bucket, tmp_path, object_lock="governance") as archive:
        first, _ = await build(archive, HAPPENED)
        assert GONE.encode() in everything(s3, bucket)

        await erase(archive, request(first.manifest.occurrence), now=lambda: LATER)

        assert GONE.encode() not in everything(s3, bucket)
        assert OTHER.encode() in everything(s3, bucket)
        assert (await verified(archive)).good


async def test_hold_is_the_servers_own(s3: Gateway, tmp_path: Path) -> None:
    """While a hold stands the server lets go of nothing of it, whoever asks; afterwards it is erased."""
    bucket, client = await s3.bucket(lock=True), s3.client()
    async with archive_on(s3, bucket, tmp_path, object_lock="governance") as archive:
        first, _ = await build(archive, HAPPENED)
        occurrence = first.manifest.occurrence
        await holds.add(archive, "case-7", who="eve", why="x", occurrences=[occurrence])
        for key in (first.key, first.manifest.evidence[0].segment):
            [(_, version)] = versions(client, bucket, key)
            everyone = {"Bucket": bucket, "Key": key, "VersionId": version, "BypassGovernanceRetention": True}
            assert refusal(client.delete_object, **everyone) == "AccessDenied"
        with pytest.raises(Held, match="hold case-7"):
            await erase(archive, request(occurrence), now=lambda: LATER)

        await holds.remove(archive, "case-7", who="eve", why="settled")
        await erase(archive, request(occurrence), now=lambda: LATER)
        assert GONE.encode() not in everything(s3, bucket)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param({}, "object_lock compliance needs encryption_key_file", id="no encryption"),
        pytest.param(
            {"encryption_key_file": "/nonexistent", "keys_store": "s3://bucket/keys"},
            "keys_store must be outside the locked bucket",
            id="keys in the locked bucket",
        ),
    ],
)
def test_what_could_never_be_erased_is_refused(given: dict[str, Any], says: str) -> None:
    """Settings under which a lawful erasure is impossible are refused at the start."""
    with pytest.raises(ValueError, match=says):
        Captions(store="s3://bucket", object_lock="compliance", **given)
