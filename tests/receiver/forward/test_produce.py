"""The request that publishes and its answer are what aiokafka's own classes make of the same, byte for byte."""

from __future__ import annotations

import struct
from collections import defaultdict
from typing import Any

import pytest
from aiokafka.errors import IncompatibleBrokerVersion
from aiokafka.protocol import produce as theirs
from hypothesis import given
from hypothesis import strategies as st

from receiver.forward.produce import Batch, Key, Produce
from schemas.ids import Position

topics = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
keys = st.tuples(topics, st.integers(0, 2**31 - 1))
contents = st.binary(max_size=50)

REQUESTS: dict[int, Any] = {3: theirs.ProduceRequest_v3, 7: theirs.ProduceRequest_v7}
ANSWERS: dict[int, Any] = {
    3: theirs.ProduceResponse_v3,
    7: theirs.ProduceResponse_v7,
}


def prepared(batches: dict[Key, bytes], newest: int) -> Any:
    """Return the request as it goes to a broker that knows versions up to `newest`."""
    made = [Batch(key, Position(1), Position(1), content[:9], content[9:]) for key, content in batches.items()]
    return Produce(made, timeout_ms=30_000).prepare({0: (0, newest)})


def by_topic(entries: dict[Key, Any]) -> list[tuple[str, list[Any]]]:
    """Return entries as the protocol nests them."""
    nested = defaultdict(list)
    for (topic, partition), entry in entries.items():
        nested[topic].append((partition, *entry))
    return list(nested.items())


@given(batches=st.dictionaries(keys, contents, max_size=8), newest=st.integers(3, 12))
def test_a_request_is_what_kafka_reads(batches: dict[Key, bytes], newest: int) -> None:
    """Whatever the topics, partitions and batches, and in each version that a broker may ask for."""
    request = prepared(batches, newest)

    version = 7 if newest >= 7 else 3
    nested = by_topic({key: (content,) for key, content in batches.items()})
    expected = REQUESTS[version](None, -1, 30_000, nested)
    assert request.encode() == expected.encode()
    headers = [one.build_request_header(9, "meetwire").encode() for one in (request, expected)]
    assert headers[0] == headers[1]


@given(codes=st.dictionaries(keys, st.integers(-1, 120), max_size=8), newest=st.sampled_from([3, 7, 12]))
def test_an_answer_tells_a_code_for_each_partition(codes: dict[Key, int], newest: int) -> None:
    """In each version that we ask in; offsets and times are passed over."""
    request = prepared({}, newest)
    times = (11, -1) if request.API_VERSION == 3 else (11, -1, 5)
    nested = by_topic({key: (code, *times) for key, code in codes.items()})
    answer = ANSWERS[request.API_VERSION](nested, 0).encode()

    assert request.RESPONSE_TYPE.decode(answer).codes == codes


@given(cut=st.integers(0, 47))
def test_an_answer_cut_short_is_an_error_or_lacks_partitions(cut: int) -> None:
    """Never a code that the broker did not say."""
    answer = theirs.ProduceResponse_v7([("ab", [(1, 5, 0, 0, 0)]), ("c", [(2, 6, 0, 0, 0)])], 0).encode()
    request = prepared({}, 7)

    try:
        codes = request.RESPONSE_TYPE.decode(answer[:cut]).codes
    except struct.error:
        return
    assert codes.items() <= {("ab", 1): 5, ("c", 2): 6}.items()


def test_a_broker_of_another_time_is_told_so() -> None:
    """One that knows no batches of this form, or none any more, is not sent any."""
    produce = Produce([], timeout_ms=1)

    with pytest.raises(NotImplementedError):
        produce.prepare({0: (0, 2)})
    with pytest.raises(IncompatibleBrokerVersion):
        produce.prepare({})


def test_neither_request_nor_answer_shows_what_is_in_it() -> None:
    """aiokafka writes both into its log where that is at debug."""
    request = prepared({("topic", 1): b"MARKER"}, 7)
    answer = request.RESPONSE_TYPE({("topic", 1): 0})

    assert (repr(request), repr(answer)) == ("<Produce of 37 bytes>", "<Answer for 1 partitions>")
