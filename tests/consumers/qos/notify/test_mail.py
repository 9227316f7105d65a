"""E-mail, to a server that speaks SMTP as RFC 5321 has it, with and without TLS."""

from __future__ import annotations

import asyncio
import base64
import email
import email.policy
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import structlog
import trustme

from consumers.qos.notify import ChannelError, Refused, Unavailable
from consumers.qos.notify.letter import Channel, Letter
from consumers.qos.notify.making import channel_of
from schemas.notify import Notify
from schemas.secret import Secret

from ..alerting import alert

# Read before a loop turns.
SHANGHAI = ZoneInfo("Asia/Shanghai")
LETTER = Letter("d-1", "firing", alert())


@dataclass
class Server:
    """Takes mail. `says` is what it answers to a command instead."""

    address: str = ""
    says: dict[str, str] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    logged_in: str = ""
    encrypted: bool = False
    context: ssl.SSLContext | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak with one client."""
        self.encrypted = writer.get_extra_info("ssl_object") is not None
        writer.write(b"220 mail.example.com ESMTP\r\n")
        while line := await reader.readline():
            words = line.decode().split()
            verb = words[0].upper()
            if verb == "DATA" and verb not in self.says:
                await self._data(reader, writer)
            elif verb == "STARTTLS" and self.context is not None:
                writer.write(b"220 go ahead\r\n")
                await writer.start_tls(self.context)
                self.encrypted = True
            else:
                writer.write(self._answer(verb, words).encode() + b"\r\n")
            await writer.drain()
            if verb == "QUIT":
                break
        writer.close()

    def _answer(self, verb: str, words: list[str]) -> str:
        if verb in self.says:
            return self.says[verb]
        if verb == "EHLO":
            return "250-mail.example.com\r\n250-STARTTLS\r\n250 AUTH PLAIN"
        if verb == "AUTH":
            self.logged_in = base64.b64decode(words[2]).decode()
            return "235 welcome"
        if verb == "RCPT" and words[1].endswith("<gone@example.com>"):
            return "550 nobody of that name"
        return "221 bye" if verb == "QUIT" else "250 fine"

    async def _data(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"354 go on\r\n")
        lines = []
        while (line := await reader.readline()) not in (b".\r\n", b""):
            lines.append(line)
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        writer.write(b"250 taken\r\n")


@asynccontextmanager
async def server(context: ssl.SSLContext | None = None, *, from_the_start: bool = False) -> AsyncIterator[Server]:
    """Yield one that listens on loopback."""
    made = Server(context=context)
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context if from_the_start else None)
    async with listening:
        made.address = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        yield made


@asynccontextmanager
async def channel(other: Server, **otherwise: Any) -> AsyncIterator[Channel]:
    """Yield a channel that writes to it."""
    known: dict[str, Any] = {
        "name": "mail",
        "kind": "email",
        "server": other.address,
        "security": "none",
        "sender": "meetwire@example.com",
        "to": ("a@example.com", "b@example.com"),
        "language": "en",
    }
    settings = Notify(**(known | otherwise))
    async with channel_of(settings, now=lambda: datetime.now(UTC), logger=structlog.get_logger()) as made:
        yield made


@pytest.fixture
def authority(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    """Return what a server shows, and the file of who signed it."""
    made = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("127.0.0.1").configure_cert(context)
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return context, str(tmp_path / "ca.pem")


async def test_a_message_says_all_in_plain_text() -> None:
    """Subject, both addresses, an ID made of what it tells, and a thread for each alert."""
    async with server() as other, channel(other, link="https://a.example/{alert}") as made:
        await made.tell([LETTER])
        await made.tell([LETTER])

    first, second = other.taken
    assert first["Subject"] == "meetwire [warning] firing: site 深圳"
    assert (first["From"], first["To"]) == ("meetwire@example.com", "a@example.com, b@example.com")
    assert first["Message-ID"] == second["Message-ID"]
    assert first["References"] == f"<alert.{alert().alert_id}@example.com>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first.get_content().splitlines() == [
        "meetwire [warning] firing: site 深圳",
        "audio sent packet loss 12 %, above 10 %, 3 of 5 samples, for 30 s",
        "4 of 5 people, in 2 meetings, only what they send",
        "since 2026-07-01 20:00:00 (Asia/Shanghai)",
        "ends once packet loss is 5 % or less for 60 s",
        f"https://a.example/{alert().alert_id}",
    ]


async def test_several_letters_are_one_message() -> None:
    """Of no single thread."""
    async with server() as other, channel(other, language="zh") as made:
        await made.tell([LETTER, Letter("d-2", "firing", alert(site="北京"))])

    (message,) = other.taken
    assert message["Subject"] == "meetwire：2 条消息"
    assert message["References"] is None
    assert message.get_content().count("触发") == 2


async def test_a_name_with_line_breaks_makes_no_header() -> None:
    """A stranger's text stays within the subject."""
    hostile = alert(place="acme/x\r\nBcc: evil@example.com\r\n\r\nhello")
    async with server() as other, channel(other) as made:
        await made.tell([Letter("d-1", "firing", hostile)])

    (message,) = other.taken
    assert message["Bcc"] is None
    assert message["Subject"] == "meetwire [warning] firing: site x Bcc: evil@example.com hello"


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_passwords_and_messages_go_encrypted(authority: tuple[ssl.SSLContext, str], security: str) -> None:
    """To a server whose certificate is good."""
    context, ca_file = authority
    login = {"user": "meetwire", "password": Secret("s3cret")}
    async with (
        server(context, from_the_start=security == "tls") as other,
        channel(other, security=security, ca_file=ca_file, **login) as made,
    ):
        await made.tell([LETTER])

    assert (other.encrypted, other.logged_in, len(other.taken)) == (True, "\0meetwire\0s3cret", 1)


