"""`meetwire send`: what goes out, what is shown, the exit status, and that no password is ever seen."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web

from deploy.simulator import Style, add_send_arguments, run_send
from deploy.simulator.events import EVENT_NAMES

from .commands import run_command
from .scripted import Received, Reply, receiving
from .signatures import PASSWORD, is_signed


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEETWIRE_SEND_PASSWORD", PASSWORD)


async def send(*words: str, reply: Reply = "good") -> tuple[int, Received]:
    """Return the exit status and what came."""
    async with receiving(reply) as receiver:
        status = await run_command(add_send_arguments, run_send, "--url", receiver.url, "--app-id", "100", *words)
    (received,) = receiver.received
    return status, received


def event_info(received: Received) -> dict[str, Any]:
    """Return the eventInfo of what came."""
    found: dict[str, Any] = json.loads(received.body)["eventInfo"]
    return found


@pytest.mark.parametrize("name", [*EVENT_NAMES, "meeting.lobby.opened"])
async def test_every_event_is_sent_signed(name: str) -> None:
    """All ten, and one that no reference has."""
    status, received = await send("--event", name)

    assert (status, is_signed(received.body), event_info(received)["event"]) == (0, True, name)


@pytest.mark.parametrize("style", list(Style))
async def test_every_style_is_sent_signed(style: Style) -> None:
    """The spelling is the caller's choice."""
    status, received = await send("--style", style, "--event", "meeting.join", "--name", "李娜 🎧/é")

    assert (status, is_signed(received.body)) == (0, True)
    assert event_info(received)["payload"]["attendeeInfo"]["displayName"] == "李娜 🎧/é"


async def test_join_says_who_and_where() -> None:
    """Meeting ID, UUID and name are those that were given; the members are the reference's, in its order."""
    _, received = await send(
        "--event", "meeting.join", "--meeting-id", "7", "--meeting-uuid", "u", "--name", "陈静👩‍💻"
    )
    payload = event_info(received)["payload"]

    assert payload["meetingInfo"] == {"meetingID": "7", "meetingUUID": "u"}
    assert list(payload["attendeeInfo"]) == [
        "userUUID",
        "userAgent",
        "account",
        "participantID",
        "displayName",
        "joinTime",
        "leftTime",
        "role",
        "callNumber",
    ]
    assert (payload["attendeeInfo"]["displayName"], payload["attendeeInfo"]["leftTime"]) == ("陈静👩‍💻", 0)


async def test_left_says_when() -> None:
    """Only a join has 0 there."""
    _, received = await send("--event", "meeting.left")

    assert event_info(received)["payload"]["attendeeInfo"]["leftTime"] == event_info(received)["timestamp"]


async def test_own_event_info_is_sent_as_it_is(tmp_path: Path) -> None:
    """Whatever is in the file is signed and sent."""
    own = {"event": "x", "timestamp": 1, "payload": {"z": 1, "a": "会议"}}
    (tmp_path / "own.json").write_text(json.dumps(own))

    _, received = await send("--json", str(tmp_path / "own.json"))

    assert event_info(received) == own
    assert list(event_info(received)["payload"]) == ["z", "a"]


async def test_request_and_answer_are_shown_as_they_went(capsys: pytest.CaptureFixture[str]) -> None:
    """Line by line what the receiver got, and what it gave."""
    _, received = await send("--event", "meeting.join", "--name", "王小明 🎥")
    request, _, answer = capsys.readouterr().out.partition("\n\nHTTP/1.1 ")

    shown = [f"POST {received.path} HTTP/1.1", *(f"{name}: {value}" for name, value in received.headers)]
    assert request.splitlines() == [*shown, "", received.body.decode()]
    assert answer.splitlines()[0] == "200 OK"
    assert answer.splitlines()[-1] == "(no body)"


async def test_request_has_the_headers_of_the_reference() -> None:
    """Names and values of the documented example, and none that a client library added."""
    _, received = await send()
    headers = dict(received.headers)

    assert list(headers) == [
        "Host",
        "Date",
        "Content-Type",
        "Content-Length",
        "Connection",
        "Pragma",
        "Cache-Control",
        "X-Request-ID",
        "User-Agent",
    ]
    assert headers["Content-Type"] == "application/json;charset=UTF-8"


async def test_handshake_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    """--verify succeeds for the right answer alone, as enabling on the service's page does."""
    good, received = await send("--verify")
    bad, _ = await send("--verify", reply=b'{"event":"meeting.verify","nonce":"1","more":1}')

    assert (good, bad) == (0, 1)
    assert event_info(received).keys() == {"event", "timestamp"}
    assert "enabling would fail" in capsys.readouterr().err


async def test_other_answer_is_shown_and_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 1, with the answer on the terminal."""
    status, _ = await send(reply=401)
    shown = capsys.readouterr()

    assert (status, shown.err) == (1, "meetwire: answered 401; the service would send it again\n")
    assert "HTTP/1.1 401 Unauthorized" in shown.out


async def test_answer_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters, and what turns the reading direction, are shown as escapes."""
    await send(reply=b"\x1b[2Jgone\x07\xff" + "\u202e\u2066你好".encode())

    assert capsys.readouterr().out.endswith("\n\\x1b[2Jgone\\x07\\xff\\u202e\\u2066你好\n")


