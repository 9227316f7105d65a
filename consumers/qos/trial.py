"""Run a test of a rule file: samples in, and what stands at the times that it names. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from schemas.events import AnyEvent, Flow, MeetingDescribed, QualitySampled, ReceiverAlive, Surroundings
from schemas.record import content_id
from schemas.rules import OF_A_FLOW, QosRules
from schemas.trials import Expected, Series, Stands, Trial

from .engine import TICK_MS
from .engine.alert import Alert
from .engine.engine import Engine
from .engine.state import Input
from .event import instant

# A tick begins there; what day it is matters to quiet hours alone.
START_MS: Final = 1_767_571_200_000


class Failure(msgspec.Struct, frozen=True):
    """What stood at a time, and should not have, or the other way round."""

    trial: str
    at_s: float
    missing: list[Stands]
    unexpected: list[Stands]


def tried(trial: Trial, rules: QosRules) -> list[Failure]:
    """Return where the rules do otherwise than the test says; an empty list where they do not."""
    engine = Engine(rules)
    inputs = sorted(_inputs(trial), key=lambda one: one.received_ms)
    expected = sorted(trial.expect, key=lambda one: one.at_s)
    last_ms = max([START_MS, *(one.received_ms for one in inputs), *(_ms(one.at_s) for one in expected)])
    failures, position = [], 0
    for now_ms in range(START_MS + TICK_MS, last_ms + 2 * TICK_MS, TICK_MS):
        while position < len(inputs) and inputs[position].received_ms < now_ms:
            engine.take(inputs[position])
            position += 1
        # As if everything up to now were there.
        engine.take(_alive(now_ms + int(rules.lateness_s * 1_000)))
        list(engine.decide())
        while expected and _ms(expected[0].at_s) < now_ms:
            failures += _compared(trial, expected.pop(0), engine)
    return failures


def _compared(trial: Trial, expected: Expected, engine: Engine) -> list[Failure]:
    standing = [one.alert for one in engine.state.alerts.values()]
    told = [alert for alert in standing if alert.held_by is None and not alert.muted and alert.level != "watchdog"]
    missing = [stands for stands in expected.alerts if not any(_fits(stands, alert) for alert in told)]
    unexpected = [_stands(alert) for alert in told if not any(_fits(stands, alert) for stands in expected.alerts)]
    return [Failure(trial.name, expected.at_s, missing, unexpected)] if missing or unexpected else []


def _fits(stands: Stands, alert: Alert) -> bool:
    return (
        (stands.level, stands.place) == (alert.level, alert.place)
        and stands.severity in (None, alert.severity)
        and stands.people in (None, alert.people)
    )


def _stands(alert: Alert) -> Stands:
    return Stands(level=alert.level, place=alert.place, severity=alert.severity, people=alert.people)


def _inputs(trial: Trial) -> Iterator[Input]:
    for series in trial.series:
        if series.subject is not None:
            yield _told(_described(series), START_MS - 1)
        for number, value in enumerate(_values(series.values)):
            if value is not None:
                at_ms = START_MS + int(number * series.every_s * 1_000)
                yield _told(_sample(series, value, at_ms), at_ms)


def _values(text: str) -> Iterator[float | None]:
    for word in text.split():
        value, _, times = word.partition("x")
        for _ in range(int(times or 1)):
            yield None if value == "_" else float(value)


def _sample(series: Series, value: float, at_ms: int) -> QualitySampled:
    whole: dict[str, Any] = {}
    flow: Flow | None = None
    if series.metric in OF_A_FLOW or (series.metric == "alarm" and series.modality != "client"):
        flow = _flow(series, value)
    elif series.metric == "rating":
        whole = {"rating": "good" if value else "bad"}
    elif series.metric == "alarm":
        whole = {"alarms": ["client_cpu"] if value else []}
    else:
        whole = {series.metric: value}
    blank = dict.fromkeys(QualitySampled.__struct_fields__)
    return QualitySampled(
        **{
            **blank,
            "enterprise": series.enterprise,
            "meeting_id": series.meeting,
            "occurred_at": instant(at_ms),
            "received_at": instant(at_ms),
            # A series is a source of its own: two figures of one participant do not make each other old.
            "source": f"{series.metric}/{series.modality}/{series.direction}",
            "participant_id": series.participant,
            "over": False,
            "alarms": [],
            "flows": [flow] if flow else [],
            "surroundings": Surroundings(
                city=series.site,
                network_type=series.network,
                department=series.department,
                terminal_type=series.terminal_type,
            ),
            **whole,
        }
    )


def _flow(series: Series, value: float) -> Flow:
    modality, direction = series.modality or "audio", series.direction or "sent"
    if series.metric == "alarm":
        return Flow(modality=modality, direction=direction, alarms=["packet_loss"] if value else [])
    # Bits a second are whole.
    figure = round(value) if series.metric == "bitrate_bps" else value
    told = {"modality": modality, "direction": direction, series.metric: figure}
    return msgspec.convert(told, Flow, strict=False)


def _described(series: Series) -> MeetingDescribed:
    blank = dict.fromkeys(MeetingDescribed.__struct_fields__)
    told: dict[str, Any] = {
        "enterprise": series.enterprise,
        "meeting_id": series.meeting,
        "occurred_at": instant(START_MS),
        "received_at": instant(START_MS),
        "subject": series.subject,
    }
    return MeetingDescribed(**{**blank, **told})


def _alive(at_ms: int) -> Input:
    event = ReceiverAlive(
        receiver="trial",
        occurred_at=instant(at_ms),
        subscriptions=0,
        partition=0,
        partition_subscriptions=0,
        position=0,
    )
    return _told(event, at_ms)


def _told(event: AnyEvent, at_ms: int) -> Input:
    return Input(at_ms, content_id(at_ms, repr(msgspec.structs.astuple(event))), event)


def _ms(seconds: float) -> int:
    return START_MS + int(seconds * 1_000)


def all_tried(trials: Iterable[Trial], rules: QosRules) -> list[Failure]:
    """Return the failures of all tests, in order."""
    return [failure for trial in trials for failure in tried(trial, rules)]
