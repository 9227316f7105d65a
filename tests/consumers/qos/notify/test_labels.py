"""What an alert is known by, and which silences it is under."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.qos.notify.labels import fits, gravity, labels, like, silenced_by
from schemas.events import AlertSilenced, SilenceMatcher

from ..alerting import alert, at, matcher, trouble


def silence(name: str, since: float, until: float, *matchers: SilenceMatcher) -> AlertSilenced:
    """Return a silence between two times past noon."""
    return AlertSilenced(
        silence_id=name,
        matchers=list(matchers) or [matcher("level", "site")],
        starts_at=at(since),
        ends_at=at(until),
        who="lin",
        why="works",
        ended=False,
        occurred_at=at(since),
    )


def test_labels_stay_the_same_and_leave_out_what_is_not_known() -> None:
    """Nothing in them is a count, a time or a name of a person."""
    assert labels(alert()) == {
        "alert_id": alert().alert_id,
        "enterprise": "acme",
        "level": "site",
        "place": "acme/深圳",
        "severity": "warning",
    }
    assert labels(alert("updated", 60, people=9, held_by="x", muted=True)) == labels(alert())


def test_labels_of_a_participant_name_the_meeting() -> None:
    """So that silences and routes can tell meetings apart."""
    told = labels(alert(level="participant", place="acme/m-1/p-1", meeting_id="m-1", participant_id="p-1"))

    assert (told["meeting_id"], told["participant_id"]) == ("m-1", "p-1")


@pytest.mark.parametrize(
    ("matchers", "fit"),
    [
        pytest.param([("level", "site")], True, id="equal"),
        pytest.param([("place", "acme/*")], True, id="star"),
        pytest.param([("place", "acme/??")], True, id="question marks"),
        pytest.param([("place", "ACME/*")], False, id="the case counts"),
        pytest.param([("level", "site"), ("enterprise", "other")], False, id="one of two"),
        pytest.param([("meeting_id", "*")], True, id="a star fits what is not there"),
        pytest.param([("meeting_id", "?*")], False, id="anything does not fit what is not there"),
        pytest.param([("rule", "audio-*")], True, id="rule"),
        pytest.param([("rule", "video-*")], False, id="another rule"),
        pytest.param([], False, id="none"),
    ],
)
def test_matchers_fit_together_or_not_at_all(matchers: list[tuple[str, str]], fit: bool) -> None:
    """All of them; and none at all is nothing that anybody meant."""
    assert fits(alert(), [matcher(*one) for one in matchers]) is fit


def test_a_rule_fits_where_it_fits_all_that_is_broken() -> None:
    """A silence about one rule hides no other trouble at the same place."""
    both = alert(troubles=[trouble(), trouble(rule="video-loss")])

    assert not fits(both, [matcher("rule", "audio-loss")])
    assert fits(both, [matcher("rule", "*-loss")])
    assert not fits(alert(troubles=[]), [matcher("rule", "*")])


@given(st.text(alphabet="ab[]!-*?", max_size=8))
def test_nothing_but_star_and_question_mark_is_special(text: str) -> None:
    """Brackets are common in names of departments."""
    plain = text.replace("*", "").replace("?", "")

    assert like(plain, plain)
    assert like(f"{plain}x", f"{plain}?")
    assert like(f"x{plain}", f"*{plain}")


def test_a_silence_holds_from_its_beginning_until_before_its_end() -> None:
    """Neither earlier nor later; of several the one that ends last is named."""
    short, long = silence("short", 10, 20), silence("long", 15, 30)
    other = silence("other", 0, 99, matcher("level", "meeting"))
    named = [silenced_by(alert(), [short, long, other], at(second)) for second in (9, 10, 17, 20, 30)]

    assert named == [None, short, long, long, None]


def test_a_severity_that_is_not_known_is_the_gravest() -> None:
    """A later version's word must not keep an alert from being told."""
    assert [gravity(one) for one in ("info", "warning", "critical", "fatal")] == [0, 1, 2, 3]
