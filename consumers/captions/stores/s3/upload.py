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

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef

# S3 wants 5 MiB at least, but for the last; what is smaller than one goes in one request.
PART: Final = 8_388_608
_MOST_PARTS: Final = 10_000
_NEW: Final = "*"


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
            await self.whole(body, {**new, "IfNoneMatch": _NEW}, Fault.TAKEN)
        except Said as said:
            return said.again and await self._is_there(content, new)
        return True

    async def whole(self, body: bytes, new: dict[str, Any], *expected: Fault) -> str | None:
        """Store it in one request; return its version, where the bucket has such."""
        sum_ = checksum(body)
        answer = await self._asking.ask(
            lambda: self._client.put_object(**new, Body=body, ChecksumSHA256=sum_), *expected
        )
        return answer.get("VersionId")

    async def _in_parts(self, content: Content, new: dict[str, Any]) -> bool:
        answer = await self._asking.ask(lambda: self._client.create_multipart_upload(**new, ChecksumAlgorithm="SHA256"))
        upload = {"Bucket": new["Bucket"], "Key": new["Key"], "UploadId": answer["UploadId"]}
        stored = False
        try:
            parts = await self._parts(content, upload)
            stored = await self._complete(parts, upload, content, new)
        finally:
            if not stored:
                # Nobody waits for it: a store that is away would make everybody wait again. What is left of it is
                # for the bucket's own rule (AbortIncompleteMultipartUpload).
                self._asking.threads.leave(lambda: self._client.abort_multipart_upload(**upload))
        return stored

    async def _parts(self, content: Content, upload: dict[str, Any]) -> "list[CompletedPartTypeDef]":
        size = max(PART, math.ceil(content.size / _MOST_PARTS))
        return [
            await self._part(await content.read(start, length), number, upload)
            for number, (start, length) in enumerate(pieces(content.size, size), 1)
        ]

    async def _part(self, body: bytes, number: int, upload: dict[str, Any]) -> "CompletedPartTypeDef":
        sum_ = checksum(body)
        answer = await self._asking.ask(
            lambda: self._client.upload_part(**upload, PartNumber=number, Body=body, ChecksumSHA256=sum_)
        )
        return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": sum_}

    async def _complete(
        self, parts: "list[CompletedPartTypeDef]", upload: dict[str, Any], content: Content, new: dict[str, Any]
    ) -> bool:
        def call() -> None:
            self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, IfNoneMatch=_NEW)

        try:
            await self._asking.ask(call, Fault.TAKEN, Fault.NO_UPLOAD)
        except Said as said:
            if said.again and await self._is_there(content, new):
                return True
            if said.fault is Fault.NO_UPLOAD:
                raise StoreUnavailable(f"{self._asking.address}: {said.reason}") from said
            return False
        return True

    async def _exists(self, place: dict[str, Any]) -> bool:
        try:
            await self._asking.ask(
                lambda: self._client.head_object(Bucket=place["Bucket"], Key=place["Key"]), Fault.MISSING
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
