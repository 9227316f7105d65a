"""The meetings that are on, and the tokens for listening to one: what is asked, and what is made of the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from receiver.cloud import ControlToken, Faulty, Forbidden, NotFound, OnlineMeeting, paging
from receiver.cloud.ask import Answer
from receiver.cloud.meetings import PAGE, control_of, meeting_of
from schemas.ids import MeetingId, MeetingUuid
from schemas.settings import Secret
from tests.receiver.lines import lines_caught

from .asking import NOON, asking
from .service import CONTROL, DETAIL, ONLINE, SOCKET, Asked, Reply, refusal, stored

WHOLE: dict[str, Any] = {
    "conferenceID": "900000001",
    "confUUID": "uuid-1",
    "cycleSubConfID": "sub-1",
    "subject": "MARKER-SUBJECT",
    "scheduserName": "MARKER-SCHEDULER",
    "conferenceState": "Created",
    "vmrFlag": 1,
    "vmrConferenceID": "room-1",
    "passwordEntry": [
        {"conferenceRole": "general", "password": "marker-guest"},
        {"conferenceRole": "chair", "password": "marker-host"},
    ],
    "aMemberOfNextYear": {"any": ["thing"]},
}
MEETING = OnlineMeeting(
    meeting_id=MeetingId("900000001"),
    meeting_uuid=MeetingUuid("uuid-1"),
    cycle_sub_id="sub-1",
    subject="MARKER-SUBJECT",
    scheduler="MARKER-SCHEDULER",
    state="Created",
    room_id="room-1",
    host_password=Secret("marker-host"),
)


def page(asked: Asked, *, of: int, counted: Callable[[int], object] = int) -> Reply:
    """Return one page of a list of meetings, as it was asked for."""
    offset, limit = int(asked.query["offset"]), int(asked.query["limit"])
    found = [{"conferenceID": str(number)} for number in range(offset, min(offset + limit, of))]
    return Reply(200, {"offset": offset, "limit": limit, "count": counted(of), "data": found})


async def ids(of: int, **more: Any) -> tuple[list[str], list[str]]:
    """Return which meetings the client finds where there are so many, and at which offsets it asked."""
    async with asking() as parts:
        parts.service.answers(ONLINE, lambda asked: page(asked, of=of, **more))
        found = await parts.cloud.online_meetings()
        return [meeting.meeting_id for meeting in found], [one.query["offset"] for one in parts.service.of(ONLINE)]


@pytest.mark.parametrize("of", [0, 1, 499, 500, 501, 1_000, 1_203])
@pytest.mark.parametrize("counted", [int, str, bool], ids=["counted", "counted in a string", "not counted"])
async def test_every_page_is_read(of: int, counted: Callable[[int], object]) -> None:
    """Each meeting is there once, and no page is asked for beyond the one that must be."""
    found, offsets = await ids(of, counted=counted)

    assert found == [str(number) for number in range(of)]
    assert len(offsets) <= of // 500 + 1
    assert offsets == [str(500 * number) for number in range(len(offsets))]


async def test_the_whole_enterprise_is_asked_for() -> None:
    """With the token, 500 a page, all users' meetings and not our own user's alone."""
    async with asking() as parts:
        parts.service.answers(ONLINE, Reply(200, {"count": 1, "data": [WHOLE]}))

        assert await parts.cloud.online_meetings() == [MEETING]

        (asked,) = parts.service.of(ONLINE)
        assert (asked.method, asked.query) == ("GET", {"queryAll": "true", "offset": "0", "limit": "500"})
        assert asked.headers["X-Access-Token"] == "access-1"


async def test_a_user_who_may_not_see_all_sees_their_own() -> None:
    """Learnt by asking for all; said once, since meetings are missing then."""
    async with asking(user_id="u1") as parts:
        parts.service.answers(
            ONLINE,
            lambda asked: (
                refusal(403) if asked.query["queryAll"] == "true" else Reply(200, {"count": 1, "data": [WHOLE]})
            ),
        )
        with lines_caught() as lines:
            assert [await parts.cloud.online_meetings() for _ in range(2)] == [[MEETING]] * 2

        assert [asked.query["queryAll"] for asked in parts.service.of(ONLINE)] == ["true", "false", "false"]
        assert lines == [{"event": "cloud.narrowed", "log_level": "warning", "enterprise": "acme"}]
        parts.service.answers(ONLINE, refusal(403))
        with pytest.raises(Forbidden):
            await parts.cloud.online_meetings()


async def test_all_meetings_are_asked_for_again_after_a_while() -> None:
    """One 403 of a gateway must not leave all others' meetings to nobody until the next start."""
    async with asking(user_id="admin") as parts:
        refused = True

        def answer(asked: Asked) -> Reply:
            return refusal(403) if refused and asked.query["queryAll"] == "true" else page(asked, of=1)

        parts.service.answers(ONLINE, answer)
        with lines_caught() as lines:
            for _ in range(3):
                await parts.cloud.online_meetings()
                parts.clock.forward(300)
            refused = False
            for _ in range(3):
                await parts.cloud.online_meetings()
                parts.clock.forward(300)

    asked_for = [asked.query["queryAll"] for asked in parts.service.of(ONLINE)]
    assert asked_for == ["true", "false", "false", "true", "false", "false", "true", "true"]
    assert [line["event"] for line in lines] == ["cloud.narrowed"]