async def test_a_password_that_cannot_be_sent_is_tried_again(authority: tuple[ssl.SSLContext, str]) -> None:
    """SMTP's own is ASCII here; whoever reads the log finds out, and other channels go on."""
    context, ca_file = authority
    login = {"user": "meetwire", "password": Secret("schlüssel")}
    async with server(context) as other, channel(other, security="starttls", ca_file=ca_file, **login) as made:
        with pytest.raises(Unavailable, match="UnicodeEncodeError"):
            await made.tell([LETTER])


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_stranger_is_not_written_to(authority: tuple[ssl.SSLContext, str], security: str) -> None:
    """Whose certificate nobody signed whom the settings name."""
    context, _ = authority
    async with server(context, from_the_start=security == "tls") as other, channel(other, security=security) as made:
        with pytest.raises(Unavailable, match="SSLCertVerificationError"):
            await made.tell([LETTER])

    assert other.taken == []


@pytest.mark.parametrize(
    ("says", "error"),
    [
        pytest.param({"DATA": "554 no"}, "Refused code 554", id="the message"),
        pytest.param({"DATA": "451 later"}, "Unavailable code 451", id="later"),
        pytest.param({"MAIL": "550 no"}, "Refused code 550", id="the sender"),
        pytest.param({"MAIL": "421 closing"}, "Unavailable code 421", id="closing"),
        pytest.param({"RCPT": "550 nobody"}, "Unavailable SMTPRecipientsRefused", id="all addresses"),
        pytest.param({"EHLO": "554 no", "HELO": "554 no"}, "Unavailable code 554", id="not spoken to"),
    ],
)
async def test_what_a_server_says_is_understood(says: dict[str, str], error: str) -> None:
    """What may pass, or may be mended, is tried again; the message's own fault is not."""
    async with server() as other, channel(other) as made:
        other.says = says
        with pytest.raises(ChannelError) as caught:
            await made.tell([LETTER])

    assert f"{type(caught.value).__name__} {caught.value}" == error
    assert isinstance(caught.value, Refused | Unavailable)


async def test_an_address_that_is_refused_keeps_no_other_from_it() -> None:
    """The others have it; a log line counts, and names nobody."""
    with structlog.testing.capture_logs() as lines:
        async with server() as other, channel(other, to=("gone@example.com", "b@example.com")) as made:
            await made.tell([LETTER])

    assert len(other.taken) == 1
    assert lines == [{"event": "recipients.refused", "log_level": "warning", "channel": "mail", "count": 1}]


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    """The kind of failure is all that is said."""
    async with channel(Server(address="127.0.0.1:1")) as made:
        with pytest.raises(Unavailable, match="ConnectionRefusedError"):
            await made.tell([LETTER])
