"""Describe the topics as one AsyncAPI 3.0 document: channels, messages, keys, headers, and who sends and receives."""

from typing import Any, Final

from schemas.base import Event
from schemas.settings import DEFAULT_PARTITIONS
from schemas.topics import MAX_VALUE_BYTES, TOPICS, Topic

from .docstrings import docstring, unwrapped
from .event_schema import definitions, event_types
from .headers import headers_schema
from .samples import samples

Document = dict[str, Any]

# The contract's, not the program's: its major is that of the topics.
VERSION: Final = "1.0.0"
BINDING: Final = "0.5.0"
_DAY_MS: Final = 86_400_000

DESCRIPTION: Final = """\
Events of Huawei Cloud Meeting on Kafka topics, as meetwire publishes them.

The key of a record is the meeting's ID; every topic has the same number of partitions, so a meeting is on the same
partition number everywhere, in order. A record can be in a topic twice, under one `ce_id`: drop what does not rise in
`mw_position` per `mw_log` and partition. Members are only ever added to an event; what must change otherwise is a new
topic with the next version. An installation may put a prefix before every topic's name."""


def asyncapi() -> Document:
    """Return the document. It stands alone: no reference leads out of it."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:meetwire:events",
        "info": {
            "title": "meetwire",
            "version": VERSION,
            "description": unwrapped(DESCRIPTION),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {_short(topic): _channel(topic) for topic in TOPICS.values()},
        "operations": {name: operation for topic in TOPICS.values() for name, operation in _operations(topic).items()},
        "components": {
            "messages": {event.__name__: _message(event) for event in event_types()},
            "schemas": {"Headers": headers_schema(), **definitions(event_types(), "#/components/schemas/{name}")},
        },
    }


def _short(topic: Topic) -> str:
    return topic.name.split(".")[1]


def _channel(topic: Topic) -> Document:
    return {
        "address": topic.name,
        "title": topic.name,
        "description": topic.purpose,
        "messages": {event.__name__: _ref("components/messages", event.__name__) for event in topic.events},
        "bindings": {"kafka": _topic_binding(topic)},
        "x-key": topic.key,
        "x-partitions": f"{DEFAULT_PARTITIONS} unless set otherwise; the same for every topic, and never changed.",
        "x-retention-days": topic.retention_days,
        "x-personal-data": topic.personal,
        "x-max-value-bytes": MAX_VALUE_BYTES,
    }


def _topic_binding(topic: Topic) -> Document:
    return {
        "topic": topic.name,
        "partitions": DEFAULT_PARTITIONS,
        "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": topic.retention_days * _DAY_MS},
        "bindingVersion": BINDING,
    }


def _operations(topic: Topic) -> Document:
    short = _short(topic)
    return {
        f"{short}.send": _operation(
            topic, "send", "meetwire publishes: its receiver what the service pushed, its consumers what they decide."
        ),
        f"{short}.receive": _operation(topic, "receive", "Consumers read it, each group at its own position."),
    }


def _operation(topic: Topic, action: str, summary: str) -> Document:
    channel = f"channels/{_short(topic)}"
    return {
        "action": action,
        "channel": _ref("channels", _short(topic)),
        "summary": summary,
        "messages": [_ref(f"{channel}/messages", event.__name__) for event in topic.events],
    }


def _message(event: type[Event]) -> Document:
    name = event.__name__
    text, sample = docstring(event), samples()[name]
    return {
        "name": name,
        "title": name,
        "summary": text.partition("\n")[0],
        "contentType": "application/json",
        "headers": _ref("components/schemas", "Headers"),
        "payload": _ref("components/schemas", name),
        "bindings": {"kafka": {"key": _key(event), "bindingVersion": BINDING}},
        "examples": [{"name": "sample", "headers": sample.headers, "payload": sample.event}],
    }


def _key(event: type[Event]) -> Document:
    topic = next(topic for topic in TOPICS.values() if event in topic.events)
    return {"type": "string", "description": topic.key}


def _ref(where: str, name: str) -> Document:
    return {"$ref": f"#/{where}/{name}"}
