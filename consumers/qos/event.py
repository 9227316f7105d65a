"""Make the event that tells of a decision, with all that explains it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from schemas.events import AlertChanged, AlertSample, AlertTrouble, encode
from schemas.record import Record, content_id, partition_of, traceparent
from schemas.rules import QosRules, Rule
from schemas.topics import ALERTS

from .engine.alert import Change, Trouble
from .engine.standing import Seen

# Kafka and CloudEvents want a source; an alert on everything is no enterprise's.
ALL_ENTERPRISES = "all"


def alert_changed(change: Change, rules: QosRules) -> AlertChanged:
    """Return the event of one decision."""
    alert, by_name = change.alert, {rule.name: rule for rule in rules.rules}
    return AlertChanged(
        alert_id=alert.id,
        enterprise=alert.enterprise,
        change=change.change,
        level=alert.level,
        place=alert.place,
        meeting_id=alert.meeting_id,
        participant_id=alert.participant_id,
        severity=alert.severity,
        since=instant(alert.since_ms),
        occurred_at=instant(change.at_ms),
        because=change.because,
        troubles=list(_troubles(alert.troubles, by_name, rules.no_data.participant_after_s)),
        people=alert.people,
        measured=alert.measured,
        meetings=alert.meetings,
        direction=alert.direction,
        held_by=alert.held_by,
        muted=alert.muted,
    )


def record_of(change: Change, rules: QosRules, partitions: int) -> Record:
    """Return the record of one decision: its ID is the decision's, the same for whoever decides it."""
    return record_of_event(alert_changed(change, rules), change.id, change.at_ms, partitions)


def record_of_event(event: AlertChanged, decision: str, at_ms: int, partitions: int) -> Record:
    """Return the record of an event; `decision` is the ID of what it tells of."""
    key = event.meeting_id or event.alert_id
    return Record(
        topic=ALERTS,
        partition=partition_of(key, partitions),
        key=key,
        id=f"{decision}-0",
        type=type(event).__name__,
        enterprise=event.enterprise or ALL_ENTERPRISES,
        occurred_at=event.occurred_at,
        received_ms=at_ms,
        trace=traceparent(content_id(event.alert_id), None),
        value=encode(event),
    )


def _troubles(troubles: Sequence[Trouble], rules: Mapping[str, Rule], silent_s: float) -> Iterator[AlertTrouble]:
    for trouble in troubles:
        rule, limit = rules.get(trouble.rule), trouble.limit
        yield AlertTrouble(
            check=trouble.check,
            rule=trouble.rule,
            severity=trouble.severity,
            since=instant(trouble.since_ms),
            people=trouble.people,
            metric=rule.metric if rule else None,
            above=limit.above if limit else rule.above if rule else None,
            below=rule.below if rule else None,
            clear=limit.clear if limit else rule.clear if rule else None,
            threshold_from="service" if limit else "rule",
            bad=rule.bad if rule else 0,
            of=rule.of if rule else 0,
            for_s=rule.for_s if rule else silent_s,
            keep_firing_for_s=rule.keep_firing_for_s if rule else 0.0,
            samples=[_sample(seen) for seen in trouble.seen],
        )


def _sample(seen: Seen) -> AlertSample:
    return AlertSample(measured_at=instant(seen.measured_ms), value=seen.value, bad=seen.bad)


def instant(ms: int) -> datetime:
    """Return the time of the engine's milliseconds, aware and UTC."""
    return datetime.fromtimestamp(ms / 1_000, UTC)
