"""The channels: how one message is put, signed and sent, and what the other side's answer means.

A channel keeps nothing and repeats nothing; what was told to whom, and what is still to be told, is the outbox's.
Nothing is ever shown of an address, a secret or an answer's text: robots' addresses are passwords.

ChannelError           not told
├── Unavailable        try again, `after_s` seconds from now at the earliest where that is known
└── Refused            this message will never be taken; others may be
"""


class ChannelError(Exception):
    """A channel did not take a message. `reason` is one of ours: a status, a code, a kind of failure."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unavailable(ChannelError):
    """Not now. `after_s`: not before so many seconds, as the other side said or documents it."""

    def __init__(self, reason: str, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Refused(ChannelError):
    """Never, in this form."""
