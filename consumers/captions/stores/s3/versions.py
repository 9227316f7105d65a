"""Delete for good. In a bucket with versions a plain deletion hides an object, and its words stay."""

from collections.abc import AsyncIterator, Iterable
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

    async def delete(self, key: str) -> None:
        """Delete every version of `key`, the oldest first.

        Raises Locked where S3 refuses one; the others are gone then.
        """
        await self._delete_all(key, [version async for version in self._oldest_first(key)])

    async def delete_before(self, key: str, version: str) -> None:
        """Delete every version of `key` that is older than `version`. Raises Locked as `delete` does.

        Not those that are newer: of two that replace at once, each would else delete the other's.
        """
        kept = [
            one["VersionId"]
            async for page in self._pages(key)
            for one in page.get("Versions", [])
            if self._is(one, key)
        ]
        older = kept[kept.index(version) + 1 :] if version in kept else []
        await self._delete_all(key, older[::-1])

    async def _delete_all(self, key: str, versions: Iterable[str]) -> None:
        refused: Said | None = None
        for version in versions:
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
        async for page in self._pages(key):
            entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            found += [(one["LastModified"], one["VersionId"]) for one in entries if self._is(one, key)]
        # Of the same instant S3 lists the newest first.
        for _, version in sorted(reversed(found), key=lambda one: one[0]):
            yield version

    def _is(self, entry: Any, key: str) -> bool:
        # What lies deeper, or has more letters, begins with the key too.
        return bool(entry["Key"] == self._bucket.prefix + key)

    async def _pages(self, key: str) -> "AsyncIterator[ListObjectVersionsOutputTypeDef]":
        """Yield what S3 lists, the newest version first; keys in order, so that all of this one's come first."""
        full = self._bucket.prefix + key
        marker: dict[str, str] = {}
        while True:
            page = await self._page({"Bucket": self._bucket.name, "Prefix": full, "MaxKeys": _PAGE, **marker})
            yield page
            if not page["IsTruncated"] or page["NextKeyMarker"] != full:
                return
            marker = {"KeyMarker": full, "VersionIdMarker": page["NextVersionIdMarker"]}

    async def _page(self, asked: dict[str, Any]) -> "ListObjectVersionsOutputTypeDef":
        return await self._asking.ask(lambda: self._client.list_object_versions(**asked))
