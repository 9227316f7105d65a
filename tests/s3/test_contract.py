"""S3 keeps what every store keeps: in a plain bucket, and in one with versions and Object Lock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from consumers.captions.errors import Altered
from consumers.captions.stores import Store
from consumers.captions.stores.opened import opened

from ..consumers.captions.stores.contract import StoreContract, listed
from .gateway import Gateway
from .settings import settings


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have pages that a few objects fill: each costs the server a dozen writes."""
    monkeypatch.setattr("consumers.captions.stores.s3.store._PAGE", 100)


class TestPlainBucket(StoreContract):
    """The contract, where nothing has versions and nothing is locked."""

    MANY = 205

    @pytest.fixture
    async def store(self, s3: Gateway, tmp_path: Path) -> AsyncIterator[Store]:
        """Give an empty one, the whole bucket."""
        address = f"s3://{await s3.bucket(lock=False)}"
        async with opened(settings(s3, tmp_path, store=address), address) as store:
            yield store


class TestLockedBucket(StoreContract):
    """The contract, in a prefix of a bucket with Object Lock."""

    MANY = 205

    @pytest.fixture
    async def store(self, s3: Gateway, tmp_path: Path) -> AsyncIterator[Store]:
        """Give an empty one."""
        address = f"s3://{await s3.bucket(lock=True)}/an/archive/"
        async with opened(settings(s3, tmp_path, store=address, object_lock="governance"), address) as store:
            yield store


async def test_two_archives_share_a_bucket(s3: Gateway, tmp_path: Path) -> None:
    """Each has its prefix, and sees nothing of the other, nor of what else lies there."""
    bucket = await s3.bucket(lock=False)
    given = settings(s3, tmp_path)
    s3.client().put_object(Bucket=bucket, Key="one/not a key", Body=b"")

    async with opened(given, f"s3://{bucket}/one") as one, opened(given, f"s3://{bucket}/other") as other:
        await one.put("a", b"one")
        await other.put("a", b"other")
        await other.put("b", b"other")

        assert [await listed(one), await listed(other)] == [["a"], ["a", "b"]]
        assert await one.get("a") == b"one"
        assert one.address == f"s3://{bucket}/one"


async def test_what_is_larger_than_anything_of_an_archive_is_not_read(
    s3: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever can write to the bucket would else fill the memory; a part of it is read as ever."""
    monkeypatch.setattr("consumers.captions.stores.s3.reading.MOST_BYTES", 10)
    address = f"s3://{await s3.bucket(lock=False)}"
    async with opened(settings(s3, tmp_path, store=address), address) as store:
        await store.put("a", b"0123456789")
        await store.put("b", b"01234567890")

        assert await store.get("a") == b"0123456789"
        assert await store.get("b", length=11) == b"01234567890"
        with pytest.raises(Altered, match="b: 11 bytes, more than any object of an archive has"):
            await store.get("b")
