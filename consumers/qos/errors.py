"""What can go wrong with quality alerts, besides what can with every consumer, and what follows.

QosError
└── StateInUse   another process has the state folder: this one is refused; each needs a folder of its own
"""


class QosError(Exception):
    """The root of the tree."""


class StateInUse(QosError):
    """The message names the folder."""
