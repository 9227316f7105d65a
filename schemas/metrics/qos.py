"""The metrics of quality alerts."""

from typing import Final, Literal

from .declaration import Metric, counter, gauge, histogram

QosMetric = Literal[
    "meetwire_qos_participants",
    "meetwire_qos_modality_participants",
    "meetwire_qos_bad_ratio",
    "meetwire_qos_leads",
    "meetwire_qos_clock_behind_seconds",
    "meetwire_qos_waiting_records",
    "meetwire_qos_pending_decisions",
    "meetwire_qos_published_total",
    "meetwire_qos_publish_failures_total",
    "meetwire_qos_late_total",
    "meetwire_qos_diverged_total",
    "meetwire_qos_snapshot_bytes",
    "meetwire_qos_snapshot_seconds",
    "meetwire_qos_notifications_total",
    "meetwire_qos_notify_failures_total",
    "meetwire_qos_notify_repeated_total",
    "meetwire_qos_notify_waiting",
    "meetwire_qos_notify_seconds",
]

QOS: Final[dict[QosMetric, Metric]] = {
    "meetwire_qos_participants": gauge(
        "Participants who are measured, as the rules find them: good, bad, silent. Of several processes take the max.",
        "enterprise",
        "rating",
    ),
    "meetwire_qos_modality_participants": gauge(
        "The same for audio, video, screen, client (its processor), connection (round trip).",
        "enterprise",
        "modality",
        "rating",
    ),
    "meetwire_qos_bad_ratio": gauge(
        "Share of those measured who are bad, 0 to 1; 0 where nobody is measured.", "enterprise"
    ),
    "meetwire_qos_leads": gauge(
        "1 where this process publishes and tells, 0 where it stands by. The sum over all processes should be 1."
    ),
    "meetwire_qos_clock_behind_seconds": gauge(
        "How far the records' clock is behind this machine's, some 15 s. Growing: look at receivers and forwarders."
    ),
    "meetwire_qos_waiting_records": gauge("Records that were read and whose tick is not decided yet."),
    "meetwire_qos_pending_decisions": gauge(
        "Decisions that are not seen on meeting.alerts.v1 yet. Growing where meetwire_qos_leads is 1: look at Kafka."
    ),
    "meetwire_qos_published_total": counter("Decisions published to meeting.alerts.v1."),
    "meetwire_qos_publish_failures_total": counter(
        "Tries to publish, or to put into the outbox, that failed; tried again each second."
    ),
    "meetwire_qos_late_total": counter(
        "Records that came too late to count. Many: raise lateness_s, or look at what delays the forwarder."
    ),
    "meetwire_qos_diverged_total": counter(
        "Decisions given up, since the process that led decided otherwise: a record came too late for one of the two."
    ),
    "meetwire_qos_snapshot_bytes": gauge("Size of the last snapshot."),
    "meetwire_qos_snapshot_seconds": histogram("One snapshot, from the state to the disk."),
    "meetwire_qos_notifications_total": counter(
        "Decisions by what became of them on a channel: told, silenced, given_up. Alarm on given_up.",
        "channel",
        "outcome",
    ),
    "meetwire_qos_notify_failures_total": counter("Messages that a channel did not take; tried again.", "channel"),
    "meetwire_qos_notify_repeated_total": counter(
        "Messages that may have been told before a crash, and were told again, under the same ID.", "channel"
    ),
    "meetwire_qos_notify_waiting": gauge(
        "Decisions that a channel is still to be told of, without silenced ones. Growing: look at it.", "channel"
    ),
    "meetwire_qos_notify_seconds": histogram("One message, the channel's answer included.", "channel"),
}
