"""Every way the simulator can end early, and the exit status of its commands.

SimulatorError
├── Refused          1  the receiver's answer was not the right one
├── BadArguments     2  something that was asked for cannot be done
│   └── NotLoopback  2  load for another machine, and nobody said --allow-remote
└── NoConnection     3  nothing answers there
"""

from typing import ClassVar


class SimulatorError(Exception):
    """Its text is one line for the terminal and holds no password."""

    exit_status: ClassVar[int] = 1


class Refused(SimulatorError):
    """The receiver answered, but not as the service expects."""


class BadArguments(SimulatorError):
    """A file that cannot be read, a URL that is none, a value out of range."""

    exit_status = 2


class NotLoopback(BadArguments):
    """Load would have left this machine."""


class NoConnection(SimulatorError):
    """Nothing answers at the address, or not in time, or not in HTTP."""

    exit_status = 3
