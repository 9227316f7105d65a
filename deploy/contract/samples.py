"""Read the stored samples: one real record for each event, as Kafka would hand it over, in JSON."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from schemas.record import Header


class Sample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One record. The people in it are invented, the password that signed its push is 123456."""

    topic: str
    partition: int
    key: str
    timestamp_ms: int
    headers: dict[str, str]
    value: msgspec.Raw

    @property
    def event(self) -> dict[str, Any]:
        """The value as plain JSON."""
        event: dict[str, Any] = msgspec.json.decode(self.value)
        return event

    def raw_headers(self) -> list[Header]:
        """Return the headers as they are in Kafka."""
        return [(name, text.encode()) for name, text in self.headers.items()]


@cache
def samples() -> Mapping[str, Sample]:
    """Return the samples by the name of their event."""
    found = sorted((file.name, file.read_bytes()) for file in (files("schemas") / "samples").iterdir())
    return {name.removesuffix(".json"): msgspec.json.decode(text, type=Sample) for name, text in found}
