"""What is given up while the disk has little room, and how that is told."""

from __future__ import annotations

from typing import Any

from receiver.subscriber.conversation import BEHIND
from receiver.subscriber.subscription import Subscription

from .driving import SUBSCRIBED, at, connected, frame, told, words
from .service import Service, serving
from .supervising import running
from .test_socket import opened, speak, speakers
from .test_subscription import changed


class Disk:
    """Whether it is tight."""

    is_tight = False


def speaking(number: int, s: float) -> tuple[Any, str]:
    """Return who speaks."""
    return frame("SpeakerChangeNotify", s, version=number, msgMode=0, msgID=f"s-{number}", data=[])


def open_on(disk: Disk) -> Subscription:
    """Return a subscription that is open."""
    made = connected(is_tight=lambda: disk.is_tight)
    made.read(SUBSCRIBED, None, at(0))
    return made


def test_each_type_is_given_up_and_told_when_it_begins_and_when_it_is_over() -> None:
    """Speakers and quality alone, with how many; what comes first when there is room again comes after the telling."""
    disk = Disk()
    made = open_on(disk)
    kept = made.read(*speaking(1, 1), at(1))
    disk.is_tight = True
    tight = [
        made.read(*one, at(2 + number))
        for number, one in enumerate(
            (
                speaking(2, 2),
                frame("RealTimeSubtitleNotify", 3, version=1, msgMode=0, msgID="c", data={}),
                frame("NetConditionNotify", 4, version=1, msgMode=1, msgID="n", data=[]),
                speaking(3, 5),
            )
        )
    ]
    disk.is_tight = False
    after = [made.read(*speaking(number, s), at(s)) for number, s in ((4, 9), (5, 10))]

    assert words(kept) == ["keep"]
    assert [words(actions) for actions in tight] == [
        ["tell gap disk_tight", "giveup"],
        ["keep"],
        ["tell gap disk_tight", "giveup"],
        ["giveup"],
    ]
    assert [words(actions) for actions in after] == [["tell gap disk_tight"] * 2 + ["keep"], ["keep"]]
    speakers_since, quality_since = at(2).at - BEHIND, at(4).at - BEHIND

    def gap(s: float, kind: str, since: Any, missed: int | None) -> Any:
        return changed("gap", s, reason="disk_tight", push_type=kind, unseen_since=since, missed=missed)

    assert told([action for actions in (*tight, *after) for action in actions]) == [
        gap(2, "SpeakerChangeNotify", speakers_since, None),
        gap(4, "NetConditionNotify", quality_since, None),
        gap(9, "SpeakerChangeNotify", speakers_since, 2),
        gap(9, "NetConditionNotify", quality_since, 1),
    ]


def test_what_nobody_could_read_is_kept() -> None:
    """Nobody knows what it is; it goes to meeting.unrecognised.v1."""
    disk = Disk()
    made = open_on(disk)
    disk.is_tight = True

    assert words(made.read(*frame("SpeakerChangeNotify", 1, msgID="odd", data=7), at(1))) == ["keep"]


def test_a_loss_goes_on_where_something_was_given_up() -> None:
    """The next socket begins anew: what it gives up is told of again."""
    disk = Disk()
    made = open_on(disk)
    disk.is_tight = True
    made.read(*speaking(1, 1), at(1))

    assert words(made.ended("socket_closed", at(2)))[:2] == ["hangup", "tell lost socket_closed"]
    assert made._thrift.over() == []


async def test_a_socket_keeps_captions_while_it_gives_speakers_up() -> None:
    """Counted by type; the gap is in the log with the rest, and speakers are there again with the room."""
    disk = Disk()
    async with serving() as service, _running(service, disk) as run:
        line = await opened(run)
        await speak(line, 1)
        await run.log.has(lambda log: speakers(log) == ["s-1"])
        disk.is_tight = True
        for number in (2, 3):
            await speak(line, number)
        await line.push("RealTimeSubtitleNotify", msgID="c-1", msgMode=0, version=1, data={"msgs": []})
        await run.log.has(lambda log: "CaptionSpoken" in {record.type for record in log.records})
        given_up = run.count("meetwire_frames_given_up_total", event="SpeakerChangeNotify")
        disk.is_tight = False
        await speak(line, 4)
        await run.log.has(lambda log: speakers(log) == ["s-1", "s-4"])

    gaps = [event for event in run.log.told() if event.change == "gap"]
    assert [(gap.push_type, gap.missed, gap.reason) for gap in gaps] == [
        ("SpeakerChangeNotify", None, "disk_tight"),
        ("SpeakerChangeNotify", 2, "disk_tight"),
    ]
    assert gaps[0].unseen_since == gaps[1].unseen_since
    assert given_up == 2


def _running(service: Service, disk: Disk) -> Any:
    return running(service=service, is_tight=lambda: disk.is_tight)
