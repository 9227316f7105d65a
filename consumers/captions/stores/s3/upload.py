"""Store what is new: in one request, or in parts where it is large; whole in either way, and over nothing.

A put whose answer was lost is tried again, and then told that there is something already: its own. So what is there is
compared before it is taken for another's.
"""

import math
from typing import TYPE_CHECKING, Any, Final

from ...errors import StoreUnavailable
from .asking import Asking, Said
from .bucket import Bucket
from .contents import Content, checksum, pieces
from .faults import Fault
from .parts import NEW, Parts

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# S3 wants 5 MiB at least, but for the last; what is smaller than one goes in one request.
PART: Final = 8_388_608
_MOST_PARTS: Final = 10_000


class Upload:
    """Stores new objects of `bucket`."""

    def __init__(self, asking: Asking, client: "S3Client", bucket: Bucket) -> None:
        self._asking, self._client, self._bucket = asking, client, bucket

    async def put(self, content: Content, new: dict[str, Any]) -> bool:
        """Store it as `new` says, unless there is something; return whether it was stored."""
        if content.size > PART:
            return not await self._exists(new) and await self._in_parts(content, new)
        body = await content.read(0, content.size)
        try:
            await self.whole(body, {**new, "IfNoneMatch": NEW}, Fault.TAKEN)
        except Said as said:
            return said.again and await self._is_there(content, new)
        return True

    async def whole(self, body: bytes, new: dict[str, Any], *expected: Fault) -> str | None:
        """Store it in one request; return its version, where the bucket has such."""

        def call() -> str | None:
            answer = self._client.put_object(**new, Body=body, ChecksumSHA256=checksum(body))
            return answer.get("VersionId") if answer["ETag"] else None

        return await self._asking.ask(call, *expected)

    async def _in_parts(self, content: Content, new: dict[str, Any]) -> bool:
        parts = await Parts.begin(self._asking, self._client, new)
        try:
            for start, length in pieces(content.size, max(PART, math.ceil(content.size / _MOST_PARTS))):
                await parts.add(await content.read(start, length))
            await parts.complete()
        except Said as said:
            parts.abort()
            if said.again and await self._is_there(content, new):
                return True
            if said.fault is Fault.NO_UPLOAD:
                raise StoreUnavailable(f"{self._asking.address}: {said.reason}") from said
            return False
        except BaseException:
            parts.abort()
            raise
        return True

    async def _exists(self, place: dict[str, Any]) -> bool:
        try:
            await self._asking.ask(
                lambda: self._client.head_object(Bucket=place["Bucket"], Key=place["Key"])["ETag"], Fault.MISSING
            )
        except Said:
            return False
        return True

    async def _is_there(self, content: Content, place: dict[str, Any]) -> bool:
        """Return whether what is there is `content`, whoever stored it."""
        for start, length in pieces(content.size, PART):
            there = await self._read(place, f"bytes={start}-{start + PART}")
            # The first byte of the next piece says that this one is not the last.
            more = start + length < content.size
            if there[:length] != await content.read(start, length) or (len(there) > length) != more:
                return False
        return content.size > 0 or not await self._read(place, "bytes=0-0")

    async def _read(self, place: dict[str, Any], part: str) -> bytes:
        def call() -> bytes:
            answer = self._client.get_object(Bucket=place["Bucket"], Key=place["Key"], Range=part)
            return answer["Body"].read()

        try:
            return await self._asking.ask(call, Fault.BEYOND, Fault.MISSING)
        except Said:
            return b""
