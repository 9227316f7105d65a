"""Read an object: in pieces where it is large, all of them of one version."""

from typing import TYPE_CHECKING, Any, Final

from ...errors import Altered
from .. import MOST_BYTES
from .asking import Asking, Said
from .faults import Fault

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# One request's worth: it has to come within the time-out.
PIECE: Final = 16_777_216


class _Piece:
    """What one request brought, and how large all of it is."""

    def __init__(self, answer: Any) -> None:
        self.content: bytes = answer["Body"].read()
        self.etag: str = answer["ETag"]
        # bytes 0-99/1000
        size = answer.get("ContentRange", "").rpartition("/")[2]
        self.of = int(size) if size.isdecimal() else 0


async def read(asking: Asking, client: "S3Client", place: dict[str, Any], start: int, length: int | None) -> bytes:
    """Return `length` bytes from `start`, or all from there on; what lies beyond the end is not there.

    Raises Said where there is no such object, Altered where it is larger than anything of an archive's.
    """
    while True:
        try:
            return await _Reading(asking, client, place).read(start, length)
        except Said as said:
            # It was replaced between two pieces: from the beginning, then.
            if said.fault is not Fault.TAKEN:
                raise


class _Reading:
    """One way through the object, as it is now."""

    def __init__(self, asking: Asking, client: "S3Client", place: dict[str, Any]) -> None:
        self._asking, self._client, self._place = asking, client, place
        self._same: dict[str, str] = {}
        self._size = 0

    async def read(self, start: int, length: int | None) -> bytes:
        if length == 0:
            await self._asking.ask(lambda: self._client.head_object(**self._place)["ETag"], Fault.MISSING)
            return b""
        pieces: list[bytes] = []
        left = length
        while left is None or left > 0:
            asked = PIECE if left is None else min(left, PIECE)
            piece = await self._piece(start, asked)
            if length is None and self._size > MOST_BYTES:
                raise Altered(f"{self._place['Key']}: {self._size} bytes, more than any object of an archive has")
            pieces.append(piece)
            if len(piece) < asked:
                break
            start += asked
            left = None if left is None else left - asked
        return b"".join(pieces)

    async def _piece(self, start: int, length: int) -> bytes:
        asked = {**self._place, **self._same, "Range": f"bytes={start}-{start + length - 1}"}

        def call() -> _Piece:
            return _Piece(self._client.get_object(**asked))

        try:
            piece = await self._asking.ask(call, Fault.MISSING, Fault.TAKEN, Fault.BEYOND)
        except Said as said:
            if said.fault is Fault.BEYOND:
                return b""
            raise
        self._same, self._size = {"IfMatch": piece.etag}, piece.of
        return piece.content
