"""What happens inside a meeting is one line each: who, how, and what they say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from consumers.tail import Look, line
from consumers.tail.names import Names
from deploy.contract.samples import samples
from schemas.events import (
    CaptionLine,
    Event,
    Flow,
    Interpreter,
    InterpreterGroup,
    Person,
    ServiceThreshold,
    Speaker,
    Surroundings,
)
from schemas.events import decode as decode_event

from .records import NOON, record

UTC = ZoneInfo("UTC")
PLAIN = Look(zone=UTC)
HIDDEN = Look(zone=UTC, names=False)
HAN, LI = "7a90de34a1b911f0a3d10242ac120005", "8b21c7e6a1b911f0a3d10242ac120006"


def event(name: str, **changed: Any) -> Event:
    """Return the stored sample of an event, with what a test changes in it; it came at once."""
    found: Any = decode_event(bytes(samples()[name].value))
    if hasattr(found, "received_at"):
        changed.setdefault("received_at", found.occurred_at)
    one: Event = msgspec.structs.replace(found, **changed)
    return one


def told(one: Event, look: Look = PLAIN, names: Names | None = None) -> str:
    """Return the word of an event's line, and what stands behind the meeting."""
    text = line(record(one), look, names)
    return f"{text[21:32].rstrip()}: {text[57:]}"


def flow(direction: str, modality: str = "audio", **known: Any) -> Flow:
    """Return a flow of which only `known` is known."""
    return Flow(modality=modality, direction=direction, **known)


@pytest.mark.parametrize(
    ("one", "text"),
    [
        pytest.param(event("MeetingDescribed"), "described: 周例会  owner 韩梅梅  video", id="a meeting"),
        pytest.param(
            event("MeetingDescribed", subject=None, owner_name=None, media=None, is_webinar=True),
            "described: webinar",
            id="a webinar of which little is known",
        ),
        pytest.param(
            event("MeetingStateChanged"),
            "state: running  until 02:00  FREE  16 pictures  captions on  waiting room  interpretation",
            id="its state",
        ),
        pytest.param(
            event(
                "MeetingStateChanged",
                state="closed",
                ends_at=None,
                layout=None,
                picture_count=1,
                captions_on=None,
                waiting_room_on=False,
                interpretation_on=False,
                locked=True,
                paused=True,
                recording_now=True,
                audience_count=300,
            ),
            "state: closed  1 picture  locked  paused  recording  audience 300",
            id="another state",
        ),
        pytest.param(event("LayoutChanged"), "layout: FIXED  2 pictures", id="a layout"),
        pytest.param(event("LayoutChanged", picture_count=None), "layout: FIXED", id="a layout of unknown size"),
        pytest.param(event("InvitationAnswered"), "invitation: +8600000000004  no_answer", id="nobody answered"),
        pytest.param(
            event("InvitationAnswered", call_number=None, result=None),
            "invitation: code 11076005",
            id="an answer that is not documented",
        ),
        pytest.param(event("InterpretersChanged"), "interpreter: en-zh: 魏华", id="an interpreter"),
        pytest.param(event("InterpretersChanged", groups=[]), "interpreter: none", id="no interpreter"),
        pytest.param(
            event(
                "InterpretersChanged",
                groups=[
                    InterpreterGroup(
                        group_id=None,
                        name=None,
                        first_language=None,
                        second_language=None,
                        kind="AI",
                        interpreters=[
                            Interpreter(
                                interpreter_id="1", user_id=None, account=None, call_number=None, name=None, kind=None
                            )
                        ],
                    )
                ],
            ),
            "interpreter: ?-?: 1",
            id="an interpreter without a name",
        ),
        pytest.param(event("RosterReplaced"), "roster: participants  2 people", id="a roster"),
        pytest.param(
            event("RosterReplaced", roster="waiting", people=[Person(participant_id="p")], part=2, parts=3),
            "roster: waiting  1 person  part 2 of 3",
            id="a part of a roster",
        ),
        pytest.param(event("ParticipantChanged"), "changed: Lucy  waiting  waiting  Mobile", id="somebody waits"),
        pytest.param(
            event("ParticipantGone"), "gone: 9c44d0f2a1b911f0a3d10242ac120007  waiting", id="somebody is gone"
        ),
        pytest.param(
            event("ActiveSpeakersChanged"), "speaking: 韩梅梅 45, 李雷 12", id="two speak, the louder one first"
        ),
        pytest.param(event("ActiveSpeakersChanged", speakers=[]), "speaking: silence", id="silence"),
        pytest.param(
            event(
                "ActiveSpeakersChanged",
                speakers=[
                    Speaker(participant_id=LI, name=None, volume=None),
                    Speaker(participant_id=None, name=None, volume=3),
                ],
            ),
            f"speaking: {LI}, ? 3",
            id="speakers without a name",
        ),
        pytest.param(
            event("CaptionSpoken"),
            f"caption: {HAN}  final  Mandarin: 我们先看上周的结果。  "
            "English: Let us look at last week's results first.",
            id="a sentence in two languages",
        ),
        pytest.param(
            event(
                "CaptionSpoken",
                final=False,
                participant_id=None,
                lines=[CaptionLine(language=None, text="我们\x1b[2J", line_id=None)],
            ),
            "caption: ?  interim  ?: 我们␛[2J",
            id="the beginning of a hostile one",
        ),
        pytest.param(event("CaptionSpoken", final=None, lines=[]), f"caption: {HAN}", id="nothing said"),
    ],
)
def test_what_happens_in_a_meeting_is_a_line(one: Event, text: str) -> None:
    """Who, and how; a column that there is nothing to say in is left out."""
    assert told(one) == text


