"""`--json` shows a record as it is; on a terminal it cannot command it either."""

from __future__ import annotations

import json

import msgspec
import pytest

from consumers.tail import raw
from schemas.events import encode

from .reads import stored
from .records import LOG, NOON, joined, person, record, started


def test_a_record_is_one_line_of_json_with_its_headers() -> None:
    """Everything that Kafka is told of it, and the value byte for byte."""
    (one,) = stored(record(joined(person("张三"))), first=7)

    text = raw(one, terminal=False)

    value = encode(joined(person("张三"))).decode()
    assert text.endswith(f',"value":{value}}}')
    assert json.loads(text) == {
        "topic": "meeting.lifecycle.v1",
        "partition": 0,
        "key": "m-1",
        "timestamp_ms": int(NOON.timestamp() * 1_000),
        "headers": {
            "ce_specversion": "1.0",
            "content-type": "application/json",
            "ce_type": "meetwire.ParticipantJoined.v1",
            "ce_source": "urn:meetwire:acme",
            "ce_id": one.record.id,
            "ce_time": "2026-07-01T12:00:00Z",
            "ce_subject": "m-1",
            "traceparent": one.record.trace,
            "mw_log": LOG,
            "mw_position": "7",
        },
        "value": json.loads(value),
    }


@pytest.mark.parametrize(
    "value",
    [pytest.param(b"hello", id="not JSON"), pytest.param(b'"\xff"', id="not UTF-8"), pytest.param(b"", id="nothing")],
)
def test_a_value_that_is_no_json_is_base64(value: bytes) -> None:
    """The line stays JSON, and nothing is lost."""
    (one,) = stored(record(started(), value=value))

    told = json.loads(raw(one, terminal=False))

    assert "value" not in told
    assert msgspec.convert(told["value_base64"], bytes) == value


def test_a_value_on_several_lines_becomes_one() -> None:
    """A line is a record, for grep and for jq."""
    (one,) = stored(record(started(), value=b'{\n  "a": [1,\n 2]\n}'))

    assert raw(one, terminal=False).endswith(',"value":{"a":[1,2]}}')


HOSTILE = "\x1b[2J \x9b2J \x7f \u202e \U000e0041 张三🙂"


def test_a_terminal_gets_escapes_that_mean_the_same() -> None:
    """What could command it is written as JSON writes it; another reader has the same text."""
    (one,) = stored(record(joined(person(HOSTILE))))

    text = raw(one, terminal=True)

    assert json.loads(text) == json.loads(raw(one, terminal=False))
    assert r'"display_name":"\u001b[2J \u009b2J \u007f \u202e \udb40\udc41 张三🙂"' in text


def test_a_file_gets_the_value_as_it_is() -> None:
    """Nothing is changed where nothing can be commanded."""
    (one,) = stored(record(joined(person("\x9b2J"))))

    assert '"display_name":"\x9b2J"' in raw(one, terminal=False)
