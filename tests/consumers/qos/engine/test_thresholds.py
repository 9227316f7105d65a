"""The service's own thresholds win where a rule lets them, from the tick on in which they were read."""

from __future__ import annotations

import pytest

from consumers.qos.engine.checks import Checks
from consumers.qos.engine.engine import Engine
from consumers.qos.engine.state import Input
from consumers.qos.engine.thresholds import Limit, limit_of
from consumers.qos.event import alert_changed
from schemas.events import QualityThresholdsRead, ServiceThreshold
from schemas.rules import NoData, QosRules, Rule

from .told import again, at, brief, decided, loss, run, sample, told

LATE = NoData(participant_after_s=3_600, meeting_after_s=3_600, all_after_s=3_600)
LOSS = Rule(
    name="loss",
    metric="packet_loss_ratio",
    modality="audio",
    above=0.1,
    clear=0.05,
    service="packet_loss",
    for_s=0,
    keep_firing_for_s=0,
)
RULES = QosRules(rules=(LOSS,), no_data=LATE)
NOTHING = ServiceThreshold(sent=None, received=None)


def read(
    seconds: float, *, sent: float | None = 0.3, received: float | None = None, enterprise: str = "acme"
) -> QualityThresholdsRead:
    """Return what the service says of loss, and of a CPU."""
    return QualityThresholdsRead(
        enterprise=enterprise,
        occurred_at=at(seconds),
        latency_ms=NOTHING,
        jitter_ms=NOTHING,
        packet_loss_ratio=ServiceThreshold(sent=sent, received=received),
        client_cpu_ratio=0.8,
        system_cpu_ratio=None,
    )


def thresholds(seconds: float, *, enterprise: str = "acme") -> Input:
    """Return the record of it."""
    return told(read(seconds, enterprise=enterprise), seconds)


def test_the_services_threshold_is_taken_instead_of_the_rules() -> None:
    """What is above the rule's number and below the service's is not bad."""
    samples = [sample("p-1", 8, loss(0.2)), sample("p-1", 13, loss(0.4))]

    changes = decided(RULES, [thresholds(1), *samples], until=40)

    assert brief(changes) == [("fired", "participant", "acme/m-1/p-1", 15.0)]


def test_it_says_in_the_alert_whose_threshold_it_was() -> None:
    """And where a sample would be good again: in the proportion that the rule has."""
    (change,) = decided(RULES, [thresholds(1), sample("p-1", 13, loss(0.4))], until=40)

    (trouble,) = alert_changed(change, RULES).troubles
    assert (trouble.threshold_from, trouble.above, trouble.clear) == ("service", 0.3, 0.15)


def test_a_direction_and_an_enterprise_without_one_go_by_the_rule() -> None:
    """What the service does not say it does not change."""
    samples = [sample("p-1", 8, loss(0.2, "received")), sample("p-2", 8, loss(0.2))]
    changes = decided(RULES, [thresholds(1), thresholds(1, enterprise="other"), *samples], until=30)

    (trouble,) = alert_changed(changes[0], RULES).troubles
    assert brief(changes) == [("fired", "participant", "acme/m-1/p-1", 10.0)]
    assert (trouble.threshold_from, trouble.above, trouble.clear) == ("rule", 0.1, 0.05)


def test_rules_that_do_not_want_them_do_not_take_them() -> None:
    """service_thresholds = false."""
    rules = QosRules(rules=(LOSS,), no_data=LATE, service_thresholds=False)

    changes = decided(rules, [thresholds(1), sample("p-1", 8, loss(0.2))], until=30)

    assert brief(changes) == [("fired", "participant", "acme/m-1/p-1", 10.0)]


def test_they_hold_from_their_tick_on_and_not_before() -> None:
    """However the topics are mixed on the way: the record of thresholds comes last here, and its time counts."""
    samples = [sample("p-1", 3, loss(0.2)), sample("p-1", 8, loss(0.0)), sample("p-1", 18, loss(0.2))]

    changes = run(Engine(RULES), [*samples, thresholds(11)], until=40)

    assert brief(changes) == [
        ("fired", "participant", "acme/m-1/p-1", 5.0),
        ("resolved", "participant", "acme/m-1/p-1", 10.0),
    ]


def test_a_snapshot_has_them() -> None:
    """A process that starts again knows them without reading them again."""
    engine = Engine(RULES)
    before = run(engine, [thresholds(1)], until=20)
    after = run(again(engine, RULES), [sample("p-1", 53, loss(0.2))], until=80)

    assert (before, after) == ([], [])


@pytest.mark.parametrize(
    ("rule", "direction", "limit"),
    [
        pytest.param(LOSS, "sent", Limit(0.3, 0.15), id="in proportion"),
        pytest.param(LOSS, "received", None, id="nothing said of this direction"),
        pytest.param(Rule(name="a", metric="packet_loss_ratio", above=0.1), "sent", None, id="the rule does not ask"),
        pytest.param(
            Rule(name="a", metric="client_cpu_ratio", above=0.9, service="client_cpu_max"),
            None,
            Limit(0.8, 0.8),
            id="cpu",
        ),
        pytest.param(
            Rule(name="a", metric="system_cpu_ratio", above=0.9, service="system_cpu_max"),
            None,
            None,
            id="cpu, not said",
        ),
        pytest.param(
            Rule(name="a", metric="packet_loss_ratio", above=0.0, clear=0.0, service="packet_loss"),
            "sent",
            Limit(0.3, 0.3),
            id="a rule's nought has no proportion",
        ),
    ],
)
def test_what_the_service_says_for_a_rule(rule: Rule, direction: str | None, limit: Limit | None) -> None:
    """By the rule's figure and the check's direction."""
    assert limit_of(rule, direction, read(1)) == limit


def test_a_threshold_of_nought_counts_for_none() -> None:
    """Every sample would be bad by it."""
    assert limit_of(LOSS, "sent", read(1, sent=0.0)) is None


def test_nothing_is_said_where_nothing_was_read() -> None:
    """Before the first answer of the service, and where there is no App ID."""
    assert (limit_of(LOSS, "sent", None), Checks(RULES).limit("acme", 0)) == (None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"metric": "jitter_ms", "above": 30.0, "service": "packet_loss"}, id="another figure"),
        pytest.param({"metric": "packet_loss_ratio", "below": 0.1, "service": "packet_loss"}, id="no upper limit"),
        pytest.param({"metric": "alarm", "service": "latency"}, id="a flag"),
    ],
)
def test_a_rule_that_asks_the_service_for_another_figure_is_refused(wrong: dict[str, object]) -> None:
    """With what goes together."""
    with pytest.raises(ValueError, match=r"service = \w+ goes with \w+ and above"):
        Rule(name="a", **wrong)  # type: ignore[arg-type]  # wrong on purpose
