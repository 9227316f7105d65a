"""What the cloud refuses: to the one who plays it, and to the client that asks it.

SimulatorError
└── NoSuchMeeting   an act in a meeting that is not on
RequestRefused      an answer with an error body; not an error of the simulator's
"""

from ..errors import SimulatorError


class NoSuchMeeting(SimulatorError):
    """No meeting is on under that ID."""


class RequestRefused(Exception):
    """A request that is answered with `{"error_code":…,"error_msg":…}`."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.words = words


def no_such_meeting() -> RequestRefused:
    """Return the refusal for a meeting that is not on, or whose password is wrong; one code says both."""
    return RequestRefused(400, "MMC.111072065", "CONF_NOT_FOUND_OR_AUTH_FAILED")


def token_refused() -> RequestRefused:
    """Return the refusal of an access token that is not good, or is over."""
    return RequestRefused(401, "USG.000000004", "TOKEN_INVALID")


def bad_request(words: str) -> RequestRefused:
    """Return the refusal of a request without what it must have; the code is a guess."""
    return RequestRefused(400, "MMC.100000001", words)
