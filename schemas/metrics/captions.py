"""The metrics of the captions archive."""

from typing import Final, Literal

from .declaration import Metric, counter, gauge, histogram

CaptionsMetric = Literal[
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
]

CAPTIONS: Final[dict[CaptionsMetric, Metric]] = {
    "meetwire_captions_meetings_total": counter(
        "Meetings written down, by reason: closed; late (a record came after that), rebuilt, left (by the policy).",
        "reason",
    ),
    "meetwire_captions_meetings_open": gauge("Meetings that are on, as far as the archive's segments tell."),
    "meetwire_captions_unclosed_total": counter("Meetings that could not be closed; tried again. Alarm on any."),
    "meetwire_captions_expired_total": counter("Meetings erased because they had been kept long enough."),
    "meetwire_captions_close_seconds": histogram("From the look at a meeting that is over until it is kept."),
    "meetwire_captions_segments_total": counter("Segments of evidence put into the store."),
    "meetwire_captions_conflicts_total": counter(
        "Segments or records of which there is another version already. Alarm on any: verify the archive."
    ),
    "meetwire_captions_altered_total": counter(
        "Segments that were altered, taken away or put there by others before they were signed for. Alarm on any."
    ),
    "meetwire_captions_ledger_barred": gauge(
        "1 while the ledger is not what was signed, so that nothing can be signed and no meeting closed. Alarm on any."
    ),
    "meetwire_captions_spool_bytes": gauge("Size of what is not in the store yet. Growing: look at the store."),
    "meetwire_captions_store_failures_total": counter("Tries that the store did not answer, or refused."),
    "meetwire_captions_witness_behind_entries": gauge(
        "Entries of the ledger that the witness has no checkpoint over, by its number in captions.witness.", "witness"
    ),
    "meetwire_captions_witness_failures_total": counter(
        "Tries that a witness did not answer, or refused; it gets the newest checkpoint later.", "witness"
    ),
    "meetwire_captions_witness_contradictions_total": counter(
        "Checkpoints of a witness that the ledger does not know of. Alarm on any: archive verify --against it.",
        "witness",
    ),
}
