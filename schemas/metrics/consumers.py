"""The metrics of every consumer that runs on the runtime."""

from typing import Final, Literal

from .declaration import Metric, counter, gauge, histogram

ConsumerMetric = Literal[
    "meetwire_consumer_records_total",
    "meetwire_consumer_repeated_total",
    "meetwire_consumer_missed_total",
    "meetwire_consumer_skipped_total",
    "meetwire_consumer_dead_letters_total",
    "meetwire_consumer_lag_records",
    "meetwire_consumer_oldest_unread_seconds",
    "meetwire_consumer_handler_seconds",
]

CONSUMERS: Final[dict[ConsumerMetric, Metric]] = {
    "meetwire_consumer_records_total": counter("Records handed to the handler.", "consumer"),
    "meetwire_consumer_repeated_total": counter("Records dropped because their position did not rise.", "consumer"),
    "meetwire_consumer_missed_total": counter(
        "Records that were pruned before this consumer read them. Alarm on any.", "consumer"
    ),
    "meetwire_consumer_skipped_total": counter(
        "Records of a type that this version does not know yet. Update the consumer.", "consumer"
    ),
    "meetwire_consumer_dead_letters_total": counter("Records that the consumer could not take.", "consumer", "reason"),
    "meetwire_consumer_lag_records": gauge("Records that the consumer has not read yet.", "consumer"),
    "meetwire_consumer_oldest_unread_seconds": gauge("Age of the oldest record not read yet.", "consumer"),
    "meetwire_consumer_handler_seconds": histogram("One batch in the handler.", "consumer"),
}
