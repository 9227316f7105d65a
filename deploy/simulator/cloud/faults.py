"""What can be made to go wrong, once, a number of times, or now and then by the seed. Pure."""

import enum
from collections import deque
from collections.abc import Mapping
from random import Random
from typing import Final

import msgspec


class SocketFault(enum.StrEnum):
    """What befalls one pushed frame, or the socket that it was meant for."""

    CLOSE = "close"
    """The connection ends without a close frame, instead of the push."""
    FREEZE = "freeze"
    """The socket stays open and takes everything, but nothing comes from it any more."""
    GAP = "gap"
    """The frame's number is used up and the frame never sent; befalls incremental frames alone."""
    DUPLICATE = "duplicate"
    """The same bytes come twice."""
    DISORDER = "disorder"
    """The frame comes after the one that follows it on this socket."""
    UNKNOWN_ACTION = "unknown-action"
    """A push of an action that no reference has comes before it."""
    ODD_KEYS = "odd-keys"
    """Every key ends in a space, as some of the reference's do."""
    WRONG_TYPES = "wrong-types"
    """Numbers come as strings and lists as objects."""


class RestFault(msgspec.Struct, frozen=True, kw_only=True):
    """How a request is answered instead of as asked; `delay_s` alone makes the right answer slow."""

    status: int | None = None
    code: str = ""
    """error_code of the body; USG.000000004 is what a 401 says of an access token that is no longer valid."""
    retry_after_s: int | None = None
    delay_s: float = 0.0
    body: bytes | None = None
    """Instead of an error body."""
    cut: bool = False
    """The connection ends without an answer."""


TOKEN_REFUSED: Final = RestFault(status=401, code="USG.000000004")
THROTTLED: Final = RestFault(status=429, code="MMC.100000429", retry_after_s=2)
BROKEN_DOWN: Final = RestFault(status=500, code="MMC.100000500")


class Faults:
    """The faults that are still to come. Those that are asked for by number come before any that chance brings."""

    def __init__(self, *, seed: int, rates: Mapping[SocketFault, float]) -> None:
        self._rng = Random(seed)  # noqa: S311 -- chance to be repeated, no secret
        self._rates = rates
        self._frames: deque[tuple[str | None, SocketFault]] = deque()
        self._requests: deque[tuple[str, RestFault]] = deque()
        self._subscribes: deque[int] = deque()
        self._control_tokens = 0

    def next_frames(self, fault: SocketFault, times: int = 1, *, meeting_id: str | None = None) -> None:
        """Let `fault` befall the next `times` frames, of one meeting or of any."""
        self._frames.extend([(meeting_id, fault)] * times)

    def next_requests(self, fault: RestFault, times: int = 1, *, path: str = "") -> None:
        """Answer so the next `times` requests whose path contains `path`."""
        self._requests.extend([(path, fault)] * times)

    def next_subscribes(self, times: int = 1, *, code: int = 111072065) -> None:
        """Refuse the next Subscribes. The codes are not documented; this is the REST calls' for a bad token."""
        self._subscribes.extend([code] * times)

    def next_control_tokens(self, times: int = 1) -> None:
        """Let the next control tokens be over when they are given."""
        self._control_tokens += times

    def of_frame(self, meeting_id: str, *, incremental: bool) -> SocketFault | None:
        """Return what befalls a frame that is about to be sent."""
        for place, (wanted, fault) in enumerate(self._frames):
            if wanted in (None, meeting_id) and (incremental or fault is not SocketFault.GAP):
                del self._frames[place]
                return fault
        for fault, rate in self._rates.items():
            if self._rng.random() < rate and (incremental or fault is not SocketFault.GAP):
                return fault
        return None

    def of_request(self, path: str) -> RestFault | None:
        """Return what befalls a request."""
        for place, (wanted, fault) in enumerate(self._requests):
            if wanted in path:
                del self._requests[place]
                return fault
        return None

    def of_subscribe(self) -> int | None:
        """Return the returnCode of a Subscribe that is refused."""
        return self._subscribes.popleft() if self._subscribes else None

    def of_control_token(self) -> bool:
        """Return whether a control token is over at once."""
        over = self._control_tokens > 0
        self._control_tokens -= over
        return over
