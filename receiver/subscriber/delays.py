"""Which failures are worth another try, and when. Pure."""

from typing import Final, Literal

from ..cloud.errors import BadRequest, CloudError, Forbidden, NotFound, Throttled, Unauthenticated

REFUSALS: Final = (NotFound, Forbidden, BadRequest)
"""What the service says of one meeting. Nothing else counts against it: neither sockets nor a service that is away."""

FIRST_S: Final = 1.0
MOST_S: Final = 60.0
# A meeting that was pushed as started may not be known everywhere at once; then it is no meeting.
TRIES: Final = 5

Asked = Literal["detail", "control", "ticket"]
Verdict = Literal["again", "later", "over", "refused"]


def judge(error: CloudError | None, asked: Asked, *, was_on: bool, tries: int) -> Verdict:
    """Return what a failed call means for the subscription; `tries` counts refusals since it was open, this included.

    None is a call that never came back. "over": the meeting is. "refused": it is on, and not for us, whatever we do.
    Who was let in once is refused by a gateway, say, or while rights are being changed: that is not for good.
    """
    if isinstance(error, NotFound):
        # The detail is asked anew after a refused token: a password can be another by now. A 404 without the service's
        # code may be a gateway's, and no word on the meeting.
        is_said = was_on and asked == "detail" and error.code is not None
        return "over" if is_said or tries >= TRIES else "again"
    if isinstance(error, Forbidden | BadRequest):
        # A link token is refused to a control token that has ended, and that can be had anew. A 403 without the
        # service's code may be a gateway's too.
        is_plain = isinstance(error, Forbidden) and asked != "ticket" and error.code is not None
        if not is_plain and tries < TRIES:
            return "again"
        return "later" if was_on else "refused"
    if isinstance(error, Unauthenticated) and asked != "ticket":
        # For the whole enterprise: somebody has to see to the keys, and all meetings wait for that.
        return "later"
    return "again"


def at_least_s(error: CloudError | None) -> float:
    """Return how long the service wants to be left alone."""
    return (error.retry_after_s or 0.0) if isinstance(error, Throttled) else 0.0
