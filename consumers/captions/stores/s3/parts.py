"""An object that is uploaded part by part: nobody sees it before it is complete."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from .asking import Asking
from .contents import checksum
from .faults import Fault

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import CompletedMultipartUploadTypeDef, CompletedPartTypeDef

_T = TypeVar("_T")

NEW: Final = "*"
"""If-None-Match: there must be nothing."""


class Parts:
    """One upload. `begin` makes one; then `add` its parts in order, and `complete` or `abort` it."""

    def __init__(self, asking: Asking, client: "S3Client", upload: dict[str, Any]) -> None:
        self._asking, self._client, self._upload = asking, client, upload
        self._parts: list[CompletedPartTypeDef] = []
        # A part that is still on its way when the upload is aborted would stay behind: one thing at a time, then.
        self._one_at_a_time = threading.Lock()

    @classmethod
    async def begin(cls, asking: Asking, client: "S3Client", new: dict[str, Any]) -> Self:
        """Return an upload of what `new` says. Raises StoreUnavailable."""
        upload = await asking.ask(lambda: client.create_multipart_upload(**new, ChecksumAlgorithm="SHA256")["UploadId"])
        return cls(asking, client, {"Bucket": new["Bucket"], "Key": new["Key"], "UploadId": upload})

    async def add(self, body: bytes) -> None:
        """Store the next part. Raises StoreUnavailable."""
        number = len(self._parts) + 1

        def call() -> "CompletedPartTypeDef":
            sum_ = checksum(body)
            answer = self._client.upload_part(**self._upload, PartNumber=number, Body=body, ChecksumSHA256=sum_)
            return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": sum_}

        self._parts.append(await self._asking.ask(self._alone(call)))

    async def complete(self) -> None:
        """Make an object of the parts, unless there is one. Raises Said (TAKEN, NO_UPLOAD) and StoreUnavailable."""

        def call() -> str:
            parts: CompletedMultipartUploadTypeDef = {"Parts": self._parts}
            return self._client.complete_multipart_upload(**self._upload, MultipartUpload=parts, IfNoneMatch=NEW)[
                "ETag"
            ]

        await self._asking.ask(self._alone(call), Fault.TAKEN, Fault.NO_UPLOAD)

    def abort(self) -> None:
        """Throw the parts away, some time.

        Nobody waits for it: a store that is away would make everybody wait again. What it leaves then is for the
        bucket's own rule (AbortIncompleteMultipartUpload).
        """
        self._asking.threads.leave(self._alone(lambda: self._client.abort_multipart_upload(**self._upload)))

    def _alone(self, call: Callable[[], _T]) -> Callable[[], _T]:
        def alone() -> _T:
            with self._one_at_a_time:
                return call()

        return alone
