"""Make the channels that the settings name."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from schemas.lines import Logger
from schemas.notify import Notify

from .channels import AlertmanagerChannel, Now, RobotChannel, WebhookChannel
from .letter import Channel
from .mail import MailChannel
from .posting import posting
from .robots import robot_of
from .saying import Voice


@contextlib.asynccontextmanager
async def channel_of(settings: Notify, *, now: Now, logger: Logger) -> AsyncIterator[Channel]:
    """Yield a channel. Raises OSError for a `ca_file` that cannot be used."""
    zone = await asyncio.to_thread(lambda: settings.zone)
    voice = Voice(settings.language, zone, settings.title, settings.link)
    if settings.kind == "email":
        yield MailChannel(settings, voice, now, logger)
        return
    async with posting(settings) as post:
        if settings.kind == "alertmanager":
            yield AlertmanagerChannel(settings, post, voice, now)
        elif settings.kind == "webhook":
            yield WebhookChannel(settings, post, voice, now)
        else:
            yield RobotChannel(settings, robot_of(settings), post, voice, now)
