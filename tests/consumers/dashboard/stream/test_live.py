"""What open pages are told: each what it may see, encoded once for all who see the same."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from consumers.dashboard.projection.whole import Whole
from consumers.dashboard.stream.channel import Channel
from consumers.dashboard.stream.live import Live, Sight
from schemas.events import MeetingEnded, MeetingStarted

from ..events import Told, after, alert, caption, changed, lifecycle, person, roster, speaking

EVERYTHING = Sight(None)


def told(channel: Channel) -> list[tuple[str, Any]]:
    """Return the events that a page got, by name."""
    events = [one for one in b"".join(channel.since(0).content).split(b"\n\n") if one]
    return [
        (head.removeprefix(b"event: ").decode(), msgspec.json.decode(body.removeprefix(b"data: ")))
        for head, _, body in (one.partition(b"\n") for one in events)
    ]


def names(channel: Channel) -> list[str]:
    """Return the names of the events that a page got."""
    return [name for name, _ in told(channel)]


class Desk:
    """A present, and what is told of it."""

    def __init__(self) -> None:
        self.whole = Whole()
        self.live = Live(self.whole)

    def take(self, *several: Told) -> None:
        """Take events, and tell."""
        spoken = [said for one in several if (said := self.whole.take(one.event, one.id, one.epoch)) is not None]
        self.live.changed(
            self.whole.refresh(after(60)), after(60), ["a" * 32] if several[0].topic == alert(0).topic else []
        )
        self.live.spoken(spoken)


def test_rows_and_sums_are_told_as_they_change() -> None:
    """Nothing is told of what is as it was."""
    desk = Desk()
    page = desk.live.join(EVERYTHING)

    desk.take(lifecycle(MeetingStarted, 0))
    desk.take(lifecycle(MeetingStarted, 0))

    assert names(page) == ["row", "overview"]
    (rows,) = [content for name, content in told(page) if name == "row"]
    assert [(row["meeting_id"], row["state"]) for row in rows] == [("m-1", "on")]


def test_what_is_gone_is_told() -> None:
    """By the ID that the row had, to those who saw it."""
    desk = Desk()
    desk.take(lifecycle(MeetingStarted, 0))
    page, others = desk.live.join(EVERYTHING), desk.live.join(Sight(frozenset({"other"})))

    desk.take(lifecycle(MeetingStarted, 50, "u-2"))

    assert names(page)[:2] == ["row", "gone"]
    assert "gone" not in names(others)


def test_a_page_of_another_enterprise_is_told_nothing() -> None:
    """Neither of rows nor of alerts."""
    desk = Desk()
    page, mine = desk.live.join(Sight(frozenset({"other"}))), desk.live.join(Sight(frozenset({"acme"})))

    desk.take(lifecycle(MeetingStarted, 0))
    desk.take(alert(1))

    assert names(page) == ["overview"]
    assert names(mine) == ["row", "overview", "row", "alert", "overview"]


def test_an_open_meeting_is_told_whole() -> None:
    """Every second time, without captions and histories; sentences at once, for who may see them."""
    desk = Desk()
    desk.take(lifecycle(MeetingStarted, 0), roster(1, person("a", name="Ann")))
    (meeting,) = [row.id for row in desk.whole.rows(None)]
    reads, looks = desk.live.join(Sight(None, meeting, True)), desk.live.join(Sight(None, meeting))
    elsewhere = desk.live.join(Sight(None, "0" * 32, True))
    not_his = desk.live.join(Sight(frozenset({"other"}), meeting, True))

    desk.take(caption(2, "Hel", final=False), caption(3, "Hello."))
    desk.take(changed(4, person("a", muted=True)))
    desk.take(speaking(5, "a"))

    (first, *_) = [content for name, content in told(reads) if name == "caption"]
    assert (first["name"], first["texts"]) == ("Ann", [{"language": "English", "text": "Hello."}])
    assert [name for name in names(reads) if name in ("caption", "meeting")] == ["caption", "meeting"]
    assert [name for name in names(looks) if name in ("caption", "meeting")] == ["meeting"]
    (whole,) = [content for name, content in told(looks) if name == "meeting"]
    assert (whole["captions"], whole["people"][0]["muted"], whole["people"][0]["history"]) == (None, True, [])
    assert {name for name in names(elsewhere) + names(not_his) if name in ("caption", "meeting")} == set()


def test_a_sentence_of_a_meeting_that_is_not_shown_yet_is_not_told() -> None:
    """The page has no such meeting."""
    desk = Desk()
    page = desk.live.join(Sight(None, "0" * 32, True))

    spoken = desk.whole.take(caption(2, "x").event, "x", 1)

    assert spoken is not None
    desk.live.spoken([spoken])
    assert names(page) == []


def test_a_page_hears_that_the_line_is_alive() -> None:
    """And who has closed it is forgotten."""
    desk = Desk()
    page = desk.live.join(EVERYTHING)
    desk.live.join(EVERYTHING)

    desk.live.behind(1.5)
    desk.live.wake()

    assert told(page) == [("behind", {"behind_s": 1.5})]
    desk.live.leave(EVERYTHING)
    desk.live.leave(EVERYTHING)
    desk.live.behind(2.5)
    assert names(page) == ["behind"]
    desk.take(lifecycle(MeetingStarted, 0), lifecycle(MeetingEnded, 1))
    assert names(desk.live.join(EVERYTHING)) == []


def test_a_page_is_told_first_how_it_all_is() -> None:
    """Whoever opens one meeting at night, when nothing changes, sees that an alert stands."""
    desk = Desk()
    desk.live.join(EVERYTHING)
    desk.take(lifecycle(MeetingStarted, 0))
    desk.take(alert(1))
    desk.live.behind(0.5)

    (overview, behind) = [
        (head, msgspec.json.decode(body.removeprefix(b"data: ")))
        for head, _, body in (one.partition(b"\n") for one in desk.live.beginning(None).split(b"\n\n") if one)
    ]

    assert (overview[0], overview[1]["meetings"], overview[1]["alerts"]) == (b"event: overview", 1, 1)
    assert behind == (b"event: behind", {"behind_s": 0.5})


def kept(live: Live) -> int:
    """Return how many bytes lie in memory for all pages: what several share is there once."""
    contents = {id(one.content): one.content for channel in live._channels.values() for one in channel._chunks}
    return sum(len(content) for content in contents.values())


def test_however_many_meetings_are_looked_at_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has a channel of its own; rows are in all of them, and in memory once."""
    for name, value in (("_MOST_BYTES", 80_000), ("_ALL_BYTES", 80_000), ("_LEAST_BYTES", 2_000)):
        monkeypatch.setattr(f"consumers.dashboard.stream.live.{name}", value)
    desk = Desk()
    alone = desk.live.join(EVERYTHING)
    assert alone.most_bytes == 80_000
    sights = [Sight(None, f"{number:032}") for number in range(50)]
    for sight in sights:
        desk.live.join(sight)

    for number in range(300):
        desk.take(lifecycle(MeetingStarted, number, f"u-{number}"))

    assert alone.most_bytes == 2_000
    assert 0 < kept(desk.live) < 8_000
    for sight in sights:
        desk.live.leave(sight)
    assert alone.most_bytes == 80_000
