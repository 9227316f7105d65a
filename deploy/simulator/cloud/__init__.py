"""The meeting cloud: REST calls and WebSockets of one simulated enterprise, over real connections.

Written from the reference alone; imports nothing of the receiver's. By default it listens on loopback only.
"""

from .cloud import Cloud
from .errors import NoSuchMeeting
from .faults import BROKEN_DOWN, THROTTLED, TOKEN_REFUSED, Faults, RestFault, SocketFault
from .meeting import Meeting
from .options import PUSH_TYPES, CloudOptions, WebhookTarget
from .sent import SentFrame
from .server import running_cloud

__all__ = [
    "BROKEN_DOWN",
    "PUSH_TYPES",
    "THROTTLED",
    "TOKEN_REFUSED",
    "Cloud",
    "CloudOptions",
    "Faults",
    "Meeting",
    "NoSuchMeeting",
    "RestFault",
    "SentFrame",
    "SocketFault",
    "WebhookTarget",
    "running_cloud",
]
