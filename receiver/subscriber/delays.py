"""Which failures are worth another try, and when. Pure."""

from typing import Final, Literal

from ..cloud.errors import BadRequest, CloudError, Forbidden, NotFound, Throttled, Unauthenticated

FIRST_S: Final = 1.0
MOST_S: Final = 60.0
# A meeting that was pushed as started may not be known everywhere at once; then it is no meeting.
TRIES: Final = 5

Asked = Literal["detail", "control", "ticket"]
Verdict = Literal["again", "later", "over", "refused"]


def judge(error: CloudError | None, asked: Asked, *, was_on: bool, tries: int) -> Verdict:
    """Return what a failed call means for the subscription; `tries` counts those in a row, this one included.

    None is a call that never came back. "over": the meeting is. "refused": it is on, and not for us, whatever we do.
    """
    if isinstance(error, NotFound):
        # The detail is asked anew after a refused token: a password can be another by now.
        return "over" if (was_on and asked == "detail") or tries >= TRIES else "again"
    if isinstance(error, Forbidden | BadRequest) and (asked != "ticket" or tries >= TRIES):
        # A link token is refused to a control token that has ended, and that can be had anew.
        return "refused" if isinstance(error, Forbidden) or tries >= TRIES else "again"
    if isinstance(error, Unauthenticated) and asked != "ticket":
        # For the whole enterprise: somebody has to see to the keys, and all meetings wait for that.
        return "later"
    return "again"


def at_least_s(error: CloudError | None) -> float:
    """Return how long the service wants to be left alone."""
    return (error.retry_after_s or 0.0) if isinstance(error, Throttled) else 0.0