async def test_a_list_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that gives the same page whatever is asked, or counts for ever, is not asked for ever."""
    most = paging._MOST_PAGES
    monkeypatch.setattr(paging, "_MOST_PAGES", 4)
    async with asking() as parts:
        parts.service.answers(ONLINE, lambda asked: Reply(200, {"count": 10**9, "data": [WHOLE] * 500}))
        assert await parts.cloud.online_meetings() == [MEETING]
        assert len(parts.service.of(ONLINE)) == 2

        parts.service.answers(ONLINE, lambda asked: page(asked, of=10**9))
        assert len(await parts.cloud.online_meetings()) == 4 * PAGE
    assert most * PAGE == 50_000


@pytest.mark.parametrize(
    "answer", [{}, {"error_code": "MMC.1"}, {"count": 3}, {"data": None}, {"data": "x", "count": 1}]
)
async def test_an_answer_without_a_list_is_no_empty_list(answer: dict[str, object]) -> None:
    """Else every meeting would be taken to be over."""
    async with asking() as parts:
        parts.service.answers(ONLINE, Reply(200, answer))

        with pytest.raises(Faulty):
            await parts.cloud.online_meetings()


async def test_no_list_of_nothing_is_an_empty_list() -> None:
    """Where the service says that there is nothing, a list of it may be left out."""
    async with asking() as parts:
        parts.service.answers(ONLINE, Reply(200, {"count": 0, "data": None}))

        assert await parts.cloud.online_meetings() == []


async def test_rows_that_are_no_meetings_are_passed_over() -> None:
    """One of them costs no other."""
    async with asking() as parts:
        parts.service.answers(ONLINE, Reply(200, {"count": "4", "data": [None, {"subject": "x"}, 7, WHOLE]}))

        assert await parts.cloud.online_meetings() == [MEETING]


@pytest.mark.parametrize(
    ("row", "meeting"),
    [
        pytest.param({"conferenceID": 900000001}, {"meeting_id": "900000001"}, id="an ID that is a number"),
        pytest.param(
            {"conferenceID": "1", "confUUID": "", "vmrConferenceID": None, "passwordEntry": None},
            {"meeting_id": "1"},
            id="what is empty is not there",
        ),
        pytest.param(
            {"conferenceID": "1", "passwordEntry": [{"conferenceRole": "chair", "password": ""}, 1]},
            {"meeting_id": "1"},
            id="no password",
        ),
        pytest.param(
            {"conferenceID": "1", "passwordEntry": [{"conferenceRole": "chair", "password": 123456}]},
            {"meeting_id": "1", "host_password": Secret("123456")},
            id="a password that is a number",
        ),
    ],
)
def test_a_row_survives_odd_types(row: dict[str, Any], meeting: dict[str, Any]) -> None:
    """Numbers as strings and the other way round; nothing is made up for what is missing."""
    assert meeting_of(row) == OnlineMeeting(**meeting)


async def test_a_meeting_in_detail_has_its_hosts_password() -> None:
    """The one that the control token asks for, not the guests'."""
    async with asking() as parts:
        parts.service.answers(DETAIL, Reply(200, {"conferenceData": WHOLE, "data": {"count": 0, "data": []}}))

        assert await parts.cloud.meeting("900000001") == MEETING

        assert [asked.query["conferenceID"] for asked in parts.service.of(DETAIL)] == ["900000001"]


