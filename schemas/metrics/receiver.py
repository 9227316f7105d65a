"""The metrics of the receiver: pushes, log, disk, REST calls, quality, Kafka, subscriptions."""

from typing import Final, Literal

from .declaration import Metric, counter, gauge, histogram

ReceiverMetric = Literal[
    "meetwire_pushes_accepted_total",
    "meetwire_pushes_refused_total",
    "meetwire_pushes_set_aside_total",
    "meetwire_pushes_repeated_total",
    "meetwire_pushes_in_flight",
    "meetwire_push_seconds",
    "meetwire_connections",
    "meetwire_log_commits_total",
    "meetwire_log_records_total",
    "meetwire_log_commit_seconds",
    "meetwire_log_failures_total",
    "meetwire_log_position",
    "meetwire_log_bytes",
    "meetwire_disk_free_bytes",
    "meetwire_disk_tight",
    "meetwire_cloud_calls_total",
    "meetwire_cloud_call_seconds",
    "meetwire_cloud_renewals_total",
    "meetwire_cloud_throttled_total",
    "meetwire_enterprise_push_enabled",
    "meetwire_enterprise_push_missed_meetings",
    "meetwire_quality_samples_total",
    "meetwire_quality_late_seconds",
    "meetwire_quality_refused",
    "meetwire_forwarder_position",
    "meetwire_forwarder_behind_records",
    "meetwire_forwarder_behind_seconds",
    "meetwire_forwarder_failures_total",
    "meetwire_forwarder_set_aside_total",
    "meetwire_forwarder_connected",
    "meetwire_ownership_unconfirmed_seconds",
    "meetwire_subscriptions_wanted",
    "meetwire_subscriptions_open",
    "meetwire_subscriptions_opened_total",
    "meetwire_subscriptions_lost_total",
    "meetwire_subscription_gaps_total",
    "meetwire_subscription_connect_seconds",
    "meetwire_frames_total",
    "meetwire_frames_repeated_total",
    "meetwire_frames_unreadable_total",
    "meetwire_frames_given_up_total",
]

RECEIVER: Final[dict[ReceiverMetric, Metric]] = {
    "meetwire_pushes_accepted_total": counter("Pushes answered 200, by event name.", "event"),
    "meetwire_pushes_refused_total": counter(
        "Deliveries answered otherwise. 401s: a wrong password here or a stranger. 503s: look at log and Kafka.",
        "status",
        "reason",
    ),
    "meetwire_pushes_set_aside_total": counter(
        "Verified pushes published to meeting.unrecognised.v1. Alarm on any: the service changed, or a clock is wrong.",
        "reason",
    ),
    "meetwire_pushes_repeated_total": counter("Pushes that were in the log already: the service's retries."),
    "meetwire_pushes_in_flight": gauge("Verified pushes that wait for the log or for Kafka."),
    "meetwire_push_seconds": histogram("From a delivery's head to its answer."),
    "meetwire_connections": gauge("Open connections on the public listener."),
    "meetwire_log_commits_total": counter("Commits, each one fdatasync."),
    "meetwire_log_records_total": counter("Records appended, by topic.", "topic"),
    "meetwire_log_commit_seconds": histogram("One commit, fdatasync included. Slow: the disk is."),
    "meetwire_log_failures_total": counter("Commits that failed. Any: look at the disk.", "reason"),
    "meetwire_log_position": gauge("Position of the newest record."),
    "meetwire_log_bytes": gauge("Size of the log's files."),
    "meetwire_disk_free_bytes": gauge("Free space where the log lies. Below log.min_free_bytes pushes get 503."),
    "meetwire_disk_tight": gauge(
        "1 while speakers and quality are given up to save the disk's room, else 0. Alarm on 1."
    ),
    "meetwire_cloud_calls_total": counter(
        "REST calls, each try, by call and outcome. unauthenticated: look at App ID, keys and clock.",
        "enterprise",
        "call",
        "outcome",
    ),
    "meetwire_cloud_call_seconds": histogram("One try of a REST call, its whole answer included.", "call"),
    "meetwire_cloud_renewals_total": counter(
        "Access tokens asked for, by way (refresh, authenticate) and outcome.", "enterprise", "way", "outcome"
    ),
    "meetwire_cloud_throttled_total": counter(
        "429s: the service wants to be asked less. Look at quality_calls_per_minute and discover_every_s.", "enterprise"
    ),
    "meetwire_enterprise_push_enabled": gauge(
        "1 while the service says that it sends its push to us, else 0. Alarm on 0.", "enterprise"
    ),
    "meetwire_enterprise_push_missed_meetings": gauge(
        "Meetings on the REST list that no push came of. Alarm on any: look at the push's address and its status.",
        "enterprise",
    ),
    "meetwire_quality_samples_total": counter("Samples of quality that were asked for.", "enterprise"),
    "meetwire_quality_late_seconds": gauge(
        "How late the last look at a participant was. Growing: raise subscriber.quality_calls_per_minute.", "enterprise"
    ),
    "meetwire_quality_refused": gauge(
        "1 while the service refuses to tell of quality, else 0. On 1 look at edition and rights.", "enterprise"
    ),
    "meetwire_forwarder_position": gauge("Position up to which Kafka has acknowledged."),
    "meetwire_forwarder_behind_records": gauge("Records that Kafka does not have yet."),
    "meetwire_forwarder_behind_seconds": gauge("Age of the oldest record that Kafka does not have yet."),
    "meetwire_forwarder_failures_total": counter("Publishing failed and is tried again.", "reason"),
    "meetwire_forwarder_set_aside_total": counter(
        "Records that Kafka will not take; kept in the log's folder.", "reason"
    ),
    "meetwire_forwarder_connected": gauge("1 while Kafka acknowledges, else 0."),
    "meetwire_ownership_unconfirmed_seconds": gauge(
        "Since when Kafka's group has not said that our meetings are ours. Above subscriber.stands_s they are given up."
    ),
    "meetwire_subscriptions_wanted": gauge("Meetings that are on and ours to listen to.", "enterprise"),
    "meetwire_subscriptions_open": gauge("Meetings whose pushes come. Well below wanted: look why.", "enterprise"),
    "meetwire_subscriptions_opened_total": counter("Subscriptions opened, again included."),
    "meetwire_subscriptions_lost_total": counter("Subscriptions lost, and tried again.", "reason"),
    "meetwire_subscription_gaps_total": counter("Holes in a sequence of pushes, each told of in meeting.state.v1."),
    "meetwire_subscription_connect_seconds": histogram("From the start of a connect to an open socket."),
    "meetwire_frames_total": counter("Frames read, by the service's name of the push.", "event"),
    "meetwire_frames_repeated_total": counter("Frames that came before on the same socket, and were dropped."),
    "meetwire_frames_unreadable_total": counter(
        "Frames published to meeting.unrecognised.v1. Alarm on many: the service changed."
    ),
    "meetwire_frames_given_up_total": counter(
        "Frames not kept since the disk has little room; each span is told of in meeting.state.v1.", "event"
    ),
}
