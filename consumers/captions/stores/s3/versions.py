"""Delete for good. In a bucket with versions a plain deletion hides an object, and its words stay."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ...errors import Locked
from .asking import Asking, Said
from .bucket import Bucket
from .faults import Fault

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ListObjectVersionsOutputTypeDef

_PAGE: Final = 1_000


class Versions:
    """The versions of the objects of `bucket`; the marks of plain deletions are among them."""

    def __init__(self, asking: Asking, client: "S3Client", bucket: Bucket) -> None:
        self._asking, self._client, self._bucket = asking, client, bucket

    async def delete(self, key: str, *, but: str | None = None) -> None:
        """Delete every version of `key`, the oldest first, but the version `but`.

        Raises Locked where S3 refuses one; the others are gone then.
        """
        refused: Said | None = None
        for version in [one async for one in self._oldest_first(key) if one != but]:
            try:
                await self._delete(key, VersionId=version)
            except Said as said:
                refused = said
        if refused is not None:
            raise Locked(f"{key}: {refused.reason}") from refused

    async def delete_only(self, key: str) -> None:
        """Delete `key` in a bucket without versions. Raises Locked."""
        try:
            await self._delete(key)
        except Said as said:
            raise Locked(f"{key}: {said.reason}") from said

    async def _delete(self, key: str, **version: str) -> None:
        what: dict[str, Any] = {**self._bucket.place(key), **self._bucket.removal(), **version}
        await self._asking.ask(lambda: self._client.delete_object(**what), Fault.REFUSED)

    async def _oldest_first(self, key: str) -> AsyncIterator[str]:
        found: list[tuple[datetime, str]] = []
        async for page in self._pages(self._bucket.prefix + key):
            found += [
                (one["LastModified"], one["VersionId"])
                for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                if one["Key"] == self._bucket.prefix + key
            ]
        # Of the same instant S3 lists the newest first.
        for _, version in sorted(reversed(found), key=lambda one: one[0]):
            yield version

    async def _pages(self, prefix: str) -> "AsyncIterator[ListObjectVersionsOutputTypeDef]":
        marker: dict[str, str] = {}
        while True:
            asked: dict[str, Any] = {"Bucket": self._bucket.name, "Prefix": prefix, "MaxKeys": _PAGE, **marker}
            page = await self._page(asked)
            yield page
            # What lies deeper begins with the key too: it sorts after it, and is not asked for.
            if not page.get("IsTruncated") or page.get("NextKeyMarker") != prefix:
                return
            marker = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}

    async def _page(self, asked: dict[str, Any]) -> "ListObjectVersionsOutputTypeDef":
        return await self._asking.ask(lambda: self._client.list_object_versions(**asked))
