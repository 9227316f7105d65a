"""The parts of a meeting, each folded for itself: ratings, histories, sentences, rosters."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from consumers.dashboard.projection import history
from consumers.dashboard.projection.captions import Captions
from consumers.dashboard.projection.lifecycle import Lifecycle
from consumers.dashboard.projection.quality import Quality, shown
from consumers.dashboard.projection.ratings import flow_rating, round_trip_rating, worst
from consumers.dashboard.projection.roster import Roster
from schemas.api.meetings import FlowNow, Point
from schemas.events import (
    CaptionSpoken,
    Flow,
    MeetingStarted,
    ParticipantChanged,
    ParticipantGone,
    QualitySampled,
    RosterReplaced,
)

from ..events import Told, after, caption, changed, flow, gone, lifecycle, person, roster, sampled


@pytest.mark.parametrize(
    ("figures", "rating"),
    [
        ({}, None),
        ({"bitrate_bps": 5}, None),
        ({"packet_loss_ratio": 0.0}, 5),
        ({"packet_loss_ratio": 0.01}, 5),
        ({"packet_loss_ratio": 0.011}, 4),
        ({"packet_loss_ratio": 0.10}, 3),
        ({"packet_loss_ratio": 0.11}, 2),
        ({"packet_loss_ratio": 0.9}, 0),
        ({"packet_loss_ratio": 0.0, "jitter_ms": 31.0}, 2),
        ({"jitter_ms": 5.0, "latency_ms": 401.0}, 2),
        ({"jitter_ms": 5.0, "latency_ms": 400.0}, 3),
        ({"jitter_ms": 5.0, "alarms": ["jitter"]}, 2),
        ({"jitter_ms": 500.0, "alarms": ["jitter"]}, 0),
        ({"alarms": ["latency"]}, 2),
    ],
)
def test_a_flow_is_as_good_as_its_worst_figure(figures: dict[str, float], rating: int | None) -> None:
    """What the service itself finds bad is bad, whatever the figures say."""
    assert flow_rating(Flow(modality="audio", direction="sent", **figures)) == rating  # type: ignore[arg-type]  # alarms


def test_the_round_trip_is_rated_too() -> None:
    """Half a second is the last that is not bad."""
    assert [round_trip_rating(value) for value in (None, 100, 500, 501, 9_999)] == [None, 5, 3, 2, 0]
    assert (worst([]), worst([None, 4, 2]), worst([None])) == (None, 2, None)


FIGURES = st.none() | st.floats(allow_nan=True, allow_infinity=True)
FLOWS = st.lists(
    st.builds(
        lambda direction, loss, jitter: Flow(
            modality="audio", direction=direction, packet_loss_ratio=loss, jitter_ms=jitter
        ),
        st.sampled_from(["sent", "received", "sideways"]),
        FIGURES,
        FIGURES,
    ),
    max_size=4,
)


@given(FLOWS, FIGURES)
def test_any_figure_can_be_kept(flows: list[Flow], rtt_ms: float | None) -> None:
    """Whatever a stranger measured, the history takes it, and shows a number or nothing."""
    rated = [(one, 3) for one in flows]

    (point,) = history.points(history.add(b"", 60.0, history.Measured(rated, rtt_ms)))

    for value in (point.sent_loss_ratio, point.received_loss_ratio, point.jitter_ms, point.rtt_ms):
        assert value is None or (math.isfinite(value) and value >= 0)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 5)), max_size=120))
def test_a_history_keeps_the_worst_of_each_minute(samples: list[tuple[int, int]]) -> None:
    """The last sixty minutes in which there was something, in order; what is older than the last is left out."""
    kept = b""
    steps: dict[int, int] = {}
    for at, rating in samples:
        kept = history.add(kept, at, history.Measured([(flow(), rating)], None))
        if not steps or at // 60 >= max(steps):
            steps[at // 60] = min(steps.get(at // 60, 5), rating)

    points = history.points(kept)

    assert [(point.at // 60, point.sent) for point in points] == sorted(steps.items())[-60:]
    assert len(kept) <= 60 * 14


def test_a_point_has_both_directions() -> None:
    """Of several flows in a minute the worst of each figure."""
    first = history.Measured([(flow(packet_loss_ratio=0.25, jitter_ms=3.0), 2)], 80.0)
    second = history.Measured([(flow(direction="received", packet_loss_ratio=0.01, jitter_ms=9.0), 5)], None)

    kept = history.add(history.add(b"", 120.0, first), 130.0, second)

    assert history.points(kept) == [
        Point(at=120, sent=2, received=5, sent_loss_ratio=0.25, received_loss_ratio=0.01, jitter_ms=9, rtt_ms=80)
    ]


def measured(*told: Told) -> Quality:
    """Return what is known after these samples."""
    quality = Quality()
    for one in told:
        assert isinstance(one.event, QualitySampled)
        quality.take(one.event, one.epoch)
    return quality


def test_what_is_asked_for_comes_modality_by_modality() -> None:
    """One answer does not wipe out the others, and the round trip stays."""
    quality = measured(
        sampled(0, "a", flow("audio", packet_loss_ratio=0.0), source="rest", round_trip_ms=80.0),
        sampled(1, "a", flow("video", packet_loss_ratio=0.3), source="rest"),
    )

    found = shown(quality.people["a"])

    assert (found.rating, found.at) == (1, after(1))
    assert found.audio.sent == FlowNow(
        rating=5,
        loss_ratio=0.0,
        jitter_ms=None,
        rtt_ms=80.0,
        latency_ms=None,
        bitrate_bps=None,
        frame_rate_fps=None,
        resolution=None,
    )
    assert (found.video.sent is not None, found.video.received, found.screen.sent) == (True, None, None)


def test_what_is_pushed_is_whole() -> None:
    """A modality that is no longer in it has ended."""
    quality = measured(
        sampled(0, "a", flow("audio", packet_loss_ratio=0.3), flow("screen", packet_loss_ratio=0.5)),
        sampled(1, "a", flow("audio", packet_loss_ratio=0.0)),
    )

    assert (shown(quality.people["a"]).rating, shown(quality.people["a"]).screen.sent) == (5, None)


def test_an_older_sample_changes_nothing() -> None:
    """Pushed or asked for."""
    quality = measured(
        sampled(9, "a", flow(packet_loss_ratio=0.3)),
        sampled(8, "a", flow(packet_loss_ratio=0.0)),
        sampled(7, "a", flow(packet_loss_ratio=0.0), source="rest"),
    )

    assert quality.people["a"].rating == 1


def test_who_is_measured_no_more_has_no_rating() -> None:
    """The service says so; twice says no more."""
    quality = measured(
        sampled(0, "a", flow(packet_loss_ratio=0.3)), sampled(1, "a", over=True), sampled(2, "a", over=True)
    )

    assert quality.people == {}


def test_another_holding_measures_anew() -> None:
    """An answer about the last one that comes late is dropped."""
    quality = measured(
        sampled(0, "a", flow(jitter_ms=1.0)),
        sampled(10, "b", flow(jitter_ms=1.0), uuid="u-2", epoch=2),
        sampled(5, "a", flow(jitter_ms=1.0), uuid="u-1", epoch=None),
    )

    assert list(quality.people) == ["b"]


def test_who_left_long_ago_is_forgotten() -> None:
    """In a long meeting with much coming and going there is room for who is there."""
    early = [sampled(0, f"p{number}", flow(jitter_ms=1.0)) for number in range(60)]
    late = [sampled(4_000, f"q{number}", flow(jitter_ms=1.0)) for number in range(10)]

    assert len(measured(*early, *late).people) <= 64 + 6
    assert not any(name.startswith("p") for name in measured(*early, *late).people)


def said(*told: Told, most: int = 200) -> list[tuple[str | None, bool, str]]:
    """Return the sentences after these frames: whose, whether final, the last text."""
    captions = Captions()
    for one in told:
        assert isinstance(one.event, CaptionSpoken)
        captions.take(one.event, one.id, one.epoch, most)
    return [(one.participant_id, one.final, one.texts[-1][1]) for one in captions.sentences]


def test_interim_texts_become_one_sentence() -> None:
    """Two people who speak at once have one each."""
    told = [
        caption(0, "Go", final=False),
        caption(1, "He", who="b", final=False),
        caption(2, "Good", final=False),
        caption(3, "Good."),
        caption(4, "Hello.", who="b"),
        caption(5, "Next", final=False),
    ]

    assert said(*told) == [("a", True, "Good."), ("b", True, "Hello."), ("a", False, "Next")]


def test_lines_with_ids_are_known_by_them() -> None:
    """A correction finds its sentence, an interim text that is late changes nothing."""
    told = [
        caption(0, "One", line="1", final=False),
        caption(1, "Two", line="2", final=False),
        caption(2, "One.", line="1"),
        caption(3, "one!", line="1"),
        caption(4, "On", line="1", final=False),
    ]

    assert said(*told) == [("a", True, "one!"), ("a", False, "Two")]


def test_an_unfinished_sentence_ends_by_itself() -> None:
    """After half a minute somebody says another one."""
    assert said(caption(0, "One", final=False), caption(31, "Two", final=False)) == [
        ("a", False, "One"),
        ("a", False, "Two"),
    ]


def test_languages_stand_beside_each_other() -> None:
    """A frame brings one of them, the other stays."""
    captions = Captions()
    for one in (caption(0, "Hello", final=False), caption(1, "你好", language="Mandarin")):
        assert isinstance(one.event, CaptionSpoken)
        captions.take(one.event, one.id, 1)

    (sentence,) = captions.sentences
    assert sentence.texts == (("English", "Hello"), ("Mandarin", "你好"))


def test_the_same_frame_twice_says_it_once() -> None:
    """And one without a line says nothing."""
    again = caption(0, "One.")
    assert isinstance(again.event, CaptionSpoken)
    empty = Told(again.topic, replace(again.event, lines=[]), 1)

    assert said(again, again, empty) == [("a", True, "One.")]
    assert said(*(caption(number, f"{number}.") for number in range(9)), most=3)[0] == ("a", True, "6.")


def test_a_roster_is_whole_when_all_its_parts_are_there() -> None:
    """Until then nobody goes, and who comes meanwhile stays."""
    rosters = Roster()
    for one in (
        roster(0, person("a"), person("b")),
        roster(1, person("c"), snapshot="t", part=1, parts=2),
        changed(2, person("d")),
    ):
        assert isinstance(one.event, RosterReplaced | ParticipantChanged)
        rosters.take(one.event, 1)
    assert sorted(rosters.people) == ["a", "b", "c", "d"]

    last = roster(3, person("a"), snapshot="t", part=2, parts=2).event
    assert isinstance(last, RosterReplaced)
    rosters.take(last, 1)

    assert sorted(rosters.people) == ["a", "c", "d"]


def test_the_waiting_room_is_counted_and_the_invited_are_not() -> None:
    """Two of the three rosters are no concern of who is in the meeting."""
    rosters = Roster()
    for one in (
        changed(0, person("a"), which="waiting"),
        changed(1, person(None, call_number="1"), which="waiting"),
        gone(2, person("a"), which="waiting"),
        gone(2, person("z")),
        changed(3, person("b"), which="invited"),
    ):
        assert isinstance(one.event, ParticipantChanged | ParticipantGone)
        rosters.take(one.event, 1)

    assert (rosters.waiting, rosters.people, list(rosters.timeline)) == (1, {}, [])


def test_only_the_newest_holdings_are_remembered() -> None:
    """A meeting ID that is used for years does not fill the memory."""
    life = Lifecycle()
    for number in range(9):
        event = lifecycle(MeetingStarted, number * 100, f"u-{number}").event
        assert isinstance(event, MeetingStarted)
        life.take(event)

    newest = life.newest()
    assert newest is not None
    assert (newest.uuid, life.of("u-0"), life.of("u-8")) == ("u-8", None, newest)
    assert newest.first_at == after(0) + timedelta(seconds=800)
