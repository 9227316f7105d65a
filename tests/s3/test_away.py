"""A store that is away, slow or cut off is said to be so in time; what was begun is whole or not there."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ConnectionClosedError

from consumers.captions.errors import StoreUnavailable
from consumers.captions.stores import Store
from consumers.captions.stores.opened import opened
from consumers.captions.stores.s3.asking import Asking
from consumers.captions.stores.s3.bucket import Bucket
from consumers.captions.stores.s3.client import make_client
from consumers.captions.stores.s3.contents import spooled
from consumers.captions.stores.s3.store import S3Store
from consumers.captions.stores.threads import Threads

from ..consumers.captions.stores.contract import LARGE, listed
from ..kafka.configuration import free_port
from ..kafka.proxy import Proxy, proxy
from .gateway import Gateway
from .locked import eventually, until, versions
from .settings import settings

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# Half of it is one try's.
TIMEOUT_S = 2.0


@contextlib.asynccontextmanager
async def on(gateway: Gateway, folder: Path, **more: Any) -> AsyncIterator[Store]:
    """Give a store in a plain bucket of its own, with little patience."""
    address = f"s3://{await gateway.bucket(lock=False)}"
    given = settings(gateway, folder, **{"store": address, "request_timeout_s": TIMEOUT_S, **more})
    async with opened(given, address) as store:
        yield store


async def test_a_dead_server_is_unavailable_in_time_and_goes_on(own_s3: Gateway, tmp_path: Path) -> None:
    """Whatever is asked; and nothing has to be opened anew when it is back."""
    file = tmp_path / "spooled"
    file.write_bytes(LARGE)
    async with on(own_s3, tmp_path) as store:
        await eventually(lambda: store.put("a", b"there"))
        await own_s3.kill()
        started = time.monotonic()

        asked = [
            store.put("b", b"b"),
            store.put_file("c", file),
            store.replace("a", b"a"),
            store.get("a"),
            store.get_many(["a"]),
            store.delete("a"),
            store.hold("a", True),
            listed(store),
        ]
        said = await asyncio.gather(*asked, return_exceptions=True)

        assert [type(one) for one in said] == [StoreUnavailable] * len(asked)
        # As many as there are threads ask at once: a second round takes as long again, and a busy machine longer.
        assert time.monotonic() - started < 2 * TIMEOUT_S + 20
        await own_s3.start()
        assert await eventually(lambda: store.get("a")) == b"there"
        await eventually(lambda: store.put_file("c", file))
        assert await eventually(lambda: store.get("c")) == LARGE


async def test_a_frozen_server_is_unavailable_in_time(own_s3: Gateway, tmp_path: Path) -> None:
    """A connection that is open and silent is no answer."""
    async with on(own_s3, tmp_path) as store:
        own_s3.freeze()
        started = time.monotonic()

        with pytest.raises(StoreUnavailable, match=r"^s3://b-\w+: .* within 2 s$"):
            await store.put("a", b"a")

        assert time.monotonic() - started < TIMEOUT_S + 20
        own_s3.thaw()
        assert await eventually(lambda: store.get_many(["b"])) == [None]


async def test_a_short_absence_is_not_noticed(own_s3: Gateway, tmp_path: Path) -> None:
    """A server that is started again within the time-out costs a try or two."""
    async with on(own_s3, tmp_path, request_timeout_s=30.0) as store:
        await own_s3.kill()
        putting = asyncio.create_task(store.put("a", b"a"))
        await asyncio.sleep(0)
        await own_s3.start()

        assert await putting
        assert await store.get("a") == b"a"


async def test_a_store_that_is_away_at_the_start_is_used_when_it_comes(own_s3: Gateway, tmp_path: Path) -> None:
    """Records go to the spool meanwhile: a store that is away must not end the consumer."""
    await own_s3.kill()
    address = "s3://comes-later"
    given = settings(own_s3, tmp_path, store=address, request_timeout_s=TIMEOUT_S)
    async with opened(given, address) as store:
        with pytest.raises(StoreUnavailable, match=r"^s3://comes-later: EndpointConnectionError within 2 s$"):
            await store.put("a", b"a")

        await own_s3.start()
        own_s3.client().create_bucket(Bucket="comes-later")
        await eventually(lambda: store.put("a", b"a"))
        assert await eventually(lambda: store.get("a")) == b"a"


@pytest.fixture
async def detour(own_s3: Gateway) -> AsyncIterator[Proxy]:
    """Give a way to the server that can be cut."""
    async with proxy(free_port(), own_s3.port) as between:
        yield between


async def test_a_cut_in_the_middle_of_an_upload_is_healed(own_s3: Gateway, detour: Proxy, tmp_path: Path) -> None:
    """Part by part; nobody ever sees half of it."""
    file = tmp_path / "spooled"
    file.write_bytes(LARGE)
    client = own_s3.client()
    async with on(own_s3, tmp_path, endpoint=f"http://{detour.bootstrap}", request_timeout_s=30.0) as store:
        bucket = store.address.removeprefix("s3://")
        putting = asyncio.create_task(store.put_file("a", file))
        for size in (3_000_000, 11_000_000, 19_000_000):
            # Nothing more of it goes through while it is looked for.
            detour.most = size
            await until(lambda size=size: detour.carried > size)  # type: ignore[misc] # mypy knows no default here
            assert "Contents" not in client.list_objects_v2(Bucket=bucket)
            detour.cut()
        detour.most = float("inf")

        assert await putting
        assert await store.get("a") == LARGE
        assert await listed(store) == ["a"]


async def test_an_upload_that_is_given_up_leaves_nothing(own_s3: Gateway, detour: Proxy, tmp_path: Path) -> None:
    """Neither an object nor parts of one, as soon as the store can be told."""
    file = tmp_path / "spooled"
    file.write_bytes(LARGE)
    client = own_s3.client()
    async with on(own_s3, tmp_path, endpoint=f"http://{detour.bootstrap}", request_timeout_s=30.0) as store:
        detour.most = 11_000_000
        putting = asyncio.create_task(store.put_file("a", file))
        await until(lambda: detour.carried > 11_000_000)

        putting.cancel()
        await asyncio.gather(putting, return_exceptions=True)
        detour.most = float("inf")

        bucket = store.address.removeprefix("s3://")
        await until(lambda: not client.list_multipart_uploads(Bucket=bucket).get("Uploads"))
        assert await listed(store) == []


def lose_answer(client: S3Client, operation: str) -> None:
    """Lose the answer to the next `operation`, and only to that, after the server has done it."""
    event = f"after-call.s3.{operation}"

    def lose(**_: object) -> None:
        client.meta.events.unregister(event, lose)
        raise ConnectionClosedError(endpoint_url="http://127.0.0.1")

    client.meta.events.register(event, lose)


@contextlib.asynccontextmanager
async def with_client(
    gateway: Gateway, folder: Path, address: str | None = None
) -> AsyncIterator[tuple[S3Store, S3Client]]:
    """Give a store, in a bucket of its own where none is named, and the client with which it asks."""
    address = address or f"s3://{await gateway.bucket(lock=False)}"
    given = settings(gateway, folder, store=address)
    client = await asyncio.to_thread(make_client, given)
    store = S3Store(Asking(address, timeout_s=given.request_timeout_s), client, Bucket.of(given, address))
    yield store, client
    await store.close()


@pytest.mark.parametrize("content", [b"", b"small", LARGE], ids=["empty", "small", "large"])
async def test_whose_answer_was_lost_knows_its_own(s3: Gateway, tmp_path: Path, content: bytes) -> None:
    """The second try is told that there is something: it is what the first one put, and no other's."""
    operation = "CompleteMultipartUpload" if content == LARGE else "PutObject"
    async with with_client(s3, tmp_path) as (store, client):
        lose_answer(client, operation)

        assert await store.put("a", content)
        assert await store.get("a") == content


