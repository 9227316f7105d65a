"""What goes on on one socket: heartbeats and echoes, repeats, holes, and up to when all was seen. Pure."""

import re
from datetime import datetime, timedelta
from typing import Final

from ..frames import Push, Reply, UnreadableFrame
from .asking import heartbeat, sequence_at
from .meeting import Now, Send
from .repeats import Repeats
from .sequence import Hole, Sequence

# An echo may stand behind a frame of 16 MiB.
ECHO_WITHIN_S: Final = 30.0
# The service's clock is believed to be behind ours by so much at the most, on its way to us included.
BEHIND: Final = timedelta(seconds=5)
# Action names are the service's, but whoever sends others all the time has not our memory for it.
_MAX_TYPES: Final = 32
# A hole is told of under the name of its type: what is no name might be anything, of any length.
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")

Learnt = dict[str, Sequence]
"""By push type; outlives the socket."""


class Conversation:
    """One socket, from the connect to its end."""

    __slots__ = ("_echo_by_s", "_every_s", "_learnt", "_next_beat_s", "_repeats", "_sent", "opened_s", "seen_until")

    def __init__(self, now: Now, *, every_s: float, learnt: Learnt) -> None:
        self._every_s = every_s
        self._learnt = learnt
        self._repeats = Repeats()
        self._next_beat_s = now.s + every_s
        self._echo_by_s: float | None = None
        self._sent: tuple[str, datetime] | None = None
        self.opened_s: float | None = None
        """When the service said, or showed, that it pushes."""
        self.seen_until: datetime = now.at
        """What was sent before this instant has come. What is sent after Subscribe comes, or is lost after it."""
        for sequence in learnt.values():
            sequence.begin()

    @property
    def wakes_s(self) -> float:
        """When `tick` has something to do."""
        return self._next_beat_s if self._echo_by_s is None else min(self._next_beat_s, self._echo_by_s)

    def tick(self, now: Now) -> list[Send]:
        """Return the heartbeat that is due."""
        if now.s < self._next_beat_s:
            return []
        self._next_beat_s = now.s + self._every_s
        sequence = sequence_at(now.at)
        if self._echo_by_s is None:
            # Of several that are on their way the first has to come back in time.
            self._echo_by_s = now.s + ECHO_WITHIN_S
            self._sent = sequence, now.at
        return [Send(heartbeat(sequence))]

    def misses_echo(self, now: Now) -> bool:
        """Return whether the service did not answer a heartbeat in time."""
        return self._echo_by_s is not None and now.s >= self._echo_by_s

    def held_up(self, now: Now) -> None:
        """Take it that nothing was read for a while, through no fault of the service's."""
        if self._echo_by_s is not None:
            self._echo_by_s = max(self._echo_by_s, now.s + ECHO_WITHIN_S)

    def echoed(self, reply: Reply) -> None:
        """Take the echo: what was sent before the heartbeat went out has come."""
        if self._sent is not None and (reply.sequence or self._sent[0]) >= self._sent[0]:
            self.seen_until = max(self.seen_until, self._sent[1])
            self._echo_by_s = self._sent = None

    def repeats(self, frame_id: str) -> bool:
        """Return whether this frame came before."""
        return self._repeats.has(frame_id)

    def pushed(self, push: Push | UnreadableFrame, now: Now) -> list[Hole]:
        """Take a push; return the numbers of its type that are missed, as far as is known by now."""
        sent_at = self._sent_at(push.created_at, now)
        self.seen_until = max(self.seen_until, sent_at)
        if push.action is None or push.mode != "incremental" or push.version is None:
            return []
        if push.action not in self._learnt and (len(self._learnt) >= _MAX_TYPES or not _NAME.fullmatch(push.action)):
            return []
        return self._learnt.setdefault(push.action, Sequence()).take(push.version, sent_at)

    def missed(self, received_at: datetime) -> None:
        """Take it that a frame that came at this time, and what came after it, was not kept."""
        self.seen_until = min(self.seen_until, received_at - BEHIND)

    def is_whole(self, push_type: str | None) -> bool:
        """Return whether no hole of this type is open any more: what was missing came late."""
        return push_type not in self._learnt or self._learnt[push_type].is_whole

    def _sent_at(self, created_at: datetime | None, now: Now) -> datetime:
        earliest = now.at - BEHIND
        return created_at if created_at is not None and earliest <= created_at <= now.at else earliest