async def test_a_meeting_that_is_not_on_is_not_found_at_once() -> None:
    """The documented error, with whatever status, is final: it is asked for once."""
    async with asking() as parts:
        body = stored("error-body")
        for status in (400, 404, 500):
            parts.service.answers(DETAIL, Reply(status, body))
            with pytest.raises(NotFound) as raised:
                await parts.cloud.meeting("900000001")
            assert (raised.value.status, raised.value.code) == (status, "MMC.111072065")

        assert len(parts.service.of(DETAIL)) == 3


async def test_a_control_token_is_had_with_the_hosts_password() -> None:
    """Password and login type in headers, and of the documented answer everything that a subscription needs."""
    async with asking() as parts:
        parts.service.answers(CONTROL, Reply(200, stored("conf-token-response-200")))

        token = await parts.cloud.control_token("900000001", Secret("marker-host"))

        assert token == ControlToken(
            token=Secret("stb000000000000000000000000000000000000000000000000"),
            ws_url="wss://192.0.2.10:443",
            expires_at=NOON + timedelta(minutes=30),
            push_types=(
                "ConfBasicInfoNotify",
                "ConfDynamicInfoNotify",
                "ParticipantsNotify",
                "AttendeesNotify",
                "SpeakerChangeNotify",
                "InviteResultNotify",
                "RealTimeSubtitleNotify",
                "WaitingListNotify",
                "InterpreterGroupNotify",
            ),
            current_meeting_id=None,
        )
        (asked,) = parts.service.of(CONTROL)
        assert (asked.method, asked.query) == ("GET", {"conferenceID": "900000001"})
        assert (asked.headers["X-Password"], asked.headers["X-Login-Type"]) == ("marker-host", "1")
        assert "X-Conference-Authorization" not in asked.headers


CONTROL_TOKEN = ControlToken(token=Secret("marker-control"), ws_url="wss://192.0.2.10", expires_at=NOON)
# base64 of marker-control, by another tool.
BASIC = "Basic bWFya2VyLWNvbnRyb2w="


async def test_a_control_token_is_kept_alive() -> None:
    """The token goes along in base64, and the password for where it has ended; without one the header is empty."""
    async with asking() as parts:
        parts.service.answers(CONTROL, Reply(200, stored("conf-token-response-200")))

        await parts.cloud.control_token("1", Secret("marker-host"), keep=CONTROL_TOKEN)
        await parts.cloud.control_token("1", None, keep=CONTROL_TOKEN)

        sent = [
            (one.headers["X-Conference-Authorization"], one.headers["X-Password"]) for one in parts.service.asked[1:]
        ]
        assert sent == [(BASIC, "marker-host"), (BASIC, "")]


async def test_a_socket_token_is_had_with_the_control_token() -> None:
    """The documented answer; asked for with GET."""
    async with asking() as parts:
        parts.service.answers(SOCKET, Reply(200, stored("wsToken-response-200")))

        token = await parts.cloud.socket_token("900000001", CONTROL_TOKEN)

        assert token == Secret("cnr000000000000000000000000000000000000000000000000")
        (asked,) = parts.service.of(SOCKET)
        assert (asked.method, asked.query) == ("GET", {"conferenceID": "900000001"})
        assert asked.headers["X-Conference-Authorization"] == BASIC


def control(**members: object) -> datetime:
    """Return when a control token ends that is given with these members."""
    body = msgspec.json.encode({"data": {"token": "t", "wsURL": "wss://host/", **members}})
    token = control_of(body, now=NOON)
    assert (token.ws_url, token.push_types) == ("wss://host", None)
    return token.expires_at


def ms(at: datetime) -> int:
    """Return a time as the service has it."""
    return int(at.timestamp() * 1000)


