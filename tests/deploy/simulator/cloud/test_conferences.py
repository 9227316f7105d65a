"""Which meetings are on, and the tokens that lead to a socket."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from deploy.simulator import ManualClock
from deploy.simulator.cloud import PUSH_TYPES, CloudOptions

from .client import START, Answer, cloud_and_client
from .passing import pass_time

ONLINE = "/v1/mmc/management/conferences/online"
DETAIL = f"{ONLINE}/confDetail"
NOT_FOUND = Answer(400, {"error_code": "MMC.111072065", "error_msg": "CONF_NOT_FOUND_OR_AUTH_FAILED"})


async def test_list_comes_in_pages() -> None:
    """By start, with how many there are in all; passwords are not among it."""
    async with cloud_and_client() as (cloud, client):
        ids = [cloud.start_meeting().meeting_id for _ in range(5)]
        pages = [await client.ask("GET", ONLINE, queryAll="true", limit="2", offset=str(at)) for at in (0, 2, 4, 6)]

    assert [[one["conferenceID"] for one in page.body["data"]] for page in pages] == [ids[:2], ids[2:4], ids[4:], []]
    assert {page.body["count"] for page in pages} == {5}
    assert "passwordEntry" not in pages[0].body["data"][0]


async def test_meeting_is_told_in_the_words_of_the_sdk() -> None:
    """A cloud room's meeting has an ID of its own, and names the room's beside it."""
    async with cloud_and_client() as (cloud, client):
        meeting = cloud.start_meeting(room_id="900000001", cycle_sub_id="c1", subject="季度复盘", mixed=False)
        cloud.join(meeting.meeting_id)
        (listed,) = (await client.ask("GET", ONLINE, queryAll="true")).body["data"]

    assert listed == {
        "conferenceID": meeting.meeting_id,
        "confUUID": meeting.meeting_uuid,
        "cycleSubConfID": "c1",
        "subject": "季度复盘",
        "scheduserName": "王小明",
        "userUUID": meeting.scheduler_uuid,
        "startTime": "2026-03-02 08:00",
        "endTime": "2026-03-02 09:00",
        "timeZoneID": "56",
        "conferenceState": "Created",
        "confMode": "RTC",
        "webinar": False,
        "vmrFlag": 1,
        "vmrConferenceID": "900000001",
        "conferenceType": 2,
        "onlineAttendeeAmount": 1,
    }


@pytest.mark.parametrize(("wanted", "found"), [("复盘", 1), ("900000001", 1), ("none", 0)])
async def test_list_is_searched(wanted: str, found: int) -> None:
    """By subject and by ID."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001", subject="季度复盘")
        cloud.start_meeting("900000002", subject="周会")
        answer = await client.ask("GET", ONLINE, queryAll="true", searchKey=wanted)

    assert answer.body["count"] == found


async def test_user_sees_no_more_than_their_own() -> None:
    """`queryAll` is an administrator's alone."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(scheduler="u1")
        cloud.start_meeting(scheduler="u2")
        await client.log_in(userId="u1")
        own = await client.ask("GET", ONLINE)
        everyone = await client.ask("GET", ONLINE, queryAll="true")

    assert ([one["scheduserName"] for one in own.body["data"]], everyone.status) == (["u1"], 403)


@pytest.mark.parametrize("query", [{"limit": "501"}, {"limit": "0"}, {"offset": "-1"}, {"limit": "x"}])
async def test_page_out_of_range_is_refused(query: dict[str, str]) -> None:
    """At most 500."""
    async with cloud_and_client() as (_, client):
        assert (await client.ask("GET", ONLINE, **query)).status == 400


async def test_detail_holds_the_passwords() -> None:
    """The host's is what a control token asks for."""
    async with cloud_and_client() as (cloud, client):
        meeting = cloud.start_meeting("900000001", host_password="135790", guest_password="24680")
        cloud.join("900000001")
        answer = await client.ask("GET", DETAIL, conferenceID="900000001")

    assert answer.body["conferenceData"]["confUUID"] == meeting.meeting_uuid
    assert answer.body["conferenceData"]["passwordEntry"] == [
        {"conferenceRole": "chair", "password": "135790"},
        {"conferenceRole": "general", "password": "24680"},
    ]
    assert (answer.body["data"]["count"], answer.body["data"]["data"][0]["role"]) == (1, 1)


