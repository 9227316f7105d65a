"""What was pushed, frame by frame: what a test holds against the topics afterwards. No I/O.

A frame is numbered when it is handed to a socket. What fell into a gap, or happened while nobody was subscribed, is
kept apart: it must not be on a topic, and the place where it would be must be marked there.
"""

from collections import Counter
from hashlib import sha256

import msgspec


class SentFrame(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One pushed frame on one socket; no content, so that it may be shown."""

    number: int
    """From 1 on, in the order of sending over all sockets."""
    meeting_id: str
    meeting_uuid: str
    socket: int
    """Number of the socket, from 1 on; 0 where nobody was subscribed."""
    action: str | None
    message_id: str | None
    mode: str | None
    """full or incremental; None where a frame written by hand says neither."""
    version: int | None
    at_ms: int
    """By the cloud's clock."""
    sha256: str
    """Of the text as UTF-8, in hexadecimal digits."""
    what: str = ""
    """The fault that befell it."""


class Sent:
    """The ledger of all sockets."""

    def __init__(self, *, keep: bool) -> None:
        self._keep = keep
        self.frames: list[SentFrame] = []
        """Handed to a socket, in this order."""
        self.unsent: list[SentFrame] = []
        """Made, and not handed to any."""
        self.actions: Counter[str] = Counter()
        """How many frames of each action were handed to a socket."""

    @property
    def count(self) -> int:
        """How many frames were handed to a socket."""
        return self.actions.total()

    def of_meeting(self, meeting_id: str) -> list[SentFrame]:
        """Return what one meeting's sockets were handed."""
        return [frame for frame in self.frames if frame.meeting_id == meeting_id]

    def note(self, made: "Made", *, socket: int, at_ms: int, text: str | None = None, what: str = "") -> None:
        """Write down a frame that is handed to a socket; `text` is what became of it by a fault."""
        self.actions[made.action or ""] += 1
        if self._keep:
            self.frames.append(_entry(made, self.count, socket, at_ms, made.text if text is None else text, what))

    def note_unsent(self, made: "Made", *, socket: int, at_ms: int, what: str) -> None:
        """Write down a frame that nobody was handed."""
        if self._keep:
            self.unsent.append(_entry(made, 0, socket, at_ms, made.text, what))

    def lines(self) -> bytes:
        """Return the frames as JSON lines, sent ones first; the others have the number 0."""
        return b"".join(msgspec.json.encode(frame) + b"\n" for frame in (*self.frames, *self.unsent))


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A frame that is ready for the sockets of a meeting."""

    meeting_id: str
    meeting_uuid: str
    action: str | None
    message_id: str | None
    mode: str | None
    version: int | None
    text: str

    def __repr__(self) -> str:
        """Show what, not its content."""
        return f"<Made {self.action} {self.message_id}>"


def _entry(made: Made, number: int, socket: int, at_ms: int, text: str, what: str) -> SentFrame:
    return SentFrame(
        number=number,
        meeting_id=made.meeting_id,
        meeting_uuid=made.meeting_uuid,
        socket=socket,
        action=made.action,
        message_id=made.message_id,
        mode=made.mode,
        version=made.version,
        at_ms=at_ms,
        sha256=sha256(text.encode()).hexdigest(),
        what=what,
    )
