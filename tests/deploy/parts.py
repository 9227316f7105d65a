"""Settings for a receiver within the test's own process, and what its admin listener says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from deploy.standalone import Running
from schemas.settings import Admin, Enterprise, Log, Root, Secret, Webhook

from .cli.pushes import ACME, PATH

ENTERPRISE = Enterprise(name="acme", subscriber_id=ACME.app_id, callback_passwords=(Secret(ACME.password),))


def settings(folder: Path, **tables: Any) -> Root:
    """Return settings with the log in `folder`, on ports of the system's choice, and other `tables`."""
    root = Root(
        webhook=Webhook(listen="127.0.0.1:0"),
        log=Log(folder=str(folder / "log")),
        admin=Admin(listen="127.0.0.1:0"),
        enterprises=(ENTERPRISE,),
    )
    return msgspec.structs.replace(root, **tables)


async def post(parts: Running, body: bytes, path: str = PATH) -> int:
    """Post a push and return the status."""
    url = "http://{}:{}".format(*parts.webhook) + path
    async with aiohttp.ClientSession() as session, session.post(url, data=body) as answer:
        return answer.status


async def page(parts: Running, path: str) -> tuple[int, str, str]:
    """Return an admin page: status, content type, text."""
    url = "http://{}:{}".format(*parts.admin) + path
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, answer.headers["Content-Type"], await answer.text()
