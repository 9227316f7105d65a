"""From records to decisions: when an alert begins, what it says, and when it is over."""

from __future__ import annotations

import pytest

from consumers.qos.engine.engine import Engine
from consumers.qos.engine.standing import Seen
from schemas.events import Person
from schemas.rules import NoData, QosRules, QuietHours, RollUp, Rule, Scope

from .told import START_MS, brief, decided, ended, loss, roster, run, sample, subscription

LOSS = Rule(name="loss", metric="packet_loss_ratio", modality="audio", above=0.1, for_s=0, keep_firing_for_s=10)
# No silence within the minutes that these tests last, unless they say so.
LATE = NoData(participant_after_s=3_600, meeting_after_s=3_600, all_after_s=3_600)


def rules(*several: Rule, **others: object) -> QosRules:
    """Return a rule file."""
    return QosRules(rules=several, **({"no_data": LATE} | others))  # type: ignore[arg-type]  # as each test says


def test_one_bad_sample_is_an_alert_where_the_rule_does_not_wait() -> None:
    """It fires at the end of its tick, and says on which sample."""
    (change,) = decided(rules(LOSS), [sample("p-1", 3, loss(0.2))], until=30)

    (trouble,) = change.alert.troubles
    assert brief([change]) == [("fired", "participant", "acme/m-1/p-1", 5.0)]
    assert trouble.seen == (Seen(START_MS + 3_000, 0.2, True),)
    assert (trouble.check, change.alert.direction, change.alert.severity) == ("loss/audio/sent", "uplink", "warning")


def test_it_is_over_when_it_has_been_good_for_as_long_as_the_rule_says() -> None:
    """A good sample begins the wait; a bad one in between ends it."""
    samples = [(3, 0.2), (8, 0.0), (13, 0.2), (18, 0.0), (33, 0.0)]

    changes = decided(rules(LOSS), [sample("p-1", when, loss(ratio)) for when, ratio in samples], until=60)

    assert brief(changes) == [
        ("fired", "participant", "acme/m-1/p-1", 5.0),
        ("resolved", "participant", "acme/m-1/p-1", 30.0),
    ]


def test_for_waits_until_it_has_been_bad_for_so_long() -> None:
    """And a good sample in between begins it anew."""
    rule = Rule(name="loss", metric="packet_loss_ratio", above=0.1, for_s=10)
    samples = [(1, 0.2), (6, 0.0), (11, 0.2), (16, 0.2), (20, 0.2), (26, 0.2)]

    changes = decided(rules(rule), [sample("p-1", when, loss(ratio)) for when, ratio in samples], until=30)

    assert brief(changes) == [("fired", "participant", "acme/m-1/p-1", 25.0)]


@pytest.mark.parametrize(
    ("ratios", "fired"),
    [
        pytest.param([0.2, 0.0, 0.2, 0.0, 0.2], [25.0], id="three of five"),
        pytest.param([0.2, 0.0, 0.2, 0.0, 0.0], [], id="two of five"),
        pytest.param([0.2, 0.0, 0.0, 0.2, 0.0, 0.2, 0.2], [35.0], id="the first one is out of the window"),
    ],
)
def test_so_many_of_so_many_samples(ratios: list[float], fired: list[float]) -> None:
    """One bad sample in a noisy line is nothing."""
    rule = Rule(name="loss", metric="packet_loss_ratio", above=0.1, for_s=0, bad=3, of=5)

    changes = decided(rules(rule), [sample("p-1", 4 + 5 * n, loss(ratio)) for n, ratio in enumerate(ratios)], until=60)

    assert [when for *_, when in brief(changes)] == fired


def test_between_the_two_thresholds_it_is_what_it_was() -> None:
    """So a figure that trembles around a threshold is one alert."""
    rule = Rule(name="loss", metric="packet_loss_ratio", above=0.1, clear=0.05, for_s=0, keep_firing_for_s=0)
    samples = [(3, 0.08), (8, 0.12), (13, 0.08), (18, 0.04)]

    changes = decided(rules(rule), [sample("p-1", when, loss(ratio)) for when, ratio in samples], until=40)

    assert [(change, when) for change, _, _, when in brief(changes)] == [("fired", 10.0), ("resolved", 20.0)]


def test_below_is_the_other_way_round() -> None:
    """A frame rate can be too low."""
    rule = Rule(name="slow", metric="round_trip_ms", below=5, for_s=0)

    changes = decided(rules(rule), [sample("p-1", 3, rtt=9.0), sample("p-2", 3, rtt=1.0)], until=20)

    assert [place for _, _, place, _ in brief(changes)] == ["acme/m-1/p-2"]


def test_a_sample_that_comes_twice_or_late_counts_once() -> None:
    """What was measured before the newest one that counted is no news."""
    rule = Rule(name="loss", metric="packet_loss_ratio", above=0.1, for_s=0, bad=2, of=2)
    once = sample("p-1", 3, loss(0.2))

    assert decided(rules(rule), [once, once], until=30) == []


