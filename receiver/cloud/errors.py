"""What a call of the service can fail with. The leaves' parents say whether asking again may help.

CloudError
├── Final                 asking again changes nothing
│   ├── NotFound          the meeting is not on, not there, or its password is another
│   ├── Forbidden         403, 412, 423: a right, the edition, or an account that is disabled or locked
│   ├── BadRequest        400 and its like: what we asked is not understood
│   └── Unauthenticated   401: every key is refused
│       ├── ClockSkew     401, and our clock differs from the service's by more than a minute
│       └── Barred        no token is given to anybody: the account is disabled or locked, the address another's
└── Again                 asking later may help
    ├── Unreachable       no connection, no name, no TLS, no answer in time, a proxy that refuses
    ├── Throttled         429; `retry_after_s` where the service says how long
    └── Faulty            5xx, or an answer that cannot be read

None of them shows what the service wrote or whom it was asked at: messages hold names, addresses hold tokens.
"""

import re
import typing
from typing import Literal

# CONF_NOT_FOUND_OR_AUTH_FAILED ("Querying a conference control token", error example).
NOT_FOUND_CODE: typing.Final = "MMC.111072065"
# The access token is no longer valid (401; seen in client code).
TOKEN_INVALID_CODE: typing.Final = "USG.000000004"  # noqa: S105 -- the name of an error

_CODE: typing.Final = re.compile(r"[A-Z]{2,8}\.[0-9]{1,16}")

UnreachableReason = Literal["connect", "dns", "tls", "timeout", "proxy"]
Outcome = Literal[
    "good", "not_found", "forbidden", "bad_request", "unauthenticated", "unreachable", "throttled", "faulty"
]


class CloudError(Exception):
    """A call that did not give what was asked for."""

    outcome: Outcome

    def __init__(self, *, code: str | None = None, status: int | None = None) -> None:
        super().__init__()
        self.code = code
        """The service's error code, such as MMC.111072065; None where it gave none of that form."""
        self.status = status
        """The answer's HTTP status; None where there was none."""

    def __str__(self) -> str:
        """Say its kind, the status and the code."""
        known = ", ".join(str(part) for part in (self.status, self.code) if part is not None)
        return f"{type(self).__name__} ({known})" if known else type(self).__name__


class Final(CloudError):
    """Asking again changes nothing."""


class NotFound(Final):
    """The meeting is not on, not there, or its password is another: the service tells these not apart."""

    outcome = "not_found"


class Forbidden(Final):
    """A right is missing, the edition does not have it, or the account is disabled or locked."""

    outcome = "forbidden"


class BadRequest(Final):
    """The service does not understand what was asked."""

    outcome = "bad_request"


class Unauthenticated(Final):
    """Every key is refused, or a token that was just given."""

    outcome = "unauthenticated"

    def __init__(self, *, code: str | None = None, status: int | None = None, ahead_s: float | None = None) -> None:
        super().__init__(code=code, status=status)
        self.ahead_s = ahead_s
        """By how much our clock is ahead of the answer's Date; negative: behind; None: it has none."""


class ClockSkew(Unauthenticated):
    """Refused, and our clock is wrong: the time in a signature is judged by the service's clock."""

    def __str__(self) -> str:
        """Say by how much, and which way."""
        ahead_s = self.ahead_s or 0.0
        which = "ahead of" if ahead_s > 0 else "behind"
        return f"{super().__str__()}: this machine's clock is {abs(ahead_s):.0f} s {which} the service's; set it right"


class Barred(Unauthenticated):
    """No token is given, whatever the key: it is the whole enterprise's trouble, and no single meeting's."""

    def __str__(self) -> str:
        """Say what that can be."""
        why = "the account is disabled or locked" if self.status in (403, 412, 423) else "App ID or address are wrong"
        return f"{super().__str__()}: no token is given; {why}"


class Again(CloudError):
    """Asking later may help."""


class Unreachable(Again):
    """No answer came."""

    outcome = "unreachable"

    def __init__(self, reason: UnreachableReason, *, status: int | None = None) -> None:
        super().__init__(status=status)
        self.reason: UnreachableReason = reason

    def __str__(self) -> str:
        """Say what stands in the way."""
        return f"{super().__str__()}: {_WORDS[self.reason]}"


class Throttled(Again):
    """The service wants to be asked less. No call is made until `retry_after_s` is over."""

    outcome = "throttled"

    def __init__(
        self, *, code: str | None = None, status: int | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(code=code, status=status)
        self.retry_after_s = retry_after_s


class Faulty(Again):
    """The service fails, or answers with what cannot be read."""

    outcome = "faulty"


_WORDS: typing.Final[dict[UnreachableReason, str]] = {
    "connect": "no connection",
    "dns": "its name is not known",
    "tls": "its certificate is not trusted",
    "timeout": "no answer in time",
    "proxy": "the proxy refuses or does not answer",
}

_BY_STATUS: typing.Final[dict[int, type[CloudError]]] = {
    401: Unauthenticated,
    # 412: account disabled, 423: account locked ("Authenticating an App ID", status codes).
    403: Forbidden,
    412: Forbidden,
    423: Forbidden,
    404: NotFound,
    # The proxy's, not the service's.
    407: Unreachable,
    408: Faulty,
    429: Throttled,
}


def meaning(status: int, code: str | None) -> type[CloudError]:
    """Return what an answer other than 2xx means: the one place that says whether to ask again."""
    if code == NOT_FOUND_CODE:
        return NotFound
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    # No call of ours is redirected; what does that is not the service.
    return BadRequest if 400 <= status < 500 else Faulty


def plain_code(code: object) -> str | None:
    """Return an error code if it has the form of one: anything else could be content."""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None
