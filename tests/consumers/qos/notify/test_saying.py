"""An alert in words, in two languages; and what strangers' names can do there: nothing."""

from __future__ import annotations

import unicodedata
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.qos.notify.letter import Letter, News
from consumers.qos.notify.saying import Said, Voice, clean, figure
from consumers.qos.notify.words import CHINESE, ENGLISH
from schemas.events import AlertChanged

from ..alerting import alert, at, trouble

SHANGHAI = ZoneInfo("Asia/Shanghai")


def said(event: AlertChanged, news: News = "firing", language: str = "en", link: str | None = None) -> Said:
    """Return an alert in words."""
    return Voice(language, SHANGHAI, "meetwire", link).say(Letter("d-1", news, event))


def test_an_alert_says_what_where_why_how_many_since_when_and_what_ends_it() -> None:
    """All that somebody needs who was just woken, in the time of their clock."""
    assert said(alert()) == Said(
        "meetwire [warning] firing: site 深圳",
        [
            "audio sent packet loss 12 %, above 10 %, 3 of 5 samples, for 30 s",
            "4 of 5 people, in 2 meetings, only what they send",
            "since 2026-07-01 20:00:00 (Asia/Shanghai)",
            "ends once packet loss is 5 % or less for 60 s",
        ],
    )


def test_an_alert_says_so_in_chinese() -> None:
    """The same, in the words of those who run most of these meetings."""
    assert said(alert(), language="zh") == Said(
        "meetwire【警告】触发：地点 深圳",
        [
            "音频发送 丢包率 12 %，超过 10 %，5 次采样中 3 次，持续 30 秒",
            "5 人中 4 人，涉及 2 个会议，只有发送方向（上行）",
            "自 2026-07-01 20:00:00 (Asia/Shanghai)",
            "解除条件：丢包率不超过 5 %，持续 60 秒",
        ],
    )


def test_an_end_says_how_long_it_was_and_why_it_is_over() -> None:
    """And no longer what would end it."""
    assert said(alert("resolved", 600), "resolved").lines == [
        "audio sent packet loss 12 %, above 10 %, 3 of 5 samples, for 30 s",
        "4 of 5 people, in 2 meetings, only what they send",
        "over at 2026-07-01 20:10:00 (Asia/Shanghai), after 10 min, the figures are good again",
    ]
    assert (
        said(alert("resolved", 9_000, because="gone"), "resolved")
        .lines[-1]
        .endswith("after 2.5 h, nobody is left there")
    )


def test_silence_and_the_services_own_words_have_no_figures() -> None:
    """No data is a state; a flag is no number; a later version's check is at least named."""
    silent = trouble(check="no-data", metric=None, above=None, clear=None, of=0, for_s=180, samples=[])
    flag = trouble(check="flag/video/received", metric="alarm", above=None, clear=None, of=1, for_s=0, value=None)
    later = trouble(check="x-ray", metric=None, above=None, clear=None, of=0, for_s=0, samples=[])
    by_service = trouble(threshold_from="service", of=1, for_s=0)
    slow = trouble(metric="frame_rate_fps", above=None, below=7.0, clear=10.0, value=3.0, of=1, for_s=0)

    assert said(alert(troubles=[silent, flag, later, by_service])).lines[:4] == [
        "no data, for 3 min",
        "video received the service's alarm",
        "x-ray",
        "audio sent packet loss 12 %, above 10 % (the service's threshold)",
    ]
    assert said(alert(troubles=[slow], people=1)).lines == [
        "audio sent frame rate 3 fps, below 7 fps",
        "since 2026-07-01 20:00:00 (Asia/Shanghai)",
        "ends once frame rate is 10 fps or more for 60 s",
    ]


def test_of_many_troubles_four_are_told_and_the_rest_counted() -> None:
    """A message is no report."""
    lines = said(alert(troubles=[trouble()] * 6)).lines

    assert lines[:5] == [lines[0]] * 4 + ["and 2 more"]


def test_of_one_meeting_and_both_ways_nothing_more_is_said() -> None:
    """Only how many."""
    assert said(alert(meetings=1, direction=None)).lines[1] == "4 of 5 people"


@pytest.mark.parametrize(
    ("level", "where"),
    [
        ("participant", "participant p-1 in meeting m-1"),
        ("meeting", "meeting m-1"),
        ("meeting_silent", "no data from meeting m-1"),
        ("all_silent", "no data from any meeting"),
        ("watchdog", "watchdog: alerts get through as long as this stands"),
        ("floor", "floor 深圳"),
    ],
)
def test_each_level_says_where_in_its_own_way(level: str, where: str) -> None:
    """One of a later version by its name."""
    event = alert(level=level, meeting_id="m-1", participant_id="p-1")

    assert said(event).headline == f"meetwire [warning] firing: {where}"


def test_both_languages_have_the_same_words() -> None:
    """No table of one lacks what the other has."""
    for name in ("news", "severities", "levels", "metrics", "modalities", "directions", "causes", "endings"):
        english, chinese = getattr(ENGLISH, name), getattr(CHINESE, name)
        assert english
        assert english.keys() == chinese.keys()


def test_a_link_leads_to_the_alert() -> None:
    """Where the operator says so."""
    assert said(alert(), link="https://a.example/{alert}").link == f"https://a.example/{alert().alert_id}"


def test_a_test_says_that_nothing_is_wrong() -> None:
    """Or somebody gets up for nothing."""
    assert said(alert(level="test", place="ops"), "test") == Said(
        "meetwire [warning] test: a test of this channel", ["This is a test. Nothing is wrong."]
    )


@given(st.text(max_size=300))
def test_a_strangers_name_is_one_short_line_that_commands_nothing(name: str) -> None:
    """No control or format character, no line break, no address that a program makes a link of."""
    shown = clean(name)

    assert len(shown) <= 120
    assert "://" not in shown
    assert not [one for one in shown if unicodedata.category(one) in ("Cc", "Cs", "Cn", "Co", "Zl", "Zp")]
    assert "\n" not in said(alert(place=f"acme/{name}")).headline


@pytest.mark.parametrize(
    ("metric", "value", "shown"),
    [
        ("packet_loss_ratio", 0.1234567, "12.35 %"),
        ("jitter_ms", 31.0, "31 ms"),
        ("bitrate_bps", 512_000, "512 kbit/s"),
        ("frame_rate_fps", 6.5, "6.5 fps"),
        ("something", 3, "3"),
    ],
)
def test_figures_have_their_units(metric: str, value: float, shown: str) -> None:
    """And no more digits than anybody reads."""
    assert figure(metric, value) == shown


def test_times_are_those_of_the_operators_zone() -> None:
    """A summer's day in London is an hour ahead of UTC."""
    voice = Voice("en", ZoneInfo("Europe/London"), "x", None)

    assert "since 2026-07-01 13:00:05 (Europe/London)" in voice.say(Letter("d", "firing", alert(since=at(5)))).lines
