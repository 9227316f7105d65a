"""Make the records of what people do about alerts, and of what channels were told. Pure."""

from datetime import datetime, timedelta

from schemas.desk import NotWanted, SilenceWanted, Who
from schemas.events import AlertAcknowledged, AlertChanged, AlertNotified, AlertSilenced, encode
from schemas.record import Record, content_id, partition_of, traceparent
from schemas.topics import ALERTS

_LONGEST = timedelta(days=366)


def remark(
    event: AlertSilenced | AlertAcknowledged | AlertNotified,
    *,
    key: str,
    event_id: str,
    enterprise: str,
    partitions: int,
) -> Record:
    """Return the record of an event on the topic of alerts."""
    about = event.silence_id if isinstance(event, AlertSilenced) else event.alert_id
    return Record(
        topic=ALERTS,
        partition=partition_of(key, partitions),
        key=key,
        id=event_id,
        type=type(event).__name__,
        enterprise=enterprise,
        occurred_at=event.occurred_at,
        received_ms=int(event.occurred_at.timestamp() * 1_000),
        trace=traceparent(content_id(about), None),
        value=encode(event),
    )


def silence_of(wanted: SilenceWanted, who: Who, silence_id: str, now: datetime) -> AlertSilenced:
    """Return the silence that is wanted. Raises NotWanted for one that makes no sense."""
    starts_at = max(wanted.starts_at or now, now)
    if wanted.ends_at <= starts_at:
        raise NotWanted("ends_at: must be later than now, and than starts_at")
    if wanted.ends_at - now > _LONGEST:
        raise NotWanted("ends_at: must be within a year; what is never to be told is a matter of the rules")
    if all(not matcher.pattern.strip("*") for matcher in wanted.matchers):
        raise NotWanted("matchers: would fit everything; name an enterprise, a level, a place or a rule")
    return AlertSilenced(
        silence_id=silence_id,
        matchers=list(wanted.matchers),
        starts_at=starts_at,
        ends_at=wanted.ends_at,
        who=who,
        why=wanted.why,
        ended=False,
        occurred_at=now,
    )


def acknowledgement_of(alert: AlertChanged, who: Who, note: str, now: datetime) -> AlertAcknowledged:
    """Return that somebody is at it."""
    return AlertAcknowledged(alert_id=alert.alert_id, since=alert.since, who=who, note=note, occurred_at=now)
