"""Silence: from when on it is counted, and what it is over with."""

from __future__ import annotations

import pytest

from consumers.qos.engine.engine import Engine
from schemas.rules import NoData, QosRules

from .told import START_MS, brief, loss, run, sample, subscription

RULES = QosRules(no_data=NoData(participant_after_s=3_600, meeting_after_s=300, all_after_s=300), watchdog=True)
NIGHT = 12 * 3_600.0
EVENING = (
    subscription("opened", 1),
    sample("p-1", 3, loss(0.0)),
    subscription("closed", 20, reason="meeting_over"),
)


def after_a_night() -> Engine:
    """Return an engine that heard something the evening before."""
    engine = Engine(RULES)
    run(engine, EVENING, until=60)
    return engine


@pytest.mark.parametrize("first", [60, 290])
def test_the_first_meeting_of_a_day_is_no_silence_of_all(first: float) -> None:
    """At night nobody listened: silence is counted from when somebody does."""
    engine = after_a_night()
    morning = [subscription("opened", NIGHT + 1), sample("p-1", NIGHT + first, loss(0.0))]

    assert run(engine, morning, until=NIGHT + 300) == []


def test_nor_is_a_meeting_that_is_listened_to_again_after_an_outage() -> None:
    """It is on all the while; but what was not listened to was not silent."""
    outage = [subscription("lost", 100), subscription("opened", 1_000, epoch=2), sample("p-1", 1_200, loss(0.0))]

    changes = run(Engine(RULES), [*EVENING[:2], *outage], until=1_300)

    assert [level for _, level, _, _ in brief(changes)] == ["watchdog"]


def test_a_day_that_begins_in_silence_is_one_from_when_the_first_meeting_is_listened_to() -> None:
    """Those that are opened later put nothing off."""
    engine = after_a_night()
    morning = [subscription("opened", NIGHT + 1), subscription("opened", NIGHT + 200, meeting="m-2")]

    changes = run(engine, morning, until=NIGHT + 320)

    assert brief(changes) == [
        ("fired", "all_silent", "all", NIGHT + 305),
        ("held_back", "meeting_silent", "acme/m-1", NIGHT + 305),
    ]
    assert changes[0].alert.since_ms == START_MS + int(NIGHT + 301) * 1_000
