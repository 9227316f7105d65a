"""`meetwire send`: one signed push of any event to any address, the request and its answer shown as they went.

Exit status: 0 for 200, 1 for another answer, 2 for arguments that do not fit, 3 where nothing answers. A password is
never shown.
"""

import argparse
import asyncio
import os
import secrets
import time
from pathlib import Path
from typing import Final

import msgspec
from yarl import URL

from .address import parse_url
from .arguments import add_target_arguments, subscriber_from
from .connection import Answer, open_session, post, request_headers, trust
from .errors import BadArguments, NoConnection, Refused, SimulatorError
from .events import ATTENDED, EVENT_NAMES, VERIFY, meeting_event, verify_event
from .people import Person
from .push import Style, Subscriber
from .sender import answers_handshake
from .terminal import complain, show

_EXAMPLE: Final = """\
examples:
  meetwire send --app-id 123456789 --password-file push.password --verify
  meetwire send --app-id 123456789 --password-file push.password --event meeting.join --name 王小明

exit status:
  0 for the answer 200, 1 for another answer, 2 for arguments that do not fit, 3 where nothing answers
"""


def add_send_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `meetwire send` takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXAMPLE
    add_target_arguments(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--event", default="meeting.started", metavar="NAME", help=f"{', '.join(EVENT_NAMES)}, or any other"
    )
    what.add_argument("--verify", action="store_true", help="the handshake; its answer is checked to the letter")
    what.add_argument("--json", type=Path, metavar="FILE", help="an eventInfo of your own, a JSON object")
    parser.add_argument("--meeting-id", default="900000001", metavar="ID")
    parser.add_argument("--meeting-uuid", metavar="UUID", help="of this holding (default: a new one)")
    parser.add_argument("--name", default="王小明", help="displayName, for meeting.join and meeting.left")
    parser.add_argument("--style", type=Style, choices=list(Style), default=Style.COMPACT, help="how JSON is spelt")


def run_send(arguments: argparse.Namespace) -> int:
    """Send, show, and return the exit status."""
    try:
        subscriber = subscriber_from(arguments, os.environ)
        url, tls = parse_url(arguments.url), trust(arguments.ca_file)
        timestamp_ms, nonce = time.time_ns() // 1_000_000, str(secrets.randbelow(90_000_000) + 10_000_000)
        body = _body(arguments, subscriber, timestamp_ms, nonce)
        headers = request_headers(url, body, secrets.token_hex(16))
        _show_request(url, headers, body)

        async def exchange() -> Answer:
            async with open_session(timeout_s=arguments.timeout, tls=tls) as session:
                return await post(session, url, body, headers)

        _judge(url, asyncio.run(exchange()), nonce if arguments.verify else None)
    except SimulatorError as error:
        complain(str(error))
        return error.exit_status
    return 0


def _body(arguments: argparse.Namespace, subscriber: Subscriber, timestamp_ms: int, nonce: str) -> bytes:
    event_info = _event_info(arguments, timestamp_ms)
    return subscriber.push(event_info, timestamp_ms=timestamp_ms, nonce=nonce, style=arguments.style)


def _event_info(arguments: argparse.Namespace, at_ms: int) -> dict[str, object]:
    if arguments.json is not None:
        return _read_event_info(arguments.json)
    if arguments.verify or arguments.event == VERIFY:
        return verify_event(at_ms)
    meeting = {"meetingID": arguments.meeting_id, "meetingUUID": arguments.meeting_uuid or secrets.token_hex(16)}
    if arguments.event not in ATTENDED:
        return meeting_event(arguments.event, at_ms, meeting)
    left_ms = at_ms if arguments.event == "meeting.left" else 0
    person = Person(name=arguments.name, account="user01", number="+8600000000000")
    attendee = person.attendee(secrets.token_hex(16), at_ms, left_ms, chair=True)
    return meeting_event(arguments.event, at_ms, meeting, attendee)


def _read_event_info(path: Path) -> dict[str, object]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, object])
    except OSError as error:
        raise BadArguments(f"{path} cannot be read: {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadArguments(f"{path} is not a JSON object") from None


def _judge(url: URL, answer: Answer, nonce: str | None) -> None:
    """Show the answer; raise unless it is the right one."""
    if not answer.came:
        raise NoConnection(f"{url}: {answer.text}")
    _show_answer(answer)
    if answer.text != "200":
        raise Refused(f"answered {answer.text}; the service would send it again")
    if nonce is not None and not answers_handshake(answer.body, nonce):
        raise Refused("answered 200, but not with the handshake's event and nonce alone: enabling would fail")


def _show_request(url: URL, headers: dict[str, str], body: bytes) -> None:
    lines = [f"POST {url.raw_path_qs} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    show("\n".join([*lines, "", body.decode(errors="backslashreplace"), ""]))


def _show_answer(answer: Answer) -> None:
    lines = [f"HTTP/1.1 {answer.text} {answer.reason}", *(f"{name}: {value}" for name, value in answer.headers.items())]
    show("\n".join([*lines, "", answer.body.decode(errors="backslashreplace") or "(no body)"]))
