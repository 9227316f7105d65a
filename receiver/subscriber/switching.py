"""Switch captions on, in whichever form the service takes, and notice where it takes none. Pure.

The table of "ConfControl" has numbers, its example texts; the example's token is a placeholder, and one client sends it
as it was given. So where one form is refused the next is tried, on the same socket; and what was taken is kept to.
"""

from collections.abc import Mapping
from typing import Final

from ..cloud.meetings import ControlToken
from ..frames import Reply
from . import asking
from .meeting import Now, Refused, Send

_NUMBERS: Final[Mapping[str, object]] = {"isSubtitle": 1, "subtitleType": 0}
_TEXTS: Final[Mapping[str, object]] = {"isSubtitle": "1", "subtitleType": "0"}
# Whether the token goes as Basic and Base64, and how the switch is spelt.
_FORMS: Final = ((True, _NUMBERS), (True, _TEXTS), (False, _NUMBERS), (False, _TEXTS))


class Switching:
    """Of one meeting's subscription; outlives the socket."""

    __slots__ = ("_form", "_left")

    def __init__(self) -> None:
        self._form = 0
        self._left = 0

    def begin(self, meeting_id: str, control: ControlToken, now: Now) -> Send:
        """Return the frame that asks, on a new socket; where captions are on it changes nothing."""
        self._left = len(_FORMS) - 1
        return self._send(meeting_id, control, now)

    def answered(self, reply: Reply, meeting_id: str, control: ControlToken, now: Now) -> list[Send | Refused]:
        """Take the answer: nothing more, the next form, or that none is taken. One without a code is good."""
        if reply.code in (None, 0):
            return []
        self._form = (self._form + 1) % len(_FORMS)
        if self._left == 0:
            return [Refused(reply.code)]
        self._left -= 1
        return [self._send(meeting_id, control, now)]

    def _send(self, meeting_id: str, control: ControlToken, now: Now) -> Send:
        is_basic, switch = _FORMS[self._form]
        token = control.authorization() if is_basic else control.token
        return Send(asking.captions_on(meeting_id, token, switch, asking.sequence_at(now.at)))