def test_several_rules_that_one_line_breaks_are_one_alert() -> None:
    """Named in it, with the gravest severity."""
    slow = Rule(name="slow", metric="round_trip_ms", above=500, for_s=0, severity="critical")

    (change,) = decided(rules(LOSS, slow), [sample("p-1", 3, loss(0.2), rtt=900.0)], until=20)

    assert [one.check for one in change.alert.troubles] == ["loss/audio/sent", "slow"]
    assert change.alert.severity == "critical"


def test_a_rule_holds_where_its_scope_says() -> None:
    """What is not known of somebody fits no pattern."""
    rule = Rule(name="loss", metric="packet_loss_ratio", above=0.1, for_s=0, where=Scope(departments=("r*",)))
    people = [Person(participant_id="p-1", department="R&D"), Person(participant_id="p-2", department="Sales")]
    bad = [sample(who, 3, loss(0.2)) for who in ("p-1", "p-2", "p-3")]

    changes = decided(rules(rule), [roster(1, people), *bad], until=20)

    assert [place for _, _, place, _ in brief(changes)] == ["acme/m-1/p-1"]


def test_who_leaves_has_no_alert() -> None:
    """By the roster, by the service's word, or with the end of the meeting."""
    bad = [sample(who, 3, loss(0.2)) for who in ("p-1", "p-2", "p-3")]
    there = [Person(participant_id=who) for who in ("p-2", "p-3")]

    changes = decided(rules(LOSS), [*bad, roster(12, there), sample("p-2", 22, over=True), ended(32)], until=60)

    over = [one for one in changes if one.change == "resolved"]
    assert [one.because for one in over] == ["gone"] * 3
    assert [(change, place[-3:], when) for change, _, place, when in brief(changes) if change == "resolved"] == [
        ("resolved", "p-1", 15.0),
        ("resolved", "p-2", 25.0),
        ("resolved", "p-3", 35.0),
    ]


def test_a_roster_in_parts_takes_nobody_out_before_it_is_whole() -> None:
    """Who is in a later part is there."""
    bad = [sample(who, 3, loss(0.2)) for who in ("p-1", "p-2")]
    parts = [
        roster(12, [Person(participant_id="p-1")], part=1, parts=2),
        roster(12.5, [Person(participant_id="p-2")], part=2, parts=2),
    ]

    changes = decided(rules(LOSS), [*bad, *parts], until=40)

    assert [change for change, *_ in brief(changes)] == ["fired", "fired"]


def test_a_bad_site_is_one_alert_over_three_meetings() -> None:
    """With the count, the share, the direction; those beneath it are held back, and nobody else is."""
    site = RollUp(level="site", at_least=3, share=0.5, meetings=2)
    bad = [sample(f"p-{n}", 3, loss(0.3), meeting=f"m-{n % 3}", site="深圳") for n in range(6)]
    good = [sample(f"q-{n}", 3, loss(0.0), meeting=f"m-{n % 3}", site="北京") for n in range(6)]
    lonely = sample("q-7", 4, loss(0.3), meeting="m-1", site="北京")

    changes = decided(rules(LOSS, roll_ups=(site,)), [*bad, *good, lonely], until=20)

    wide = changes[[one.alert.level for one in changes].index("site")]
    assert (wide.alert.place, wide.alert.people, wide.alert.measured, wide.alert.meetings) == ("acme/深圳", 6, 6, 3)
    assert (wide.alert.direction, wide.alert.severity) == ("uplink", "critical")
    assert [one.change for one in changes] == ["fired"] * 2 + ["held_back"] * 6
    assert {one.alert.held_by for one in changes if one.change == "held_back"} == {wide.alert.id}


def test_beneath_a_roll_up_that_is_over_what_still_fires_is_told() -> None:
    """Released, once the place has less than half of what made it one."""
    meeting = RollUp(level="meeting", at_least=4, share=0.5)
    bad = [sample(f"p-{n}", 3, loss(0.3)) for n in range(4)]
    healed = [sample(f"p-{n}", 13, loss(0.0)) for n in range(3)]

    changes = decided(rules(LOSS, roll_ups=(meeting,)), [*bad, *healed], until=60)

    assert brief(changes)[0] == ("fired", "meeting", "acme/m-1", 5.0)
    assert sorted(brief(changes)[5:]) == sorted(
        [
            ("resolved", "meeting", "acme/m-1", 25.0),
            *[("resolved", "participant", f"acme/m-1/p-{n}", 25.0) for n in range(3)],
            ("released", "participant", "acme/m-1/p-3", 25.0),
        ]
    )


def test_silence_is_a_state_of_its_own_and_never_taken_for_good() -> None:
    """What fires goes on to fire; the silence is told beside it, and is over with the next sample."""
    no_data = NoData(participant_after_s=60, meeting_after_s=3_600, all_after_s=3_600)
    samples = [(3, 0.2), (13, 0.2), (200, 0.2)]

    changes = decided(
        rules(LOSS, no_data=no_data), [sample("p-1", when, loss(ratio)) for when, ratio in samples], until=230
    )

    assert [(one.change, [t.check for t in one.alert.troubles]) for one in changes] == [
        ("fired", ["loss/audio/sent"]),
        ("updated", ["loss/audio/sent", "no-data"]),
        ("updated", ["loss/audio/sent"]),
    ]


