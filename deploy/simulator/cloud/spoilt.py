"""Frames that are not as the reference has them, and that a receiver has to outlive. Pure."""

from typing import Any

import msgspec


def with_odd_keys(text: str) -> str:
    """Return a frame in which every key but `action` ends in a space, as the reference's `returnDesc ` does."""
    return _written(_spaced(msgspec.json.decode(text)))


def with_wrong_types(text: str) -> str:
    """Return a frame whose numbers are strings, whose flags are numbers, and whose lists are objects."""
    frame = msgspec.json.decode(text)
    return _written({key: _mistyped(value) for key, value in frame.items()})


def unknown_action(meeting_id: str, message_id: str, now_ms: int) -> str:
    """Return a push that no reference has."""
    frame = {
        "action": "HologramNotify",
        "confID": meeting_id,
        "msgID": message_id,
        "msgMode": 0,
        "version": now_ms,
        "createTime": now_ms,
        "data": [{"pid": "0", "shape": {"x": 1, "labels": ["重要", "🎯", None]}}],
    }
    return _written(frame)


def _spaced(value: Any) -> Any:
    if isinstance(value, dict):
        return {key if key == "action" else f"{key} ": _spaced(member) for key, member in value.items()}
    return [_spaced(member) for member in value] if isinstance(value, list) else value


def _mistyped(value: Any) -> Any:
    match value:
        case bool():
            return int(value)
        case int():
            return str(value)
        case list():
            return {str(place): _mistyped(member) for place, member in enumerate(value)}
        case _:
            return value


def _written(frame: Any) -> str:
    return msgspec.json.encode(frame).decode()