OTHERS = {
    "shorter": LARGE[:-1],
    "longer": LARGE + b"\n",
    "another end": LARGE[:-1] + bytes([LARGE[-1] ^ 1]),
    "empty": b"",
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
async def test_whose_answer_was_lost_knows_anothers(s3: Gateway, tmp_path: Path, other: bytes) -> None:
    """A request that never came, and another replica that came first: the key is the other's."""
    async with with_client(s3, tmp_path) as (store, client):
        bucket = store.address.removeprefix("s3://")
        event = "before-send.s3.CompleteMultipartUpload"

        def overtake(**_: object) -> None:
            client.meta.events.unregister(event, overtake)
            s3.client().put_object(Bucket=bucket, Key="a", Body=other)
            raise ConnectionClosedError(endpoint_url="http://127.0.0.1")

        client.meta.events.register(event, overtake)

        assert not await store.put("a", LARGE)
        assert await store.get("a") == other
        await until(lambda: not s3.client().list_multipart_uploads(Bucket=bucket).get("Uploads"))


async def test_whose_parts_are_of_no_use_throws_them_away(s3: Gateway, tmp_path: Path) -> None:
    """Another replica was faster with the very same: that is as good as ours, and nothing of ours is left."""
    async with with_client(s3, tmp_path) as (store, client):
        bucket = store.address.removeprefix("s3://")
        event = "before-send.s3.CompleteMultipartUpload"

        def overtake(**_: object) -> None:
            client.meta.events.unregister(event, overtake)
            s3.client().put_object(Bucket=bucket, Key="a", Body=LARGE)
            raise ConnectionClosedError(endpoint_url="http://127.0.0.1")

        client.meta.events.register(event, overtake)

        assert await store.put("a", LARGE)
        await until(lambda: not s3.client().list_multipart_uploads(Bucket=bucket).get("Uploads"))


async def test_an_empty_put_knows_anothers(s3: Gateway, tmp_path: Path) -> None:
    """Nothing is not the beginning of everything."""
    async with with_client(s3, tmp_path) as (store, client):

        def overtake(**_: object) -> None:
            client.meta.events.unregister("before-send.s3.PutObject", overtake)
            s3.client().put_object(Bucket=store.address.removeprefix("s3://"), Key="a", Body=b"other")
            raise ConnectionClosedError(endpoint_url="http://127.0.0.1")

        client.meta.events.register("before-send.s3.PutObject", overtake)

        assert not await store.put("a", b"")


async def test_an_upload_that_somebody_ended_is_unavailable(s3: Gateway, tmp_path: Path) -> None:
    """A bucket's rule that clears up uploads may be too quick: it is tried again from the beginning, by who asked."""
    async with with_client(s3, tmp_path) as (store, client):
        bucket = store.address.removeprefix("s3://")

        def abort(**_: object) -> None:
            client.meta.events.unregister("before-send.s3.CompleteMultipartUpload", abort)
            [upload] = s3.client().list_multipart_uploads(Bucket=bucket)["Uploads"]
            s3.client().abort_multipart_upload(Bucket=bucket, Key="a", UploadId=upload["UploadId"])

        client.meta.events.register("before-send.s3.CompleteMultipartUpload", abort)

        with pytest.raises(StoreUnavailable, match=r"NoSuchUpload \(404\)$"):
            await store.put("a", LARGE)
        assert await store.put("a", LARGE)


async def test_what_is_replaced_while_it_is_read_is_read_anew(s3: Gateway, tmp_path: Path) -> None:
    """Old or new, never some of both."""
    new = LARGE[::-1]
    async with with_client(s3, tmp_path) as (store, client):
        await store.put("a", LARGE)

        def replace(**_: object) -> None:
            client.meta.events.unregister("after-call.s3.GetObject", replace)
            s3.client().put_object(Bucket=store.address.removeprefix("s3://"), Key="a", Body=new)

        client.meta.events.register("after-call.s3.GetObject", replace)

        assert await store.get("a") == new


@pytest.mark.parametrize("moment", ["after-call.s3.PutObject", "after-call.s3.ListObjectVersions"])
async def test_two_that_replace_at_once_leave_one(s3: Gateway, tmp_path: Path, moment: str) -> None:
    """In a bucket with versions each deletes what is older than its own: never the other's, nor both."""
    address = f"s3://{await s3.bucket(lock=True)}"
    async with (
        opened(settings(s3, tmp_path, store=address), address) as first,
        with_client(s3, tmp_path, address) as (
            store,
            client,
        ),
    ):
        await first.put("a", b"with words")

        def overtake(**_: object) -> None:
            client.meta.events.unregister(moment, overtake)
            s3.client().put_object(Bucket=address.removeprefix("s3://"), Key="a", Body=b"without, by another")

        client.meta.events.register(moment, overtake)

        await store.replace("a", b"without")

        assert await store.get("a") == b"without, by another"
        await store.replace("a", b"without")
        assert await store.get("a") == b"without"
    assert [key for key, _ in versions(s3.client(), address.removeprefix("s3://"))] == ["a"]


async def test_a_file_that_is_not_there_is_said(s3: Gateway, tmp_path: Path) -> None:
    """The spool's disk can fail too, before and in between."""
    file = tmp_path / "spooled"
    file.write_bytes(b"words")
    async with on(s3, tmp_path) as store:
        with pytest.raises(StoreUnavailable, match=r"gone: No such file or directory$"):
            await store.put_file("a", tmp_path / "gone")
    threads = Threads(1, "test")
    content = await spooled(file, threads)
    file.unlink()
    with pytest.raises(StoreUnavailable, match=r"spooled: No such file or directory$"):
        await content.read(0, 5)
    await threads.close()
