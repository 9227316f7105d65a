"""Every way a consumer can fail, and what follows.

ConsumerError
├── SourceUnavailable   the log or Kafka cannot be read: the consumer ends, its supervisor starts it again
│   └── SourceDenied    this user may not read the log: the same, but to start it again is in vain
├── SinkUnavailable     what the handler writes to is not there: the same; nothing of the batch is committed
├── InvalidRecord       one record cannot be taken, and never will: it becomes a dead letter, the rest goes on
└── TooManyDeadLetters  so many that the fault is ours: the consumer ends, and nothing of the batch is committed
"""

from schemas.record import Stored


class ConsumerError(Exception):
    """The root of the tree."""


class SourceUnavailable(ConsumerError):
    """The message says what is missing and what to do about it."""


class SourceDenied(SourceUnavailable):
    """The message names the folder; the rights on it, or the user, are wrong."""


class SinkUnavailable(ConsumerError):
    """A handler raises it where its own store fails, which is no record's fault."""


class InvalidRecord(ConsumerError):
    """A handler raises it for one record of its batch."""

    def __init__(self, stored: Stored) -> None:
        super().__init__(f"{stored.record!r} at {stored.position} of {stored.log}")
        self.stored = stored


class TooManyDeadLetters(ConsumerError):
    """The message says how many of how many."""
