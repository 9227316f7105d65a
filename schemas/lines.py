"""The names of log lines: noun, dot, past participle. A misspelt one does not type-check.

What a line may carry besides: ids, names of enterprises, topics and settings, counts and durations. Never a body, a
header's value but the request id, a name, a caption, a token.
"""

from typing import Literal, Protocol

Line = Literal[
    # receiver
    "receiver.started",
    "receiver.stopped",
    "listener.opened",
    "settings.reloaded",
    "settings.refused",
    "push.accepted",
    "push.refused",
    "push.set_aside",
    "push.redriven",
    "log.opened",
    "log.recovered",
    "log.failed",
    "log.pruned",
    "disk.tightened",
    "disk.relieved",
    "reader.forgotten",
    "reader.damaged",
    # cloud
    "cloud.failed",
    "cloud.recovered",
    "cloud.throttled",
    "cloud.narrowed",
    "cloud.key_refused",
    "cloud.refused",
    "enterprise_push.troubled",
    "enterprise_push.recovered",
    "enterprise_push.unread",
    "enterprise_push.readdressed",
    "enterprise_push.missed",
    # quality
    "quality.refused",
    "quality.failed",
    "quality.recovered",
    "thresholds.refused",
    # forwarder
    "forwarder.connected",
    "forwarder.failed",
    "forwarder.recovered",
    "record.set_aside",
    # subscriber
    "ownership.assigned",
    "ownership.failed",
    "ownership.assumed",
    "ownership.dropped",
    "subscription.opened",
    "subscription.lost",
    "pushes.missed",
    "subscription.closed",
    "subscription.failed",
    "subscription.crashed",
    "subscriptions.limited",
    "captioning.refused",
    # consumers
    "consumer.started",
    "consumer.stopped",
    "consumer.failed",
    "records.missed",
    "record.skipped",
    "record.dead_lettered",
    "partitions.assigned",
    "topics.awaited",
    "topics.found",
    # captions
    "meeting.archived",
    "meeting.omitted",
    "meeting.unclosed",
    "segment.conflicted",
    "segment.refused",
    "segment.disowned",
    "segment.altered",
    "segments.unvouched",
    "index.restored",
    "catalogue.failed",
    "record.conflicted",
    "evidence.missed",
    "spool.damaged",
    "spool.moved",
    "ledger.barred",
    "ledger.recovered",
    "erasure.deferred",
    "store.failed",
    "store.recovered",
    "witness.copied",
    "witness.failed",
    "witness.recovered",
    "witness.contradicted",
    # alerts
    "channel.failed",
    "channel.recovered",
    "alert.given_up",
    "recipients.refused",
    # dashboard
    "login.accepted",
    "login.refused",
    "users.damaged",
    "words.read",
    "archive.read",
    "archive.damaged",
    "alert.acknowledged",
    "silence.begun",
    "silence.ended",
    # qos
    "alerting.led",
    "alerting.released",
    "alerts.unpublished",
    "alerts.published",
    "snapshot.refused",
    "snapshot.failed",
    # deploy
    "append.refused",
    "append.failed",
    "service.failed",
    "library.warned",
]


class Logger(Protocol):
    """What our code needs of structlog's logger."""

    def debug(self, event: Line, /, **what: object) -> object: ...  # noqa: D102 -- the four levels speak for themselves
    def info(self, event: Line, /, **what: object) -> object: ...  # noqa: D102
    def warning(self, event: Line, /, **what: object) -> object: ...  # noqa: D102
    def error(self, event: Line, /, **what: object) -> object: ...  # noqa: D102
