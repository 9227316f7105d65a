"""The settings, table by table, as an operator writes them in meetwire.toml; a module for each part of meetwire.

Every default is one that holds on one machine. A secret has a type of its own, so that masking never rests on a
guess from a name. Reading files and the environment is deploy's work; here is what fits.
"""

from ..secret import Secret
from .captions import Captions
from .dashboard import Dashboard
from .enterprises import App, Enterprise
from .qos import Qos
from .receiver import DEFAULT_PARTITIONS, Admin, Kafka, Log, Logging, Webhook
from .root import Root
from .subscriber import Subscriber
from .values import Address, Days, Positive, Seconds, WebPath

__all__ = [
    "DEFAULT_PARTITIONS",
    "Address",
    "Admin",
    "App",
    "Captions",
    "Dashboard",
    "Days",
    "Enterprise",
    "Kafka",
    "Log",
    "Logging",
    "Positive",
    "Qos",
    "Root",
    "Seconds",
    "Secret",
    "Subscriber",
    "WebPath",
    "Webhook",
]
