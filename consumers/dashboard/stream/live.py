"""What the page is told while it is open: rows that changed, sentences, alerts; encoded once for all who see the same.

Rows are told four times a second at the most, whatever goes on; a sentence at once.
"""

from collections.abc import Iterable, Set
from datetime import datetime
from typing import Final

import msgspec

from schemas.api.alerts import Alert
from schemas.api.meetings import Behind, Overview

from ..projection import captions
from ..projection.whole import Changes, Enterprises, Spoken, Whole, of_enterprises
from . import sse
from .channel import Channel

EVERY_S: Final = 0.25
# Pages that do not read for so long that this is full ask for everything anew.
_MOST_BYTES: Final = 4_194_304
# All channels together, and what each has at the least: one for each meeting that somebody looks at.
_ALL_BYTES: Final = 67_108_864
_LEAST_BYTES: Final = 262_144


class Sight(msgspec.Struct, frozen=True):
    """What a page may see, and which meeting it looks at. Pages of the same sight share their bytes."""

    enterprises: Enterprises
    meeting: str | None = None
    captions: bool = False


class Live:
    """All open pages."""

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        self._channels: dict[Sight, Channel] = {}
        self._overviews: dict[Enterprises, Overview] = {}
        self._touched: set[str] = set()
        self._is_even = False
        self.behind_s: float | None = None

    def join(self, sight: Sight) -> Channel:
        """Return the channel of those who see the same; call `leave` in the end."""
        channel = self._channels.setdefault(sight, Channel(_MOST_BYTES))
        channel.readers += 1
        self._bound()
        return channel

    def beginning(self, enterprises: Enterprises) -> bytes:
        """Return what a page is told first: what it all comes to, which changes seldom at night, and how far behind."""
        overview = sse.event("overview", self._whole.overview(enterprises))
        return overview + sse.event("behind", Behind(behind_s=self.behind_s))

    def leave(self, sight: Sight) -> None:
        """Say that one page of this sight is closed."""
        channel = self._channels[sight]
        channel.readers -= 1
        if not channel.readers:
            del self._channels[sight]
            self._bound()

    def wake(self) -> None:
        """Have every reader look around: it is the end."""
        for channel in self._channels.values():
            channel.wake()

    def spoken(self, spoken: Iterable[Spoken]) -> None:
        """Tell of sentences; of several states of one the last."""
        watched = {sight.meeting for sight in self._channels if sight.captions and sight.meeting is not None}
        if not watched:
            return
        for one in {(one.key, one.sentence.id): one for one in spoken}.values():
            meeting = self._whole.id_of(one.key)
            if meeting is not None and meeting in watched:
                self._say(meeting, one)

    def changed(self, changes: Changes, now: datetime, alerts: Iterable[str] = ()) -> None:
        """Tell of rows that changed, of those that are gone, and of alerts."""
        told = [alert for one in dict.fromkeys(alerts) if (alert := self._whole.alerts.one(one, now)) is not None]
        self._touched |= changes.touched
        self._is_even = not self._is_even
        # A whole meeting is much: it is told every second time.
        touched = self._touched if self._is_even else set()
        shared: dict[Enterprises, bytes] = {}
        for sight, channel in self._channels.items():
            if sight.enterprises not in shared:
                shared[sight.enterprises] = self._of(sight.enterprises, changes, told)
            # Apart: the rows are the same bytes for all, whatever meeting they look at.
            for content in (shared[sight.enterprises], self._meeting(sight, touched)):
                if content:
                    channel.put(content, content.count(b"\n\n"))
        if self._is_even:
            self._touched = set()

    def behind(self, behind_s: float | None) -> None:
        """Tell how far the dashboard is behind: also that the line is alive."""
        self.behind_s = behind_s
        content = sse.event("behind", Behind(behind_s=behind_s))
        for channel in self._channels.values():
            channel.put(content)

    def _bound(self) -> None:
        most_bytes = max(_LEAST_BYTES, min(_MOST_BYTES, _ALL_BYTES // max(1, len(self._channels))))
        for channel in self._channels.values():
            channel.most_bytes = most_bytes

    def _say(self, meeting: str, spoken: Spoken) -> None:
        content = sse.event("caption", captions.shown(spoken.sentence, self._whole.names_of(spoken.key)))
        enterprise = spoken.key[0]
        for sight, channel in self._channels.items():
            may = sight.captions and (sight.enterprises is None or enterprise in sight.enterprises)
            if may and sight.meeting == meeting:
                channel.put(content)

    def _of(self, enterprises: Enterprises, changes: Changes, alerts: list[Alert]) -> bytes:
        parts: list[bytes] = []
        if rows := list(of_enterprises(changes.rows, enterprises)):
            parts.append(sse.event("row", rows))
        if gone := [one for whose, one in changes.gone if enterprises is None or whose in enterprises]:
            parts.append(sse.event("gone", gone))
        parts += [
            sse.event("alert", alert) for alert in alerts if enterprises is None or alert.enterprise in enterprises
        ]
        overview = self._whole.overview(enterprises)
        if overview != self._overviews.get(enterprises):
            self._overviews[enterprises] = overview
            parts.append(sse.event("overview", overview))
        return b"".join(parts)

    def _meeting(self, sight: Sight, touched: Set[str]) -> bytes:
        if sight.meeting is None or sight.meeting not in touched:
            return b""
        detail = self._whole.detail(sight.meeting, sight.enterprises, captions=False, history=False)
        return b"" if detail is None else sse.event("meeting", detail)
