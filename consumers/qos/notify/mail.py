"""E-mail by SMTP, in a thread: the standard library's client blocks. Implements Channel.

Messages on one alert refer to one another, so that mail programs show them together; each has an ID made of what it
tells, so that one which comes twice is known for the same.
"""

import asyncio
import smtplib
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from schemas.lines import Logger
from schemas.notify import Notify
from schemas.record import content_id

from . import Refused, Unavailable
from .letter import Letter
from .saying import Said, Voice

_MOST_SUBJECT: Final = 200


class MailChannel:
    """One list of addresses."""

    most, resend_s, still = 50, None, None

    def __init__(self, settings: Notify, voice: Voice, now: Callable[[], datetime], logger: Logger) -> None:
        self.name, self.kind = settings.name, settings.kind
        self._settings, self._voice, self._now, self._logger = settings, voice, now, logger
        self._domain = (settings.sender or "").partition("@")[2]

    async def tell(self, letters: Sequence[Letter]) -> None:
        """Send one message to all addresses; those that the server refuses are counted in a log line."""
        refused = await asyncio.to_thread(self._send, self.message(letters))
        if refused:
            self._logger.warning("recipients.refused", channel=self.name, count=refused)

    def message(self, letters: Sequence[Letter]) -> EmailMessage:
        """Return the message."""
        said = [self._voice.say(letter) for letter in letters]
        message = EmailMessage()
        message["Subject"] = (said[0].headline if len(said) == 1 else self._voice.digest(len(said)))[:_MOST_SUBJECT]
        message["From"] = self._settings.sender or ""
        message["To"] = ", ".join(self._settings.to)
        message["Date"] = format_datetime(self._now())
        message["Message-ID"] = f"<{content_id(self.name, [letter.id for letter in letters])}@{self._domain}>"
        if len(letters) == 1:
            message["References"] = f"<alert.{letters[0].alert.alert_id}@{self._domain}>"
        # RFC 3834: nobody's absence note answers it.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n\n".join(map(_text, said)) + "\n")
        return message

    def _send(self, message: EmailMessage) -> int:
        try:
            return len(self._sent(message))
        except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
            if 500 <= error.smtp_code < 600:
                raise Refused(f"code {error.smtp_code}") from None
            raise Unavailable(f"code {error.smtp_code}") from None
        except smtplib.SMTPResponseException as error:
            raise Unavailable(f"code {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # ValueError: a password beyond ASCII, which smtplib cannot send.
            raise Unavailable(type(error).__name__) from None

    def _sent(self, message: EmailMessage) -> dict[str, tuple[int, bytes]]:
        settings = self._settings
        host, _, port = (settings.server or "").rpartition(":")
        host, timeout = host.strip("[]"), settings.timeout_s
        context = None if settings.security == "none" else ssl.create_default_context(cafile=settings.ca_file)
        if settings.security == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(host, int(port), timeout=timeout, context=context)
        else:
            client = smtplib.SMTP(host, int(port), timeout=timeout)
        with client:
            if settings.security == "starttls":
                client.starttls(context=context)
            if settings.user is not None and settings.password is not None:
                client.login(settings.user, settings.password.reveal())
            return client.send_message(message)


def _text(said: Said) -> str:
    return "\n".join([said.headline, *said.lines, *([said.link] if said.link else [])])
