"""The metrics: each name, its kind, its labels and what to do about it. Labels are closed sets, never free text.

deploy makes the real ones of them and hands them in; code that counts knows this module alone.
"""

from typing import Final, Literal, Protocol

import msgspec

MetricName = Literal[
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
    "meetwire_consumer_records_total",
    "meetwire_consumer_repeated_total",
    "meetwire_consumer_missed_total",
    "meetwire_consumer_skipped_total",
    "meetwire_consumer_dead_letters_total",
    "meetwire_consumer_lag_records",
    "meetwire_consumer_oldest_unread_seconds",
    "meetwire_consumer_handler_seconds",
    "meetwire_qos_participants",
    "meetwire_qos_modality_participants",
    "meetwire_qos_bad_ratio",
    "meetwire_captions_meetings_total",
    "meetwire_captions_meetings_open",
    "meetwire_captions_unclosed_total",
    "meetwire_captions_expired_total",
    "meetwire_captions_close_seconds",
    "meetwire_captions_segments_total",
    "meetwire_captions_conflicts_total",
    "meetwire_captions_altered_total",
    "meetwire_captions_ledger_barred",
    "meetwire_captions_spool_bytes",
    "meetwire_captions_store_failures_total",
    "meetwire_captions_witness_behind_entries",
    "meetwire_captions_witness_failures_total",
    "meetwire_captions_witness_contradictions_total",
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
    "meetwire_dashboard_readers",
    "meetwire_dashboard_missed_total",
    "meetwire_dashboard_logins_total",
    "meetwire_dashboard_behind_seconds",
]


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """The declaration of one metric."""

    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()


def _counter(help_text: str, *labels: str) -> Metric:
    return Metric(kind="counter", help=help_text, labels=labels)


def _gauge(help_text: str, *labels: str) -> Metric:
    return Metric(kind="gauge", help=help_text, labels=labels)


def _histogram(help_text: str, *labels: str) -> Metric:
    return Metric(kind="histogram", help=help_text, labels=labels)