@pytest.mark.parametrize(
    ("members", "minutes"),
    [
        pytest.param({}, 30, id="neither"),
        pytest.param({"confTokenExpireTime": 600}, 10, id="a lifetime"),
        pytest.param({"confTokenExpireTime": "600"}, 10, id="a lifetime in a string"),
        pytest.param({"expireTime": ms(NOON + timedelta(minutes=20))}, 20, id="an end"),
        pytest.param({"confTokenExpireTime": 600, "expireTime": ms(NOON + timedelta(minutes=20))}, 10, id="both"),
        pytest.param({"confTokenExpireTime": 1800, "expireTime": ms(NOON + timedelta(minutes=4))}, 4, id="an old one"),
        pytest.param({"confTokenExpireTime": 600, "expireTime": 1611995395000}, 10, id="an end of another clock"),
        pytest.param({"confTokenExpireTime": 1611995395000}, 30, id="a lifetime that is a time"),
        pytest.param({"confTokenExpireTime": 0, "expireTime": 0}, 30, id="noughts"),
    ],
)
def test_a_control_token_ends_when_the_earlier_of_its_ends_says(members: dict[str, object], minutes: int) -> None:
    """By our clock, as far as what the service says makes sense."""
    assert control(**members) == NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param(DETAIL, b"", id="no detail"),
        pytest.param(DETAIL, b"[]", id="a list"),
        pytest.param(DETAIL, b'{"conferenceData":null}', id="a detail of nothing"),
        pytest.param(DETAIL, b"\xff\xfe", id="no text"),
        pytest.param(DETAIL, b"[" * 100_000, id="too deep"),
        pytest.param(CONTROL, b'{"data":{"token":"t"}}', id="no address"),
        pytest.param(CONTROL, b'{"data":{"token":"t","wsURL":"ftp://host"}}', id="an address of another kind"),
        pytest.param(CONTROL, b'{"data":{"wsURL":"wss://host"}}', id="no token"),
        pytest.param(SOCKET, b'{"returnCode":"11072065"}', id="no socket token"),
    ],
)
async def test_an_answer_that_cannot_be_read_is_a_fault_of_the_service(path: str, body: bytes) -> None:
    """It says nothing of the meeting; the caller asks again later."""
    async with asking() as parts:
        parts.service.answers(path, Reply(200, body))
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            DETAIL: lambda: parts.cloud.meeting("1"),
            CONTROL: lambda: parts.cloud.control_token("1", None),
            SOCKET: lambda: parts.cloud.socket_token("1", CONTROL_TOKEN),
        }
        with pytest.raises(Faulty):
            await calls[path]()


def test_an_address_in_the_clear_is_taken_only_of_a_service_that_is_asked_so() -> None:
    """A simulator's; the tokens of a real one are not sent where everybody can read them."""
    body = b'{"data":{"token":"t","wsURL":"ws://host"}}'

    assert control_of(body, now=NOON, encrypted=False).ws_url == "ws://host"
    with pytest.raises(Faulty):
        control_of(body, now=NOON)


async def test_a_room_says_which_meeting_is_on_in_it() -> None:
    """And the page's odd keys beside it do no harm."""
    async with asking() as parts:
        body = {"data": {"token": "t", "wsURL": "wss://host", "vmrCurrentConfID": "900000009"}, "gloablPublicIP": 1}
        parts.service.answers(CONTROL, Reply(200, body))

        assert (await parts.cloud.control_token("room-1", None)).current_meeting_id == "900000009"


async def test_a_password_that_cannot_be_sent_is_a_bad_request() -> None:
    """A line break would be another header; nothing is sent."""
    async with asking() as parts:
        with pytest.raises(Exception, match=r"^BadRequest$"):
            await parts.cloud.control_token("1", Secret("marker\r\nX-Evil: 1"))

        assert parts.service.of(CONTROL) == []


def test_nothing_secret_is_shown() -> None:
    """Neither passwords and tokens nor what people call their meetings."""
    shown = f"{MEETING!r} {CONTROL_TOKEN!r} {MEETING} {CONTROL_TOKEN}"

    assert shown.lower().count("marker") == 0
    assert "900000001" in shown
    assert repr(Answer(status=200, body=b"marker")) == "<Answer 200, 6 bytes>"


@pytest.mark.parametrize("reply", [refusal(403), refusal(403, "USG.1")])
async def test_what_has_no_rights_says_so(reply: Reply) -> None:
    """Once, and finally."""
    async with asking() as parts:
        parts.service.answers(ONLINE, reply)
        with pytest.raises(Exception, match=r"Forbidden \(403"):
            await parts.cloud.online_meetings()

        assert len(parts.service.of(ONLINE)) == 1
