"""What the service's quality figures are asked for with, and what its answers say. Pure.

Facts from the SDK's models of "metrics"; times are milliseconds, `time` of a figure is yyyy-MM-ddTHH:mm:ss.SSSZ in UTC.
"""

from collections.abc import Mapping
from typing import Final

from schemas.ids import MeetingId, MeetingUuid, ParticipantId

from .ask import Ask
from .errors import Faulty
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
from .meetings import PAGE
from .reading import Members, at_iso, at_ms, inner, members, number, rows, text, whole, yes

_ALARMS: Final[Mapping[MeasuredKind, str]] = {
    "audio": "audioAlarm",
    "video": "videoAlarm",
    "screen": "screenAlarm",
    "cpu": "cpuAlarm",
}
_PARTICIPANT_ALARMS: Final = (
    "alarm",
    "audioAlarmSend",
    "videoAlarmSend",
    "screenAlarmSend",
    "audioAlarmRec",
    "videoAlarmRec",
    "screenAlarmRec",
    "cpuAlarm",
)
_WORDS: Final[Mapping[str, str]] = {
    "user_uuid": "userUUID",
    "name": "displayName",
    "department": "deptName",
    "terminal_type": "terminalType",
    "role": "role",
    "network_type": "networkType",
    "ip_address": "ipAddress",
    "country": "country",
    "province": "province",
    "city": "city",
    "app_version": "appVersion",
    "system": "systemInfo",
    "data_centre": "dataCenter",
}


def ask_measured(offset: int) -> Ask:
    """Return the request for one page of the meetings that are on."""
    return Ask(
        name="measured_meetings",
        path="/v1/metrics/conferences/online",
        query={"offset": str(offset), "limit": str(PAGE)},
    )


def ask_participants(meeting_uuid: str, offset: int) -> Ask:
    """Return the request for one page of a meeting's participants."""
    return Ask(
        name="measured_participants",
        path="/v1/metrics/conference/participants",
        query={"confUUID": meeting_uuid, "confType": "online", "offset": str(offset), "limit": str(PAGE)},
    )


def ask_measurements(meeting_uuid: str, participant_id: str, kind: MeasuredKind) -> Ask:
    """Return the request for one participant's figures of one kind."""
    return Ask(
        name="measurements",
        path="/v1/metrics/conference/participant/qos",
        query={"confUUID": meeting_uuid, "confType": "online", "participantID": participant_id, "qosType": kind},
    )


def ask_thresholds() -> Ask:
    """Return the request for the limits that alarms go by."""
    return Ask(name="thresholds", path="/v1/metrics/conference/threshold")


def measured_meeting_of(row: Members) -> MeasuredMeeting | None:
    """Read one row; None where it does not say which meeting."""
    meeting_id, uuid = text(row.get("conferenceID")), text(row.get("confUUID"))
    if uuid is None:
        return None
    alarms = frozenset(kind for kind, name in _ALARMS.items() if yes(row.get(name)))
    return MeasuredMeeting(
        meeting_id=MeetingId(meeting_id) if meeting_id else None,
        meeting_uuid=MeetingUuid(uuid),
        subject=text(row.get("subject")),
        alarm=bool(yes(row.get("alarm"))) or bool(alarms),
        alarms=alarms,
        started_at=at_ms(row.get("startTime")),
        participants=whole(row.get("participants")),
    )


def participant_of(row: Members) -> MeasuredParticipant | None:
    """Read one row; None where it does not say which participant."""
    participant_id = text(row.get("participantID"))
    if participant_id is None:
        return None
    return MeasuredParticipant(
        participant_id=ParticipantId(participant_id),
        **{ours: text(row.get(theirs)) for ours, theirs in _WORDS.items()},
        joined_at=at_ms(row.get("joinTime")),
        left_at=at_ms(row.get("leftTime")),
        alarm=any(yes(row.get(name)) for name in _PARTICIPANT_ALARMS),
        has_measurements=yes(row.get("existQos")) is not False,
    )


def measurements_of(body: bytes, kind: MeasuredKind) -> Measurements:
    """Read the answer to `ask_measurements`. Raises Faulty where it holds no figures' object."""
    found = members(body)
    if not isinstance(found.get("qos"), dict):
        raise Faulty
    qos = inner(found, "qos")
    cpu = inner(qos, "cpu")
    return Measurements(
        kind=kind,
        sent=_flow(inner(qos, "send")),
        received=_flow(inner(qos, "receive")),
        client_cpu_percent=_figures(cpu, "client_cpu_max"),
        system_cpu_percent=_figures(cpu, "system_cpu_max"),
    )


def thresholds_of(body: bytes) -> Thresholds:
    """Read the answer to `ask_thresholds`. Raises Faulty where it is no object."""
    found = members(body)
    return Thresholds(
        latency_ms=_threshold(inner(found, "latency")),
        jitter_ms=_threshold(inner(found, "jitter")),
        packet_loss_percent=_threshold(inner(found, "packetLoss")),
        client_cpu_percent=number(found.get("clientCpuMax")),
        system_cpu_percent=number(found.get("systemCpuMax")),
    )


def _flow(found: Members) -> MeasuredFlow:
    return MeasuredFlow(
        bitrate_kbps=_figures(found, "bitrate"),
        latency_ms=_figures(found, "latency"),
        jitter_ms=_figures(found, "jitter"),
        packet_loss_percent=_figures(found, "packet_loss_max"),
        frame_rate_fps=_figures(found, "frame"),
        resolution=tuple(
            Wording(at=at, value=value)
            for row in rows(found, "resolution")
            if (at := at_iso(row.get("time"))) is not None and (value := text(row.get("value"))) is not None
        ),
    )


def _figures(found: Members, name: str) -> tuple[Figure, ...]:
    return tuple(
        Figure(at=at, value=value, alarm=yes(row.get("alarm")), threshold=number(row.get("threshold")))
        for row in rows(found, name)
        if (at := at_iso(row.get("time"))) is not None and (value := number(row.get("value"))) is not None
    )


def _threshold(found: Members) -> Threshold:
    def given(name: str) -> float | None:
        value = number(found.get(name))
        return number(found.get(f"{name}Default")) if value is None else value

    return Threshold(sent=given("sending"), received=given("receiving"))