@pytest.mark.parametrize(
    ("one", "text"),
    [
        pytest.param(
            event("QualitySampled"),
            f"quality: {LI}  good  37 ms  audio sent 0.25 % 4 ms, received 0 % 7 ms  video sent 1.25 %, received 0 %",
            id="pushed",
        ),
        pytest.param(event("QualitySampled", over=True), f"quality: {LI}  measured no more", id="over"),
        pytest.param(
            event(
                "QualitySampled",
                rating=None,
                round_trip_ms=None,
                source="rest",
                alarms=["client_cpu"],
                flows=[flow("sent", alarms=["jitter"]), flow("received", "screen", bitrate_bps=1)],
            ),
            f"quality: {LI}  audio sent  screen received  bad: client_cpu, audio jitter  rest",
            id="asked for, and bad",
        ),
    ],
)
def test_quality_is_told_in_a_few_figures(one: Event, text: str) -> None:
    """Loss and jitter each way; a modality in which nothing flows is left out."""
    assert told(one) == text


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        pytest.param({}, "opened", id="opened"),
        pytest.param(
            {"reason": "restarted", "unseen_since": NOON}, "opened  restarted  unseen for 75 s", id="opened again"
        ),
        pytest.param({"unseen_since": NOON + timedelta(seconds=74.5)}, "opened", id="opened within a moment"),
        pytest.param({"change": "lost", "reason": "socket_closed"}, "lost  socket_closed", id="lost"),
        pytest.param(
            {
                "change": "gap",
                "reason": "version_gap",
                "push_type": "ParticipantsNotify",
                "first_missed": 40,
                "last_missed": 42,
                "missed": 3,
            },
            "gap  version_gap  ParticipantsNotify 40-42  3 missed",
            id="a hole",
        ),
        pytest.param(
            {"change": "gap", "push_type": "NetConditionNotify", "first_missed": 7, "last_missed": 7, "missed": 1},
            "gap  NetConditionNotify 7  1 missed",
            id="one is missing",
        ),
        pytest.param({"change": "gap", "push_type": "SpeakerChangeNotify"}, "gap  SpeakerChangeNotify", id="unknown"),
        pytest.param({"change": "closed", "reason": "meeting_over"}, "closed  meeting_over", id="closed"),
    ],
)
def test_what_was_not_seen_is_told(changed: dict[str, Any], text: str) -> None:
    """With the reason, what is missing, and for how long nothing was seen."""
    one = event("SubscriptionChanged", occurred_at=NOON + timedelta(seconds=75), **changed)

    assert told(one) == f"listening: {text}"


def test_a_sign_of_life_is_a_line() -> None:
    """Whose, how much it listens to, and up to where it wrote."""
    assert told(event("ReceiverAlive")) == "alive: listens to 8  1 of partition 11  at 64"


def test_the_services_thresholds_are_a_line() -> None:
    """In the units of people; one number where both directions have it, and nothing where the service says nothing."""
    whole = event("QualityThresholdsRead")
    parts = event(
        "QualityThresholdsRead",
        latency_ms=ServiceThreshold(sent=200.0, received=300.0),
        jitter_ms=ServiceThreshold(sent=None, received=30.0),
        packet_loss_ratio=ServiceThreshold(sent=None, received=None),
        client_cpu_ratio=None,
        system_cpu_ratio=None,
    )

    assert told(whole) == "thresholds: latency 300 ms  jitter 50 ms  loss 10 %  client CPU 80 %  system CPU 90 %"
    assert told(parts) == "thresholds: latency sent 200 ms, received 300 ms  jitter received 30 ms"


@pytest.mark.parametrize(
    ("known", "text"),
    [
        pytest.param({"muted": False}, "unmuted", id="one thing is not so any more"),
        pytest.param({"muted": True, "sharing": False}, "muted  shares no more", id="two changes"),
        pytest.param(
            {"muted": False, "sharing": False, "camera_on": True, "hand_raised": True},
            "hand raised  camera on",
            id="all is told: only what is so",
        ),
        pytest.param({"role": "host", "co_host": False}, "host  no co-host", id="a role"),
    ],
)
def test_what_is_new_about_somebody_is_told(known: dict[str, Any], text: str) -> None:
    """A change tells what came to be so and what is not so any more."""
    one = event("ParticipantChanged", roster="participants", person=Person(participant_id="p-1", **known))

    assert told(one) == f"changed: p-1  participants  {text}"