METRICS: Final[dict[MetricName, Metric]] = {
    "meetwire_pushes_accepted_total": _counter("Pushes answered 200, by event name.", "event"),
    "meetwire_pushes_refused_total": _counter(
        "Deliveries answered otherwise. 401s: a wrong password here or a stranger. 503s: look at log and Kafka.",
        "status",
        "reason",
    ),
    "meetwire_pushes_set_aside_total": _counter(
        "Verified pushes published to meeting.unrecognised.v1. Alarm on any: the service changed, or a clock is wrong.",
        "reason",
    ),
    "meetwire_pushes_repeated_total": _counter("Pushes that were in the log already: the service's retries."),
    "meetwire_pushes_in_flight": _gauge("Verified pushes that wait for the log or for Kafka."),
    "meetwire_push_seconds": _histogram("From a delivery's head to its answer."),
    "meetwire_connections": _gauge("Open connections on the public listener."),
    "meetwire_log_commits_total": _counter("Commits, each one fdatasync."),
    "meetwire_log_records_total": _counter("Records appended, by topic.", "topic"),
    "meetwire_log_commit_seconds": _histogram("One commit, fdatasync included. Slow: the disk is."),
    "meetwire_log_failures_total": _counter("Commits that failed. Any: look at the disk.", "reason"),
    "meetwire_log_position": _gauge("Position of the newest record."),
    "meetwire_log_bytes": _gauge("Size of the log's files."),
    "meetwire_disk_free_bytes": _gauge("Free space where the log lies. Below log.min_free_bytes pushes get 503."),
    "meetwire_disk_tight": _gauge(
        "1 while speakers and quality are given up to save the disk's room, else 0. Alarm on 1."
    ),
    "meetwire_cloud_calls_total": _counter(
        "REST calls, each try, by call and outcome. unauthenticated: look at App ID, keys and clock.",
        "enterprise",
        "call",
        "outcome",
    ),
    "meetwire_cloud_call_seconds": _histogram("One try of a REST call, its whole answer included.", "call"),
    "meetwire_cloud_renewals_total": _counter(
        "Access tokens asked for, by way (refresh, authenticate) and outcome.", "enterprise", "way", "outcome"
    ),
    "meetwire_cloud_throttled_total": _counter(
        "429s: the service wants to be asked less. Look at quality_calls_per_minute and discover_every_s.", "enterprise"
    ),
    "meetwire_enterprise_push_enabled": _gauge(
        "1 while the service says that it sends its push to us, else 0. Alarm on 0.", "enterprise"
    ),
    "meetwire_enterprise_push_missed_meetings": _gauge(
        "Meetings on the REST list that no push came of. Alarm on any: look at the push's address and its status.",
        "enterprise",
    ),
    "meetwire_quality_samples_total": _counter("Samples of quality that were asked for.", "enterprise"),
    "meetwire_quality_late_seconds": _gauge(
        "How late the last look at a participant was. Growing: raise subscriber.quality_calls_per_minute.", "enterprise"
    ),
    "meetwire_quality_refused": _gauge(
        "1 while the service refuses to tell of quality, else 0. On 1 look at edition and rights.", "enterprise"
    ),
    "meetwire_forwarder_position": _gauge("Position up to which Kafka has acknowledged."),
    "meetwire_forwarder_behind_records": _gauge("Records that Kafka does not have yet."),
    "meetwire_forwarder_behind_seconds": _gauge("Age of the oldest record that Kafka does not have yet."),
    "meetwire_forwarder_failures_total": _counter("Publishing failed and is tried again.", "reason"),
    "meetwire_forwarder_set_aside_total": _counter(
        "Records that Kafka will not take; kept in the log's folder.", "reason"
    ),
    "meetwire_forwarder_connected": _gauge("1 while Kafka acknowledges, else 0."),
    "meetwire_ownership_unconfirmed_seconds": _gauge(
        "Since when Kafka's group has not said that our meetings are ours. Above subscriber.stands_s they are given up."
    ),
    "meetwire_subscriptions_wanted": _gauge("Meetings that are on and ours to listen to.", "enterprise"),
    "meetwire_subscriptions_open": _gauge("Meetings whose pushes come. Well below wanted: look why.", "enterprise"),
    "meetwire_subscriptions_opened_total": _counter("Subscriptions opened, again included."),
    "meetwire_subscriptions_lost_total": _counter("Subscriptions lost, and tried again.", "reason"),
    "meetwire_subscription_gaps_total": _counter("Holes in a sequence of pushes, each told of in meeting.state.v1."),
    "meetwire_subscription_connect_seconds": _histogram("From the start of a connect to an open socket."),
    "meetwire_frames_total": _counter("Frames read, by the service's name of the push.", "event"),
    "meetwire_frames_repeated_total": _counter("Frames that came before on the same socket, and were dropped."),
    "meetwire_frames_unreadable_total": _counter(
        "Frames published to meeting.unrecognised.v1. Alarm on many: the service changed."
    ),
    "meetwire_frames_given_up_total": _counter(
        "Frames not kept since the disk has little room; each span is told of in meeting.state.v1.", "event"
    ),
    "meetwire_consumer_records_total": _counter("Records handed to the handler.", "consumer"),
    "meetwire_consumer_repeated_total": _counter("Records dropped because their position did not rise.", "consumer"),
    "meetwire_consumer_missed_total": _counter(
        "Records that were pruned before this consumer read them. Alarm on any.", "consumer"
    ),
    "meetwire_consumer_skipped_total": _counter(
        "Records of a type that this version does not know yet. Update the consumer.", "consumer"
    ),
    "meetwire_consumer_dead_letters_total": _counter("Records that the consumer could not take.", "consumer", "reason"),
    "meetwire_consumer_lag_records": _gauge("Records that the consumer has not read yet.", "consumer"),
    "meetwire_consumer_oldest_unread_seconds": _gauge("Age of the oldest record not read yet.", "consumer"),
    "meetwire_consumer_handler_seconds": _histogram("One batch in the handler.", "consumer"),
    "meetwire_qos_participants": _gauge(
        "Participants who are measured, as the rules find them: good, bad, silent. Of several processes take the max.",
        "enterprise",
        "rating",
    ),
    "meetwire_qos_modality_participants": _gauge(
        "The same for audio, video, screen, client (its processor), connection (round trip).",
        "enterprise",
        "modality",
        "rating",
    ),
    "meetwire_qos_bad_ratio": _gauge(
        "Share of those measured who are bad, 0 to 1; 0 where nobody is measured.", "enterprise"
    ),
    "meetwire_captions_meetings_total": _counter(
        "Meetings written down, by reason: closed; late (a record came after that), rebuilt, left (by the policy).",
        "reason",
    ),
    "meetwire_captions_meetings_open": _gauge("Meetings that are on, as far as the archive's segments tell."),
    "meetwire_captions_unclosed_total": _counter("Meetings that could not be closed; tried again. Alarm on any."),
    "meetwire_captions_expired_total": _counter("Meetings erased because they had been kept long enough."),
    "meetwire_captions_close_seconds": _histogram("From the look at a meeting that is over until it is kept."),
    "meetwire_captions_segments_total": _counter("Segments of evidence put into the store."),
    "meetwire_captions_conflicts_total": _counter(
        "Segments or records of which there is another version already. Alarm on any: verify the archive."
    ),
    "meetwire_captions_altered_total": _counter(
        "Segments that were altered, taken away or put there by others before they were signed for. Alarm on any."
    ),
    "meetwire_captions_ledger_barred": _gauge(
        "1 while the ledger is not what was signed, so that nothing can be signed and no meeting closed. Alarm on any."
    ),
    "meetwire_captions_spool_bytes": _gauge("Size of what is not in the store yet. Growing: look at the store."),
    "meetwire_captions_store_failures_total": _counter("Tries that the store did not answer, or refused."),
    "meetwire_captions_witness_behind_entries": _gauge(
        "Entries of the ledger that the witness has no checkpoint over, by its number in captions.witness.", "witness"
    ),
    "meetwire_captions_witness_failures_total": _counter(
        "Tries that a witness did not answer, or refused; it gets the newest checkpoint later.", "witness"
    ),
    "meetwire_captions_witness_contradictions_total": _counter(
        "Checkpoints of a witness that the ledger does not know of. Alarm on any: archive verify --against it.",
        "witness",
    ),
    "meetwire_qos_leads": _gauge(
        "1 where this process publishes and tells, 0 where it stands by. The sum over all processes should be 1."
    ),
    "meetwire_qos_clock_behind_seconds": _gauge(
        "How far the records' clock is behind this machine's, some 15 s. Growing: look at receivers and forwarders."
    ),
    "meetwire_qos_waiting_records": _gauge("Records that were read and whose tick is not decided yet."),
    "meetwire_qos_pending_decisions": _gauge(
        "Decisions that are not seen on meeting.alerts.v1 yet. Growing where meetwire_qos_leads is 1: look at Kafka."
    ),
    "meetwire_qos_published_total": _counter("Decisions published to meeting.alerts.v1."),
    "meetwire_qos_publish_failures_total": _counter(
        "Tries to publish, or to put into the outbox, that failed; tried again each second."
    ),
    "meetwire_qos_late_total": _counter(
        "Records that came too late to count. Many: raise lateness_s, or look at what delays the forwarder."
    ),
    "meetwire_qos_diverged_total": _counter(
        "Decisions given up, since the process that led decided otherwise: a record came too late for one of the two."
    ),
    "meetwire_qos_snapshot_bytes": _gauge("Size of the last snapshot."),
    "meetwire_qos_snapshot_seconds": _histogram("One snapshot, from the state to the disk."),
    "meetwire_qos_notifications_total": _counter(
        "Decisions by what became of them on a channel: told, silenced, given_up. Alarm on given_up.",
        "channel",
        "outcome",
    ),
    "meetwire_qos_notify_failures_total": _counter("Messages that a channel did not take; tried again.", "channel"),
    "meetwire_qos_notify_repeated_total": _counter(
        "Messages that may have been told before a crash, and were told again, under the same ID.", "channel"
    ),
    "meetwire_qos_notify_waiting": _gauge(
        "Decisions that a channel is still to be told of, without silenced ones. Growing: look at it.", "channel"
    ),
    "meetwire_qos_notify_seconds": _histogram("One message, the channel's answer included.", "channel"),
    "meetwire_dashboard_readers": _gauge("Open pages (live) and streams of the API (stream).", "kind"),
    "meetwire_dashboard_missed_total": _counter(
        "Events that a reader was too slow for; each is told so. Growing: look at its line.", "kind"
    ),
    "meetwire_dashboard_logins_total": _counter(
        "Tries to log in, by outcome: accepted, refused, limited. Many refused: somebody guesses.", "outcome"
    ),
    "meetwire_dashboard_behind_seconds": _gauge("Age of the oldest record that is not shown yet."),
}


class Counter(Protocol):
    """Counts up."""

    def inc(self, amount: float = 1, /) -> None: ...  # noqa: D102


class Gauge(Protocol):
    """Is set to what is."""

    def set(self, value: float, /) -> None: ...  # noqa: D102


class Histogram(Protocol):
    """Takes durations, in seconds."""

    def observe(self, amount: float, /) -> None: ...  # noqa: D102


class Meters(Protocol):
    """Makes the metrics that are declared above. Asking twice for the same gives the same."""

    def counter(self, name: MetricName, **labels: str) -> Counter: ...  # noqa: D102
    def gauge(self, name: MetricName, **labels: str) -> Gauge: ...  # noqa: D102
    def histogram(self, name: MetricName, **labels: str) -> Histogram: ...  # noqa: D102
