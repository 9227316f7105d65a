"""An archive in a bucket: what is put is whole or not there, written over nothing, and locked where that is asked.

With Object Lock it is the server that refuses deletion and shortening, to whoever asks; so the proof of it is the
server's, not ours.
"""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from schemas.settings import Captions

from ....waiting import in_thread
from ...errors import Locked, Missing, StoreUnavailable
from .. import Keep
from ..names import checked, checked_prefix, is_key
from .asking import Asking, Said
from .bucket import Bucket
from .client import bundle, make_client
from .contents import Content, Held, spooled
from .faults import Fault
from .fitness import check
from .reading import read
from .upload import Upload
from .versions import Versions

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_PAGE: Final = 1_000


class S3Store:
    """The store at an address s3://…. `open_s3` makes one."""

    def __init__(self, asking: Asking, client: "S3Client", bucket: Bucket, *, reading: bool = False) -> None:
        self._asking, self._client, self._bucket, self._reading = asking, client, bucket, reading
        self._upload = Upload(asking, client, bucket)
        self._versions = Versions(asking, client, bucket)
        self._versioned: bool | None = None

    @property
    def address(self) -> str:
        """How an operator wrote it."""
        return self._asking.address

    async def check(self) -> bool:
        """Return whether the bucket keeps versions, once it was seen that it can do what it has to.

        Raises Misconfigured. A bucket that is away at the start is looked at when it is back.
        """
        if self._reading:
            raise StoreUnavailable(f"{self.address}: it was opened to be read")
        if self._versioned is None:
            self._versioned = await check(self._asking, self._client, self._bucket)
        return self._versioned

    async def put(self, key: str, content: bytes, *, keep: Keep | None = None) -> bool:
        """Store `content` unless there is something."""
        return await self._put(checked(key), Held(content), keep)

    async def put_file(self, key: str, path: Path, *, keep: Keep | None = None) -> bool:
        """The same with a file, in parts where it is large."""
        return await self._put(checked(key), await spooled(path, self._asking.threads), keep)

    async def replace(self, key: str, content: bytes, *, keep: Keep | None = None) -> None:
        """Store `content`, whatever is there; earlier versions go, and their lock is the new one's. Raises Locked.

        Where the lock can be seen beforehand, nothing is changed then; where only the server knows (governance, and no
        right to delete under it), the new version stands above the one that had to stay. So it does with `keep`.
        """
        checked(key)
        versioned = await self.check()
        lock = self._bucket.locked(await self._liftable(key)) if keep is None else self._bucket.kept(keep)
        version = await self._upload.whole(content, {**self._bucket.new(key), **lock})
        if versioned and version is not None:
            with contextlib.suppress(*(() if keep is None else (Locked,))):
                await self._versions.delete_before(key, version)

    async def get(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Return the content, or a part. Raises Missing."""
        try:
            return await read(self._asking, self._client, self._bucket.place(checked(key)), start, length)
        except Said as said:
            raise Missing(key) from said

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return the contents, as many at once as there are connections."""
        return await asyncio.gather(*(self._get_if_there(key) for key in keys))

    async def _get_if_there(self, key: str) -> bytes | None:
        try:
            return await self.get(key)
        except Missing:
            return None

    async def keys(self, prefix: str, *, after: str = "") -> AsyncIterator[str]:
        """Yield keys in order; what is no key of ours is passed over."""
        async for name in self._names(checked_prefix(prefix), after):
            if is_key(name):
                yield name

    async def strange(self) -> AsyncIterator[str]:
        """Yield what others put below the prefix under names that are no keys."""
        async for name in self._names("", ""):
            if not is_key(name):
                yield name

    async def _names(self, prefix: str, after: str) -> AsyncIterator[str]:
        ours = self._bucket.prefix
        asked: dict[str, Any] = {"Bucket": self._bucket.name, "Prefix": ours + prefix, "MaxKeys": _PAGE}
        if after:
            asked["StartAfter"] = ours + after
        while asked:
            found, more = await self._asking.ask(functools.partial(self._page, asked))
            for full in found:
                yield full[len(ours) :]
            asked = {**asked, "StartAfter": found[-1]} if more and found else {}

    def _page(self, asked: dict[str, Any]) -> tuple[list[str], bool]:
        page = self._client.list_objects_v2(**asked)
        return [one["Key"] for one in page.get("Contents", [])], page["IsTruncated"]

    async def delete(self, key: str) -> None:
        """Delete what is there, every version of it. Raises Locked."""
        checked(key)
        if await self.check():
            await self._versions.delete(key)
        else:
            await self._versions.delete_only(key)

    async def hold(self, key: str, on: bool) -> None:
        """Have S3 refuse deletion, or no longer; without Object Lock only look. Raises Missing."""
        place = self._bucket.place(checked(key))
        await self.check()
        try:
            if self._bucket.lock is None:
                await self._asking.ask(lambda: self._client.head_object(**place)["ETag"], Fault.MISSING)
            else:
                await self._asking.ask(
                    lambda: self._client.put_object_legal_hold(**place, LegalHold={"Status": "ON" if on else "OFF"}),
                    Fault.MISSING,
                )
        except Said as said:
            raise Missing(key) from said

    async def close(self) -> None:
        """Wait for what runs."""
        await self._asking.threads.close()

    async def _put(self, key: str, content: Content, keep: Keep | None) -> bool:
        await self.check()
        return await self._upload.put(content, {**self._bucket.new(key), **self._bucket.kept(keep)})

    async def _liftable(self, key: str) -> datetime | None:
        """Return until when what is there is locked so that a right lifts it. Raises Locked where none does."""
        if self._bucket.lock is None:
            return None
        try:
            there = await self._asking.ask(lambda: self._client.head_object(**self._bucket.place(key)), Fault.MISSING)
        except Said:
            return None
        if why := self._bucket.why_locked(there):
            raise Locked(f"{key}: {why}")
        return there.get("ObjectLockRetainUntilDate")


@contextlib.asynccontextmanager
async def open_s3(settings: Captions, address: str, reading: bool = False) -> AsyncIterator[S3Store]:
    """Give the store at `address`, s3://…, as the settings say. Raises Misconfigured where it cannot be one.

    One that is away now is given all the same. With `reading` nothing is written, and the right to read is enough.
    """
    async with in_thread(functools.partial(bundle, settings)) as authorities:
        client = await asyncio.to_thread(make_client, settings, authorities)
        asking = Asking(address, timeout_s=settings.request_timeout_s)
        store = S3Store(asking, client, Bucket.of(settings, address), reading=reading)
        try:
            with contextlib.suppress(StoreUnavailable):
                await store.check()
            yield store
        finally:
            await store.close()