@pytest.mark.parametrize(
    ("query", "status"), [({}, 400), ({"conferenceID": "1"}, 400), ({"conferenceID": "900000001"}, 400)]
)
async def test_detail_of_no_meeting_is_refused(query: dict[str, str], status: int) -> None:
    """A room's ID is not its meeting's."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting(room_id="900000001")
        assert (await client.ask("GET", DETAIL, **query)).status == status


async def test_control_token_says_what_a_subscriber_needs() -> None:
    """Where to connect, until when, and which pushes there are."""
    async with cloud_and_client() as (cloud, client):
        meeting = cloud.start_meeting("900000001")
        answer = await client.control_token("900000001", meeting.host_password)
        data: dict[str, Any] = answer.body["data"]

    assert len(data["token"]) == 51
    assert (data["wsURL"], data["role"]) == (cloud.url.replace("http", "ws"), 1)
    assert (data["expireTime"], data["confTokenExpireTime"]) == (cloud.now_ms() + 1_800_000, 1_800)
    assert (data["supportNotifyType"], data["vmrCurrentConfID"]) == (list(PUSH_TYPES), None)


async def test_wrong_password_and_no_meeting_are_one_refusal() -> None:
    """The service tells them apart no more than this."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        answers = [await client.control_token("900000001", "wrong"), await client.control_token("900000001")]
        answers.append(await client.control_token("900000002", "wrong"))
        meeting = cloud.meeting("900000001")
        cloud.end_meeting("900000001")
        answers.append(await client.control_token("900000001", meeting.host_password))

    assert answers == [NOT_FOUND] * 4


@pytest.mark.parametrize(("headers", "status"), [({}, 400), ({"X-Login-Type": "2"}, 400)])
async def test_control_token_needs_its_login_type(headers: dict[str, str], status: int) -> None:
    """1 and no other."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        answer = await client.ask("GET", "/v1/mmc/control/conferences/token", headers=headers, conferenceID="900000001")

    assert answer.status == status


@pytest.mark.parametrize("basic", [False, True])
async def test_control_token_is_kept_without_a_password(basic: bool) -> None:
    """Raw or in Base64; its half hour begins anew."""
    clock = ManualClock(START)
    async with cloud_and_client(clock) as (cloud, client):
        cloud.start_meeting("900000001")
        token = await client.token_of("900000001")
        await pass_time(clock, 1_000)
        spelt = f"Basic {base64.b64encode(token.encode()).decode()}" if basic else token
        kept = (await client.control_token("900000001", keep=spelt)).body["data"]

    assert (kept["token"], kept["expireTime"]) == (token, cloud.now_ms() + 1_800_000)


async def test_control_token_that_is_over_needs_the_password() -> None:
    """Then there is a new one."""
    clock = ManualClock(START)
    async with cloud_and_client(clock) as (cloud, client):
        password = cloud.start_meeting("900000001").host_password
        token = await client.token_of("900000001")
        await pass_time(clock, 1_800)
        without = await client.control_token("900000001", keep=token)
        again = await client.control_token("900000001", password, keep=token)

    assert without == NOT_FOUND
    assert again.body["data"]["token"] not in ("", token)


async def test_control_token_is_one_meetings() -> None:
    """It keeps nothing and opens nothing elsewhere."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        cloud.start_meeting("900000002")
        token = await client.token_of("900000001")
        answers = [await client.control_token("900000002", keep=token), await client.socket_token("900000002", token)]

    assert [answer.status for answer in answers] == [400, 401]


@pytest.mark.parametrize("control", ["none", "Basic %%%"])
async def test_socket_token_needs_a_control_token(control: str) -> None:
    """With the code that a public client takes for "get a new one"."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")

        assert await client.socket_token("900000001", control) == NOT_FOUND._replace(status=401)


async def test_control_token_can_be_over_when_it_is_given() -> None:
    """On demand, for as many as asked."""
    async with cloud_and_client() as (cloud, client):
        cloud.start_meeting("900000001")
        cloud.faults.next_control_tokens()
        over = await client.token_of("900000001")
        good = await client.token_of("900000001")
        answers = [await client.socket_token("900000001", token) for token in (over, good)]

    assert [answer.status for answer in answers] == [401, 200]


async def test_socket_url_can_name_another_address() -> None:
    """The service's may be an IP."""
    async with cloud_and_client(options=CloudOptions(socket_url="wss://192.0.2.10:443")) as (cloud, client):
        meeting = cloud.start_meeting("900000001")
        answer = await client.control_token("900000001", meeting.host_password)

    assert answer.body["data"]["wsURL"] == "wss://192.0.2.10:443"
