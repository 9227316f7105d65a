"""One request to the service and its answer, as values. Pure."""

from collections.abc import Mapping
from typing import Literal

import msgspec

AskName = Literal[
    "authenticate",
    "refresh",
    "online_meetings",
    "meeting",
    "control_token",
    "socket_token",
    "measured_meetings",
    "measured_participants",
    "measurements",
    "thresholds",
    "push_status",
    "push_register",
    "push_change",
    "push_remove",
]


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. Holds tokens and passwords: shows its name alone."""

    name: AskName
    method: Literal["GET", "POST", "PUT", "DELETE"] = "GET"
    path: str
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    """JSON, UTF-8."""
    repeatable: bool = True
    """Whether it may be asked again without an answer to the first."""

    def __repr__(self) -> str:
        """Show what is asked for, not with what."""
        return f"<Ask {self.name}>"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back, whatever its status."""

    status: int
    body: bytes
    date: str | None = None
    retry_after: str | None = None

    def __repr__(self) -> str:
        """Show its status and how large it is."""
        return f"<Answer {self.status}, {len(self.body)} bytes>"