@pytest.mark.parametrize(
    ("known", "text"),
    [
        pytest.param({"account": "lilei", "call_number": "+86"}, "lilei", id="an account"),
        pytest.param({"call_number": "+86", "email": "a@b"}, "+86", id="a number"),
        pytest.param({"email": "a@b"}, "a@b", id="an address"),
        pytest.param({}, "?", id="nobody knows"),
    ],
)
def test_somebody_without_a_name_is_told_by_something_else(known: dict[str, Any], text: str) -> None:
    """Those who are only invited may have no id either."""
    one = event("ParticipantGone", roster="invited", person=Person(participant_id=None, **known))

    assert told(one) == f"gone: {text}  invited"


def late(name: str, seconds: float) -> Event:
    """Return a sample that came so late."""
    one = event(name)
    return event(name, received_at=one.occurred_at + timedelta(seconds=seconds))  # type: ignore[attr-defined]  # these have it


def test_a_late_frame_says_so() -> None:
    """Its time of creation is the service's."""
    assert told(late("LayoutChanged", 75)) == "layout: FIXED  2 pictures  +75 s"
    assert told(late("LayoutChanged", 4)) == "layout: FIXED  2 pictures"


SEEN = [
    pytest.param(event("RosterReplaced"), "韩梅梅", id="a roster"),
    pytest.param(
        event("ParticipantChanged", person=Person(participant_id=HAN, name="李雷")), "李雷", id="a change of a roster"
    ),
    pytest.param(event("ActiveSpeakersChanged"), "韩梅梅", id="speakers"),
    pytest.param(
        event("QualitySampled", participant_id=HAN, surroundings=Surroundings(name="Lucy")), "Lucy", id="quality"
    ),
    pytest.param(event("ParticipantJoined"), "韩梅梅", id="an enterprise push"),
    pytest.param(event("ParticipantLeft"), "李雷", id="somebody who left"),
]


@pytest.mark.parametrize(("seen", "name"), SEEN)
def test_a_caption_has_the_name_that_went_by(seen: Event, name: str) -> None:
    """The frame of a caption tells who speaks by the id alone."""
    if hasattr(seen, "participant"):
        who = msgspec.structs.replace(seen.participant, participant_id=HAN, display_name=name)
        seen = msgspec.structs.replace(seen, participant=who)
    names = Names()
    line(record(seen), PLAIN, names)

    assert told(event("CaptionSpoken", lines=[]), PLAIN, names) == f"caption: {name}  final"
    assert told(event("CaptionSpoken", lines=[]), HIDDEN, names) == f"caption: {HAN}  final"
    assert told(event("CaptionSpoken", lines=[], meeting_id="m-2"), PLAIN, names) == f"caption: {HAN}  final"


def test_names_that_came_first_are_forgotten_first() -> None:
    """Memory is bounded, whatever goes by; a name that is said again is young again."""
    names = Names(most=2)
    for number in (1, 2, 1, 3):
        names.see(decoded("ParticipantChanged", person=Person(participant_id=f"p-{number}", name=f"N{number}")))

    assert [names.of("900000001", f"p-{number}") for number in (1, 2, 3)] == ["N1", None, "N3"]


def decoded(name: str, **changed: Any) -> Any:
    """Return a sample with changes, typed as what `decode` returns."""
    return event(name, **changed)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("MeetingDescribed", "described: video"),
        ("InvitationAnswered", "invitation: no_answer"),
        ("InterpretersChanged", "interpreter: en-zh: 1"),
        ("ParticipantChanged", "changed: 9c44d0f2a1b911f0a3d10242ac120007  waiting  waiting  Mobile"),
        ("ActiveSpeakersChanged", f"speaking: {HAN} 45, {LI} 12"),
        ("CaptionSpoken", f"caption: {HAN}  final  Mandarin  English"),
    ],
)
def test_names_and_words_are_hidden_where_that_was_asked_for(name: str, text: str) -> None:
    """Neither names, accounts, numbers and subjects, nor what was said."""
    assert told(event(name), HIDDEN) == text


@pytest.mark.parametrize(
    ("one", "colour"),
    [
        pytest.param(event("SubscriptionChanged"), "32", id="opened is green"),
        pytest.param(event("SubscriptionChanged", change="lost"), "1;31", id="lost is red"),
        pytest.param(event("SubscriptionChanged", change="gap"), "1;31", id="a hole is red"),
        pytest.param(event("SubscriptionChanged", change="closed"), "33", id="closed is yellow"),
        pytest.param(event("QualitySampled"), "2", id="quality steps back"),
        pytest.param(event("QualitySampled", alarms=["system_cpu"]), "1;31", id="bad quality is red"),
        pytest.param(event("QualitySampled", flows=[flow("sent", alarms=["latency"])]), "1;31", id="a bad flow is red"),
        pytest.param(event("CaptionSpoken"), "32", id="a sentence is green"),
        pytest.param(event("CaptionSpoken", final=False), "2", id="an unfinished one steps back"),
        pytest.param(event("ReceiverAlive"), "2", id="a sign of life steps back"),
    ],
)
def test_colour_tells_good_from_bad(one: Event, colour: str) -> None:
    """What somebody should look at is red."""
    assert line(record(one), Look(zone=UTC, colour=True)).split("\x1b[")[3].startswith(f"{colour}m")
