"""The codes of the meeting push that are documented, in our words (reference, the tables of each push)."""

from collections.abc import Mapping
from typing import Final

MEDIA: Final[Mapping[str, str]] = {"1": "voice", "2": "video"}
RECORDING: Final[Mapping[str, str]] = {"0": "off", "1": "recording", "2": "recording_and_live", "3": "live"}
CALL_IN: Final[Mapping[str, str]] = {"0": "everyone", "2": "enterprise", "3": "invited"}
# Creating is in the tables of the REST calls alone.
STATES: Final[Mapping[str, str]] = {
    "Schedule": "scheduled",
    "Creating": "creating",
    "Created": "running",
    "Destroyed": "closed",
}

ROLES: Final[Mapping[str, str]] = {"0": "participant", "1": "host", "2": "audience"}
PRESENCE: Final[Mapping[str, str]] = {"0": "in_meeting", "1": "calling"}
WAITING: Final[Mapping[str, str]] = {"0": "waiting", "1": "admitted"}
VIEWING: Final[Mapping[str, str]] = {"0": "nothing", "1": "all", "2": "one"}

RESULTS: Final[Mapping[str, str]] = {
    "0": "connected",
    "11111001": "no_media_received",
    "11111002": "no_media_at_site",
    "11111003": "signalling_lost",
    "11111004": "socket_lost",
    "11076002": "hung_up_by_host",
    "11076010": "hung_up",
    "11076016": "hung_up_in_portal",
    # These are not in the reference; a client knows them.
    "11076001": "hung_up_by_host",
    "11076003": "room_full",
    "11076004": "enterprise_full",
    "11076005": "no_answer",
    "11076006": "not_found",
    "11076007": "offline",
    "11076008": "busy",
    "11076009": "rejected",
    "11076011": "no_resources",
    "11076012": "telephone_not_enabled",
    "11076013": "directory_refused",
    "11076014": "timed_out",
}