async def test_nobody_there_is_one_line_and_exit_status_3(capsys: pytest.CaptureFixture[str]) -> None:
    """The address and the reason, no traceback."""
    status = await run_command(add_send_arguments, run_send, "--url", "http://127.0.0.1:1/push", "--app-id", "100")

    assert (status, capsys.readouterr().err) == (3, "meetwire: http://127.0.0.1:1/push: nothing listens there\n")


async def test_closed_connection_is_exit_status_3(capsys: pytest.CaptureFixture[str]) -> None:
    """A receiver that hangs up gave no answer."""
    status, _ = await send(reply="close")

    assert status == 3
    assert capsys.readouterr().err.endswith(": connection lost\n")


async def test_what_is_not_http_is_exit_status_3(capsys: pytest.CaptureFixture[str]) -> None:
    """Another protocol on that port is said to be one."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        status = await run_command(add_send_arguments, run_send, "--url", url, "--app-id", "100")

    assert (status, capsys.readouterr().err) == (3, f"meetwire: {url}: not HTTP\n")


async def test_tls_with_a_plain_port_is_exit_status_3(capsys: pytest.CaptureFixture[str]) -> None:
    """https where http is spoken is said to be that, and no certificate is blamed."""
    async with receiving() as receiver:
        url = receiver.url.replace("http:", "https:")
        status = await run_command(add_send_arguments, run_send, "--url", url, "--app-id", "100")

    assert (status, capsys.readouterr().err) == (3, f"meetwire: {url}: no TLS there\n")


async def test_help_tells_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    """A script goes by them."""
    with pytest.raises(SystemExit):
        await run_command(add_send_arguments, run_send, "--help")

    assert "3 where nothing answers" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["--url", "127.0.0.1:8080"], "not an http or https URL", id="no scheme"),
        pytest.param(["--password-file", "/nowhere"], "/nowhere cannot be read: No such file", id="password file"),
        pytest.param(["--json", "/nowhere"], "/nowhere cannot be read: No such file", id="json file"),
        pytest.param(["--ca-file", "/nowhere"], "no certificates can be read from /nowhere", id="ca file"),
        pytest.param(["--ca-file", __file__], "no certificates can be read from", id="not a ca file"),
        pytest.param(["--json", __file__], "is not a JSON object", id="not json"),
    ],
)
async def test_wrong_arguments_are_one_line(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, and which argument it was."""
    status = await run_command(add_send_arguments, run_send, "--app-id", "100", *words)
    error = capsys.readouterr().err

    assert (status, error.count("\n")) == (2, 1)
    assert told in error


async def test_missing_password_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """All three ways to give it are named."""
    monkeypatch.delenv("MEETWIRE_SEND_PASSWORD")

    status = await run_command(add_send_arguments, run_send, "--app-id", "100")

    assert (status, capsys.readouterr().err) == (
        2,
        "meetwire: no password: give --password-file, MEETWIRE_SEND_PASSWORD or --password\n",
    )


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\n"])
async def test_password_file_without_a_password_is_refused(content: bytes, tmp_path: Path) -> None:
    """An empty first line, or bytes that are no text, sign nothing."""
    (tmp_path / "password").write_bytes(content)

    words = ["--app-id", "100", "--password-file", str(tmp_path / "password")]

    assert await run_command(add_send_arguments, run_send, *words) == 2


@pytest.mark.parametrize("given", ["file", "argument", "environment"])
async def test_password_is_used_and_never_shown(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """However it is given it signs, and is on no line of the terminal; a file goes before the others."""
    (tmp_path / "password").write_text(f"{PASSWORD}\nsecond line\n")
    words = {"file": ["--password-file", str(tmp_path / "password")], "argument": ["--password", PASSWORD]}
    if given != "environment":
        monkeypatch.setenv("MEETWIRE_SEND_PASSWORD", "another")

    status, received = await send(*words.get(given, []))
    shown = capsys.readouterr()

    assert (status, is_signed(received.body)) == (0, True)
    assert PASSWORD not in shown.out + shown.err


@pytest.mark.parametrize(
    ("name", "trusted", "told"),
    [
        pytest.param("127.0.0.1", True, "", id="good"),
        pytest.param("127.0.0.1", False, "unable to get local issuer certificate", id="nobody vouches for it"),
        pytest.param(
            "127.0.0.2", True, "IP address mismatch, certificate is not valid for '127.0.0.1'", id="another's"
        ),
    ],
)
async def test_certificate_is_checked(
    name: str, trusted: bool, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A receiver whose certificate does not fit gets nothing, and it is said why; --ca-file says who vouches for it."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    words = ["--ca-file", str(tmp_path / "ca.pem")] if trusted else []
    server = web.ServerRunner(web.Server(lambda request: _empty()))
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://127.0.0.1:{server.addresses[0][1]}/"

    status = await run_command(add_send_arguments, run_send, "--url", url, "--app-id", "100", *words)
    await server.cleanup()

    said = f"meetwire: {url}: certificate refused: {told}\n" if told else ""
    assert (status, capsys.readouterr().err) == (3 if told else 0, said)


async def _empty() -> web.Response:
    return web.Response()
