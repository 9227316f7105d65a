"""Types for the identifiers, so that one is never passed as another."""

from typing import NewType

EnterpriseName = NewType("EnterpriseName", str)
"""The name that the operator gave an enterprise in the settings."""

SubscriberId = NewType("SubscriberId", str)
"""`appID` in an enterprise push; "subscriber ID" on the service's page. Not the App ID of its REST calls."""

MeetingId = NewType("MeetingId", str)
"""Comes back: recurring meetings, meetings entered again, personal rooms. One holding is a `MeetingUuid`."""

MeetingUuid = NewType("MeetingUuid", str)
ParticipantId = NewType("ParticipantId", str)
LogId = NewType("LogId", str)
"""The log that a record was appended to: 32 hexadecimal digits, drawn when the file is made."""

Position = NewType("Position", int)
"""A record's place in its log: 1, 2, 3 …, never given twice."""