def test_a_meeting_that_is_listened_to_and_has_no_samples_is_one_alert() -> None:
    """Not one for each of its people; and none where nobody listens."""
    no_data = NoData(participant_after_s=60, meeting_after_s=120, all_after_s=3_600)
    heard = [sample(f"p-{n}", 3 + n, loss(0.0)) for n in range(3)]
    other = [sample("q-1", when, loss(0.0), meeting="m-2") for when in range(3, 400, 30)]

    changes = decided(
        rules(LOSS, no_data=no_data),
        [subscription("opened", 1), *heard, subscription("opened", 1, meeting="m-2"), *other],
        until=400,
    )

    assert brief(changes) == [
        *[("fired", "participant", f"acme/m-1/p-{n}", 65.0) for n in (0, 1)],
        ("fired", "participant", "acme/m-1/p-2", 65.0),
        ("fired", "meeting_silent", "acme/m-1", 125.0),
        *[("held_back", "participant", f"acme/m-1/p-{n}", 125.0) for n in range(3)],
    ]


def test_a_meeting_that_somebody_took_over_is_listened_to_though_the_other_ends_late() -> None:
    """By the epoch of the subscription, not by who says something last."""
    no_data = NoData(participant_after_s=3_600, meeting_after_s=120, all_after_s=3_600)
    moved = [
        subscription("opened", 1),
        subscription("opened", 10, epoch=2),
        subscription("closed", 11, reason="moved"),
        subscription("closed", 12, reason="meeting_over"),
    ]

    changes = decided(rules(LOSS, no_data=no_data), [*moved, sample("p-1", 13, loss(0.0))], until=300)

    assert brief(changes) == [("fired", "meeting_silent", "acme/m-1", 135.0)]


def test_nothing_from_anywhere_is_an_alert_of_its_own() -> None:
    """While a meeting is listened to."""
    no_data = NoData(participant_after_s=3_600, meeting_after_s=60, all_after_s=120)

    changes = decided(rules(LOSS, no_data=no_data), [subscription("opened", 1), sample("p-1", 3, loss(0.0))], until=300)

    assert ("fired", "all_silent", "all") in [(change, level, place) for change, level, place, _ in brief(changes)]


def test_a_note_stays_one_however_many_have_it() -> None:
    """Three busy laptops wake nobody; what is graver for half of them is as grave as the roll-up says."""
    note = Rule(name="note", metric="round_trip_ms", above=100, for_s=0, severity="info")
    file = rules(note, LOSS, roll_ups=(RollUp(level="meeting", at_least=3),))
    slow = [sample(who, 3, loss(0.0), rtt=200.0) for who in ("p-1", "p-2", "p-3", "p-4")]
    lossy = [sample(who, 3, loss(0.2), rtt=200.0) for who in ("p-1", "p-2")]

    notes, one, half = (
        [change.alert.severity for change in decided(file, told, until=20) if change.alert.level == "meeting"]
        for told in (slow, [*lossy[:1], *slow[1:]], [*lossy, *slow[2:]])
    )

    assert (notes, one, half) == (["info"], ["warning"], ["critical"])


def test_in_quiet_hours_it_fires_muted_and_is_told_when_they_are_over() -> None:
    """2027-01-15, 08:00 UTC is 16:00 in Shanghai."""
    quiet = QuietHours(since="15:00", until="16:01")
    rule = Rule(name="loss", metric="packet_loss_ratio", above=0.1, for_s=0, quiet=quiet)

    changes = decided(rules(rule), [sample("p-1", when, loss(0.2)) for when in range(3, 120, 10)], until=120)

    assert [(one.change, one.alert.muted) for one in changes] == [("fired", True), ("updated", False)]


def test_the_watchdog_always_fires() -> None:
    """Where it is missed, alerting is broken."""
    changes = decided(rules(watchdog=True), [sample("p-1", 3, loss(0.0))], until=30)

    assert brief(changes) == [("fired", "watchdog", "watchdog", 5.0)]
    assert [one.alert.since_ms for one in changes] == [START_MS + 5_000]


def test_the_watchdog_waits_for_no_meeting() -> None:
    """Nothing is on: a sign of life is enough, and it fires once."""
    engine = Engine(rules(watchdog=True))

    changes = run(engine, [], until=600)

    assert brief(changes) == [("fired", "watchdog", "watchdog", 5.0)]
    assert run(engine, [], until=900) == []


def test_nothing_is_decided_before_every_partition_was_heard_of() -> None:
    """What may still come from there is waited for."""
    engine = Engine(rules(LOSS))
    engine.state.clock.expect([0, 1])

    assert run(engine, [sample("p-1", 3, loss(0.2))], until=60) == []
    assert engine.state.decided_ms == 0


def test_what_comes_after_its_tick_was_decided_is_counted_and_not_used() -> None:
    """Else a replay, to which it is not late, would decide otherwise."""
    engine = Engine(rules(LOSS))
    run(engine, [sample("p-1", 3, loss(0.0))], until=60)

    engine.take(sample("p-1", 4, loss(0.9)))

    assert (list(engine.decide()), engine.state.late) == ([], 1)
