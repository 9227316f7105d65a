"""What a delivery can be refused with, each with the answer that it causes.

Refused
├── Malformed            400  not JSON, not the envelope, a key twice
├── Unverified           401  signature, appID or timestamp form not good
├── Unwanted             403  from a network that may not post
├── Elsewhere            404  a path that takes no pushes
├── WrongMethod          405
├── TooSlow              408
├── TooLarge             413
├── Overloaded           429  more in flight than this process admits
└── NotDurable           503  the service still has it and sends it again
    ├── LogUnavailable        disk full, disk broken, or closing
    ├── Stopping              its body had not come when the process was told to stop
    └── KafkaAwaited          answer_after = "kafka", and Kafka did not acknowledge in time
"""

import traceback
from pathlib import PurePath
from typing import ClassVar, Literal

Reason = Literal[
    "not_json",
    "not_the_envelope",
    "key_twice",
    "unknown_subscriber",
    "timestamp_form",
    "signature_form",
    "signature",
    "network",
    "path",
    "method",
    "slow",
    "large",
    "head_large",
    "head_malformed",
    "cut_short",
    "in_flight",
    "stopping",
    "failed",
    "disk_full",
    "log_failed",
    "log_closed",
    "deadline",
]


class Refused(Exception):
    """A delivery that is not answered 200. `reason` is for our log and metrics; the answer does not show it."""

    status: ClassVar[int] = 400

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Malformed(Refused):
    """Not JSON, not the envelope, or a key twice."""


class Unverified(Refused):
    """Not shown to be the service's own. Its answer says nothing more."""

    status = 401


class Unwanted(Refused):
    """From a network outside `webhook.allow_from`."""

    status = 403


class Elsewhere(Refused):
    """A path that is not in `webhook.paths`."""

    status = 404


class WrongMethod(Refused):
    """Only POST carries a push."""

    status = 405


class TooSlow(Refused):
    """The body did not come within `webhook.body_timeout_s`."""

    status = 408


class TooLarge(Refused):
    """The body is longer than `webhook.max_body_bytes`."""

    status = 413


class Overloaded(Refused):
    """More in flight than this process admits; a retry is wanted."""

    status = 429


class NotDurable(Refused):
    """Not durable before the deadline; the service keeps the push and sends it again."""

    status = 503


class LogUnavailable(NotDurable):
    """The log could not be written."""


class Stopping(NotDurable):
    """The body was still on its way when the process was told to stop."""


class KafkaAwaited(NotDurable):
    """Kafka did not acknowledge in time, and the settings ask for that."""


def raised_at(error: BaseException) -> str | None:
    """Return where an error comes from, file and line: what a log line may say of it. Its text may hold what came."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else None
