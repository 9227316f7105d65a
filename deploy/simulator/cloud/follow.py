"""Let the cloud do what an enterprise push tells: the same meetings, people and IDs on both sides."""

from collections.abc import Mapping
from typing import Any

from .cloud import Cloud
from .meeting import Meeting


def follow(cloud: Cloud, event_info: Mapping[str, Any]) -> None:
    """Start, fill, empty or end a meeting as the event says; what is told twice, late or of another is passed over."""
    match event_info:
        case {"event": event, "payload": {"meetingInfo": {"meetingID": str(), "meetingUUID": str(held)}}}:
            meeting = next((one for one in cloud.on.values() if one.meeting_uuid == held), None)
            if meeting is not None:
                _go_on(cloud, meeting, event, event_info["payload"].get("attendeeInfo", {}))
            elif event == "meeting.started" and held not in cloud.past:
                _start(cloud, event_info["payload"]["meetingInfo"])
        case _:
            # Announced alone, or not as the reference has it.
            pass


def _start(cloud: Cloud, told: Mapping[str, Any]) -> None:
    told_id = told["meetingID"]
    for before in [one for one in cloud.on.values() if one.told_id == told_id]:
        cloud.end_meeting(before.meeting_id)
    more = {"meeting_uuid": told["meetingUUID"], "cycle_sub_id": told.get("meetingCycleSubID")}
    if _is_cloud_room(told_id):
        cloud.start_meeting(room_id=told_id, **more)
    else:
        cloud.start_meeting(told_id, **more)


def _go_on(cloud: Cloud, meeting: Meeting, event: object, attendee: Mapping[str, Any]) -> None:
    there = attendee.get("participantID") in meeting.people
    if event == "meeting.end":
        cloud.end_meeting(meeting.meeting_id)
    elif event == "meeting.join" and not there and "participantID" in attendee:
        cloud.join(meeting.meeting_id, told=attendee)
    elif event == "meeting.left" and there:
        cloud.leave(meeting.meeting_id, attendee["participantID"])


def _is_cloud_room(told_id: str) -> bool:
    """Return whether a fixed ID is a cloud room's, whose meetings have an ID of their own: every other one is."""
    return told_id.startswith("9") and int(told_id) % 2 == 1
