"""Every way the dashboard can refuse, and the answer that it causes. Each has a word for programs.

DashboardError
├── BadArguments   400  an argument or a body that is not what it should be; the message says which
├── NotLoggedIn    401  no session and no token, or none that holds
├── Refused        403  it is somebody, but he may not; or the token against forgery is missing
├── NotThere       404  no such meeting, alert, archive … or none that he may see
├── Unwanted       409  it is well said, and makes no sense now; the message says what would
├── TooMany        429  too many tries, or open lines of one user; Retry-After says when
└── NotNow         503  what is needed does not answer
"""

from typing import ClassVar


class DashboardError(Exception):
    """The root of the tree. The message is for a person; nothing of a body stands in it."""

    status: ClassVar[int] = 500
    error: ClassVar[str] = "failed"

    def __init__(self, message: str, *, error: str | None = None, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.word = error or self.error
        self.retry_after_s = retry_after_s


class BadArguments(DashboardError):
    """The message says which one, and what it must be."""

    status, error = 400, "arguments"
    place = ""
    """The member that does not fit, where it is one."""


class NotLoggedIn(DashboardError):
    """Nobody, as far as can be told."""

    status, error = 401, "login"


class Refused(DashboardError):
    """Somebody who may not."""

    status, error = 403, "forbidden"


class NotThere(DashboardError):
    """There is none, or none for him: he is not told which."""

    status, error = 404, "missing"


class Unwanted(DashboardError):
    """The message says what would make sense."""

    status, error = 409, "unwanted"


class TooMany(DashboardError):
    """Later."""

    status, error = 429, "too_many"


class NotNow(DashboardError):
    """What is needed does not answer."""

    status, error = 503, "unavailable"
