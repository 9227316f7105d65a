"""A stand-in for the meeting cloud: sends what it sends, so that a receiver can be shown, measured and broken.

Imports nothing of the receiver's: what is to be checked must not check itself. By default nothing but a single `send`
leaves the machine.
"""

from .clock import Clock, FastClock, ManualClock, RealClock
from .day import Planned, day_of_meetings
from .errors import NoConnection, NotLoopback, Refused, SimulatorError
from .faults import Delivery, Kind, deliveries
from .ledger import Entry, Ledger
from .push import Style, Subscriber, build_push
from .report import Report
from .schedule import retry_delays
from .send_command import add_send_arguments, run_send
from .sender import Retry, Sender, open_sender
from .signature import sign
from .simulate_command import add_simulate_arguments, run_simulate
from .simulation import SimulateOptions, simulate

__all__ = [
    "Clock",
    "Delivery",
    "Entry",
    "FastClock",
    "Kind",
    "Ledger",
    "ManualClock",
    "NoConnection",
    "NotLoopback",
    "Planned",
    "RealClock",
    "Refused",
    "Report",
    "Retry",
    "Sender",
    "SimulateOptions",
    "SimulatorError",
    "Style",
    "Subscriber",
    "add_send_arguments",
    "add_simulate_arguments",
    "build_push",
    "day_of_meetings",
    "deliveries",
    "open_sender",
    "retry_delays",
    "run_send",
    "run_simulate",
    "sign",
    "simulate",
]
