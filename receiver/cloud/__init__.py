"""The meeting service's REST calls for one enterprise, and how its enterprise push is watched.

`client` is what can be asked; `errors` draws what can go wrong; `auth`, `meetings`, `measured_calls`
and `push_configuration` are pure: what is asked and what the answers say. `push_watch` looks after the enterprise push.
"""

from .client import Cloud
from .errors import (
    Again,
    BadRequest,
    Barred,
    ClockSkew,
    CloudError,
    Faulty,
    Final,
    Forbidden,
    NotFound,
    Throttled,
    Unauthenticated,
    Unreachable,
)
from .measured import (
    Figure,
    MeasuredFlow,
    MeasuredKind,
    MeasuredMeeting,
    MeasuredParticipant,
    Measurements,
    Threshold,
    Thresholds,
    Wording,
)
from .meetings import ControlToken, OnlineMeeting
from .push_configuration import PushDiffers, PushStatus, PushTrouble, PushUnaddressed, trouble
from .push_watch import PushWatch

__all__ = [
    "Again",
    "BadRequest",
    "Barred",
    "ClockSkew",
    "Cloud",
    "CloudError",
    "ControlToken",
    "Faulty",
    "Figure",
    "Final",
    "Forbidden",
    "MeasuredFlow",
    "MeasuredKind",
    "MeasuredMeeting",
    "MeasuredParticipant",
    "Measurements",
    "NotFound",
    "OnlineMeeting",
    "PushDiffers",
    "PushStatus",
    "PushTrouble",
    "PushUnaddressed",
    "PushWatch",
    "Threshold",
    "Thresholds",
    "Throttled",
    "Unauthenticated",
    "Unreachable",
    "Wording",
    "trouble",
]
