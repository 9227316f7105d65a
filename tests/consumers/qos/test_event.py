"""What a decision says of itself, on its topic."""

from __future__ import annotations

from datetime import UTC, datetime

from consumers.qos.event import alert_changed, record_of
from schemas.events import AlertChanged, AlertSample, AlertTrouble, decode
from schemas.record import partition_of
from schemas.rules import NoData, QosRules, RollUp, Rule
from schemas.topics import ALERTS

from .engine.told import START_MS, at, decided, ended, loss, sample, subscription

LOSS = Rule(name="loss", metric="packet_loss_ratio", above=0.1, clear=0.05, for_s=0.0)
LATE = NoData(participant_after_s=3_600, meeting_after_s=3_600, all_after_s=3_600)
RULES = QosRules(rules=(LOSS,), no_data=LATE, roll_ups=(RollUp(level="site", meetings=2),))


def test_an_alert_says_why_it_fired_on_which_samples_and_what_would_end_it() -> None:
    """All of it in the event, so that nobody needs the rule file to understand it."""
    (change,) = decided(RULES, [sample("p-1", 3, loss(0.2))], until=20)

    assert alert_changed(change, RULES) == AlertChanged(
        alert_id=change.alert.id,
        enterprise="acme",
        change="fired",
        level="participant",
        place="acme/m-1/p-1",
        meeting_id="m-1",
        participant_id="p-1",
        severity="warning",
        since=at(3),
        occurred_at=at(5),
        because=None,
        troubles=[
            AlertTrouble(
                check="loss/audio/sent",
                rule="loss",
                severity="warning",
                since=at(3),
                people=1,
                metric="packet_loss_ratio",
                above=0.1,
                below=None,
                clear=0.05,
                bad=1,
                of=1,
                for_s=0.0,
                keep_firing_for_s=60.0,
                samples=[AlertSample(measured_at=at(3), value=0.2, bad=True)],
            )
        ],
        people=1,
        measured=1,
        meetings=1,
        direction="uplink",
        held_by=None,
        muted=False,
    )


def test_a_silence_says_for_how_long_there_was_nothing() -> None:
    """It has no figures."""
    rules = QosRules(no_data=NoData(participant_after_s=60, meeting_after_s=3_600, all_after_s=3_600))

    (change,) = decided(rules, [sample("p-1", 3, loss(0.2))], until=100)

    (trouble,) = alert_changed(change, rules).troubles
    assert (trouble.check, trouble.for_s, trouble.metric, trouble.samples) == ("no-data", 60.0, None, [])


def test_an_end_says_whether_it_is_good_again_or_nobody_is_left() -> None:
    """A meeting's end is no recovery."""
    bad, end = sample("p-1", 3, loss(0.2)), ended(22)
    good = sample("p-1", 8, loss(0.0))

    assert decided(RULES, [bad, end], until=60)[-1].because == "gone"
    assert decided(RULES, [bad, good], until=120)[-1].because == "good"


def test_the_end_of_what_is_about_several_meetings_says_so_too() -> None:
    """A site that nobody is at any more is gone; one where it is good again is good."""
    bad = [sample(f"p-{n}", 3, loss(0.3), meeting=f"m-{n % 2}", site="深圳") for n in range(4)]
    good = [sample(f"p-{n}", 13, loss(0.0), meeting=f"m-{n % 2}", site="深圳") for n in range(4)]
    ends = [ended(23, meeting=f"m-{n}") for n in range(2)]

    gone = [one.because for one in decided(RULES, [*bad, *ends], until=60) if one.alert.level == "site"]
    well = [one.because for one in decided(RULES, [*bad, *good], until=120) if one.alert.level == "site"]
    assert (gone, well) == ([None, "gone"], [None, "good"])


def test_a_silence_of_all_is_over_with_the_next_sample() -> None:
    """It is about no meeting and no enterprise, and its records are of a source of their own."""
    rules = QosRules(no_data=NoData(participant_after_s=3_600, meeting_after_s=60, all_after_s=60))
    told = [subscription("opened", 1), sample("p-1", 3, loss(0.0)), sample("p-1", 200, loss(0.0))]

    changes = [one for one in decided(rules, told, until=230) if one.alert.level == "all_silent"]

    assert [(one.change, one.because) for one in changes] == [("fired", None), ("resolved", "good")]
    assert record_of(changes[0], rules, 12).enterprise == "all"


def test_its_record_is_the_same_whoever_decides_it() -> None:
    """Keyed by its meeting where it is about one, else by itself."""
    (change,) = decided(RULES, [sample("p-1", 3, loss(0.2))], until=20)

    record = record_of(change, RULES, 12)

    assert (record.topic, record.key, record.partition) == (ALERTS, "m-1", partition_of("m-1", 12))
    assert (record.id, record.received_ms) == (f"{change.id}-0", START_MS + 5_000)
    assert record.occurred_at == datetime.fromtimestamp(START_MS / 1_000 + 5, UTC)
    assert decode(record.value) == alert_changed(change, RULES)
