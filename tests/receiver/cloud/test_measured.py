"""The service's own quality figures: what is asked, and what is made of the answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from receiver.cloud import (
    Faulty,
    Figure,
    MeasuredFlow,
    MeasuredMeeting,
    MeasuredParticipant,
    Measurements,
    Threshold,
    Thresholds,
    Wording,
)
from schemas.ids import MeetingId, MeetingUuid, ParticipantId

from .asking import asking
from .service import MEASURED, PARTICIPANTS, QOS, THRESHOLD, Reply

AT = datetime(2026, 3, 2, 5, tzinfo=UTC)
AT_MS = 1772427600000


async def test_measured_meetings_are_listed_with_what_is_bad() -> None:
    """An alarm of one kind is an alarm, even where the sum of them says no; a row without a UUID is none."""
    async with asking() as parts:
        whole = {
            "confUUID": "uuid-1",
            "conferenceID": "900000001",
            "subject": "MARKER-SUBJECT",
            "alarm": "NO",
            "audioAlarm": "YES",
            "videoAlarm": "NO",
            "cpuAlarm": True,
            "startTime": AT_MS,
            "endTime": 0,
            "participants": "12",
        }
        parts.service.answers(
            MEASURED, Reply(200, {"count": 4, "data": [whole, {"conferenceID": "x"}, {"confUUID": "uuid-2"}, 1]})
        )

        found = await parts.cloud.measured_meetings()

        assert found == [
            MeasuredMeeting(
                meeting_id=MeetingId("900000001"),
                meeting_uuid=MeetingUuid("uuid-1"),
                subject="MARKER-SUBJECT",
                alarm=True,
                alarms=frozenset({"audio", "cpu"}),
                started_at=AT,
                participants=12,
            ),
            MeasuredMeeting(meeting_id=None, meeting_uuid=MeetingUuid("uuid-2")),
        ]
        assert [asked.query for asked in parts.service.of(MEASURED)] == [{"offset": "0", "limit": "500"}]
        assert "MARKER" not in repr(found)


async def test_participants_are_paged() -> None:
    """Of the meeting that is on, 500 a page; each with what the service knows of where it sits."""
    async with asking() as parts:
        whole = {
            "participantID": "p-1",
            "userUUID": "u-1",
            "displayName": "MARKER-NAME",
            "deptName": "d",
            "terminalType": "PC",
            "role": "host",
            "ipAddress": "192.0.2.1",
            "country": "CN",
            "province": "GD",
            "city": "SZ",
            "appVersion": "9",
            "joinTime": str(AT_MS),
            "leftTime": 0,
            "systemInfo": "s",
            "networkType": "wifi",
            "alarm": "NO",
            "videoAlarmRec": "YES",
            "dataCenter": "dc",
            "existQos": False,
        }
        rows = [whole, *({"participantID": f"p-{number}"} for number in range(2, 502)), {"role": "guest"}]
        parts.service.answers(
            PARTICIPANTS,
            Reply(200, {"count": "502", "data": rows[:500]}),
            Reply(200, {"count": "502", "data": rows[500:]}),
        )

        found = await parts.cloud.measured_participants("uuid-1")

        assert found[0] == MeasuredParticipant(
            participant_id=ParticipantId("p-1"),
            user_uuid="u-1",
            name="MARKER-NAME",
            department="d",
            terminal_type="PC",
            role="host",
            network_type="wifi",
            ip_address="192.0.2.1",
            country="CN",
            province="GD",
            city="SZ",
            app_version="9",
            system="s",
            data_centre="dc",
            joined_at=AT,
            left_at=None,
            alarm=True,
            has_measurements=False,
        )
        assert found[1:] == [
            MeasuredParticipant(participant_id=ParticipantId(f"p-{number}")) for number in range(2, 502)
        ]
        assert [asked.query for asked in parts.service.of(PARTICIPANTS)] == [
            {"confUUID": "uuid-1", "confType": "online", "offset": offset, "limit": "500"} for offset in ("0", "500")
        ]
        assert "MARKER" not in repr(found)


def series(*values: object, **more: object) -> list[object]:
    """Return the service's rows for these values, a minute apart."""
    times = [f"2026-03-02T05:0{number}:00.000Z" for number in range(len(values))]
    return [{"time": time, "value": value, **more} for time, value in zip(times, values, strict=True)]


async def test_figures_are_numbers_at_times() -> None:
    """Strings of numbers too; a value that is none, or without its time, is not there, and costs no other."""
    async with asking() as parts:
        flow = {
            "bitrate": series("64", "x", 65.5),
            "latency": [*series(20, alarm=True, threshold="300"), {"value": 3}, None],
            "jitter": series(3, alarm="NO"),
            "packet_loss_max": series("1.5"),
            "resolution": [*series("1280x720", None), {"value": "1x1"}],
            "frame": series(25),
        }
        cpu = {"client_cpu_max": series(50), "system_cpu_max": series(90, alarm=True, threshold=80)}
        parts.service.answers(QOS, Reply(200, {"user": {}, "qos": {"type": "video", "send": flow, "cpu": cpu}}))

        found = await parts.cloud.measurements("uuid-1", "p-1", "video")

        assert found == Measurements(
            kind="video",
            sent=MeasuredFlow(
                bitrate_kbps=(Figure(at=AT, value=64), Figure(at=AT + timedelta(minutes=2), value=65.5)),
                latency_ms=(Figure(at=AT, value=20, alarm=True, threshold=300),),
                jitter_ms=(Figure(at=AT, value=3, alarm=False),),
                packet_loss_percent=(Figure(at=AT, value=1.5),),
                frame_rate_fps=(Figure(at=AT, value=25),),
                resolution=(Wording(at=AT, value="1280x720"),),
            ),
            client_cpu_percent=(Figure(at=AT, value=50),),
            system_cpu_percent=(Figure(at=AT, value=90, alarm=True, threshold=80),),
        )
        assert [asked.query for asked in parts.service.of(QOS)] == [
            {"confUUID": "uuid-1", "confType": "online", "participantID": "p-1", "qosType": "video"}
        ]


async def test_an_answer_without_figures_is_a_fault() -> None:
    """Not the same as figures that are empty."""
    async with asking() as parts:
        parts.service.answers(QOS, Reply(200, {"user": {}, "qos": {}}))
        assert await parts.cloud.measurements("u", "p", "cpu") == Measurements(kind="cpu")

        parts.service.answers(QOS, Reply(200, {"user": {}}))
        with pytest.raises(Faulty):
            await parts.cloud.measurements("u", "p", "cpu")


async def test_thresholds_fall_back_to_their_defaults() -> None:
    """What the enterprise has set, else what the service says it goes by."""
    async with asking() as parts:
        parts.service.answers(
            THRESHOLD,
            Reply(
                200,
                {
                    "latency": {"receiving": 100, "receivingDefault": 300, "sendingDefault": "300"},
                    "jitter": {"sending": 40, "receiving": None},
                    "clientCpuMax": 80,
                    "systemCpuMax": "90",
                },
            ),
        )

        assert await parts.cloud.thresholds() == Thresholds(
            latency_ms=Threshold(sent=300, received=100),
            jitter_ms=Threshold(sent=40, received=None),
            client_cpu_percent=80,
            system_cpu_percent=90,
        )
