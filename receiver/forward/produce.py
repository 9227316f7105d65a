"""The request that publishes, and its answer, as they go over the wire (Kafka protocol guide, Produce, 3 to 7). Pure.

aiokafka sends them for us, and has classes of its own for both. Its request copies what is in it five times, and its
answer is taken apart field by field: together that costs more than to encode the records.
"""

import struct
from collections import defaultdict
from collections.abc import Iterable
from io import BytesIO
from typing import Final, NamedTuple

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.produce import ProduceRequest_v7

from schemas.ids import Position

Key = tuple[str, int]
"""A topic as Kafka calls it, and a partition."""

_COUNT: Final = struct.Struct(">i")
_LENGTH: Final = struct.Struct(">h")
# No transaction, acks=all, and what the broker may take to have them all.
_BEGINNING: Final = struct.Struct(">hhi")
_PARTITION: Final = struct.Struct(">ii")


class Batch(NamedTuple):
    """Records of one partition that go as one."""

    key: Key
    first: Position
    last: Position
    head: bytes
    records: bytes
    """All that follows the head."""


class _Answer(Response):
    """What the leader says of each partition; the error's code alone is of use to us."""

    API_KEY = 0
    API_VERSION = 7
    SCHEMA = ProduceRequest_v7.RESPONSE_TYPE.SCHEMA
    # Partition, error, offset, time of the append, first offset.
    ENTRY = struct.Struct(">ihqqq")

    def __init__(self, codes: dict[Key, int]) -> None:
        self.codes = codes

    def __repr__(self) -> str:
        return f"<Answer for {len(self.codes)} partitions>"

    @classmethod
    def decode(cls, data: BytesIO | bytes) -> "_Answer":
        """Take it apart. Raises struct.error where it is cut short."""
        content = data if isinstance(data, bytes) else data.read()
        codes: dict[Key, int] = {}
        (topics,), at = _COUNT.unpack_from(content), _COUNT.size
        for _ in range(topics):
            (length,), at = _LENGTH.unpack_from(content, at), at + _LENGTH.size
            topic, at = content[at : at + length].decode(), at + length
            (partitions,), at = _COUNT.unpack_from(content, at), at + _COUNT.size
            end = at + partitions * cls.ENTRY.size
            for partition, code, *_ in cls.ENTRY.iter_unpack(content[at:end]):
                codes[topic, partition] = code
            at = end
        return cls(codes)


class _OldAnswer(_Answer):
    API_VERSION = 3
    ENTRY = struct.Struct(">ihqq")


class _Encoded(RequestStruct):
    """A request whose pieces stand ready."""

    API_KEY = 0
    API_VERSION = 7
    RESPONSE_TYPE = _Answer
    SCHEMA = ProduceRequest_v7.SCHEMA

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    def __repr__(self) -> str:
        # aiokafka writes it into its log at debug; an inherited one would show what is in it.
        return f"<Produce of {sum(map(len, self.pieces))} bytes>"

    def encode(self) -> bytes:
        """Return the request as it goes over the wire."""
        return b"".join(self.pieces)


class _OldEncoded(_Encoded):
    API_VERSION = 3
    RESPONSE_TYPE = _OldAnswer


class Produce(Request[_OldEncoded | _Encoded]):
    """Batches for one leader, of different partitions each; answered with `codes`, one a partition, 0 being good."""

    API_KEY = 0

    def __init__(self, batches: Iterable[Batch], *, timeout_ms: int) -> None:
        self._pieces: list[bytes] = [_BEGINNING.pack(-1, -1, timeout_ms)]
        topics: dict[str, list[Batch]] = defaultdict(list)
        for batch in batches:
            topics[batch.key[0]].append(batch)
        self._pieces.append(_COUNT.pack(len(topics)))
        for topic, its in topics.items():
            name = topic.encode()
            self._pieces += (_LENGTH.pack(len(name)), name, _COUNT.pack(len(its)))
            for batch in its:
                size = len(batch.head) + len(batch.records)
                self._pieces += (_PARTITION.pack(batch.key[1], size), batch.head, batch.records)

    def build(self, request_struct_class: type[_OldEncoded | _Encoded]) -> _OldEncoded | _Encoded:
        """Return it in the version that both sides know."""
        return request_struct_class(self._pieces)
