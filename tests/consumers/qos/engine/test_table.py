"""Whatever is left out because nothing in it can be bad: nothing that counts is left out."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consumers.qos.engine.checks import Checks, Reading, Verdict
from consumers.qos.engine.table import Check, judge
from schemas.events import Flow, QualitySampled
from schemas.rules import OF_A_FLOW, QosRules, Rule

from .told import sample

_limits = st.sampled_from([0.05, 0.1, 0.2, 0.5])
_metrics = ["packet_loss_ratio", "jitter_ms", "frame_rate_fps", "round_trip_ms", "client_cpu_ratio"]


def _rule(number: int, metric: str, limit: float, under: bool, hysteresis: float, modality: str | None) -> Rule:
    clear = limit + hysteresis if under else limit - hysteresis
    where: dict[str, Any] = {"modality": modality} if metric in OF_A_FLOW else {}
    way = {"below": limit} if under else {"above": limit}
    return Rule(name=f"r-{number}", metric=metric, clear=clear, **way, **where)  # type: ignore[arg-type]  # of the lists


_figures = st.lists(
    st.tuples(
        st.sampled_from(_metrics),
        _limits,
        st.booleans(),
        st.sampled_from([0.0, 0.04]),
        st.sampled_from(["audio", None]),
    ),
    max_size=8,
)
_words = st.lists(st.sampled_from(["alarm", "client alarm", "rating"]), unique=True)
_value = st.one_of(st.none(), st.sampled_from([0.0, 0.01, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.54, 1.0]))
_flows = st.lists(
    st.builds(
        Flow,
        modality=st.sampled_from(["audio", "video", "screen", "hologram"]),
        direction=st.sampled_from(["sent", "received"]),
        packet_loss_ratio=_value,
        jitter_ms=_value,
        frame_rate_fps=_value,
        alarms=st.sampled_from([[], ["jitter"]]),
    ),
    max_size=4,
)


def _rules(figures: list[tuple[str, float, bool, float, str | None]], words: list[str]) -> QosRules:
    rules = [_rule(number, *figure) for number, figure in enumerate(figures)]
    told = {
        "alarm": Rule(name="alarm", metric="alarm"),
        "client alarm": Rule(name="client", metric="alarm", modality="client"),
        "rating": Rule(name="rating", metric="rating"),
    }
    return QosRules(rules=(*rules, *(told[word] for word in words)))


def _sample(flows: list[Flow], rtt: float | None, cpu: float | None, rating: str | None, flag: bool) -> QualitySampled:
    event = sample("p-1", 1, *flows, rtt=rtt).event
    assert isinstance(event, QualitySampled)
    values = {name: getattr(event, name) for name in event.__struct_fields__}
    alarms = ["client_cpu"] if flag else []
    return QualitySampled(**(values | {"client_cpu_ratio": cpu, "rating": rating, "alarms": alarms}))


def _by_hand(check: Check, told: QualitySampled) -> list[Reading]:
    """Return what a sample says to one check, asked alone."""
    metric, number = check.rule.metric, check.number
    if metric == "rating":
        return [] if told.rating is None else [Reading(number, Verdict(told.rating.lower() != "good"), None)]
    if metric == "alarm" and check.modality == "client":
        return [Reading(number, Verdict(bool(told.alarms)), None)]
    found: list[Reading] = []
    for one in told.flows if check.modality else [told]:
        if isinstance(one, Flow) and (one.modality, one.direction) != (check.modality, check.direction):
            continue
        if metric == "alarm":
            found.append(Reading(number, Verdict(bool(one.alarms)), None))
        elif (value := getattr(one, metric)) is not None:
            found.append(Reading(number, judge(check.rule)(value), value))
    return found


@given(
    figures=_figures,
    words=_words,
    flows=_flows,
    rtt=_value,
    cpu=_value,
    rating=st.sampled_from([None, "Good", "bad"]),
    flag=st.booleans(),
)
def test_what_counts_is_read(
    figures: Any, words: Any, flows: list[Flow], rtt: float | None, cpu: float | None, rating: str | None, flag: bool
) -> None:
    """All that is bad where nothing is remembered; all there is where something is."""
    checks, told = Checks(_rules(figures, words)), _sample(flows, rtt, cpu, rating, flag)

    everything = sorted((one for check in checks.all for one in _by_hand(check, told)), key=repr)
    remembered = sorted(checks.readings(told, {0: object()}), key=repr)
    bad = sorted((one for one in checks.readings(told, {}) if one.verdict is Verdict.BAD), key=repr)

    assert remembered == everything
    assert bad == [one for one in everything if one.verdict is Verdict.BAD]
