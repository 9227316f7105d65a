"""`meetwire webhook status|enable|disable`: how the service is told where its enterprise push goes.

Asks and changes the service itself, with the App ID of the settings; nothing of this needs the receiver here, but
enabling makes the service post its handshake to the address, and a receiver has to answer it there.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Final

from receiver.cloud import (
    BadRequest,
    Cloud,
    CloudError,
    PushDiffers,
    PushStatus,
    PushTrouble,
    PushUnaddressed,
    trouble,
)
from schemas.settings import App, Enterprise, Root

from ..meters import PrometheusMeters
from ..voice import speak
from .loop import run
from .naming import add_config_option
from .settings import loaded, refuse

_TROUBLES: Final[Mapping[PushTrouble, str]] = {
    "absent": "no push is configured",
    "disabled": "configured, and not enabled",
    "locked": "locked by the service; `meetwire webhook enable` asks it to send again",
    "unknown": "in a state that this version does not know",
    "other_subscriber": "configured for another subscriber ID than enterprises.subscriber_id",
    "other_url": "configured for another address",
}


class _CannotAsk(Exception):
    """The settings or the arguments do not say whom to ask."""


def add_webhook_arguments(parser: ArgumentParser) -> None:
    """Add the three sub-commands."""
    what = parser.add_subparsers(dest="what", required=True, metavar="status|enable|disable")
    status = what.add_parser("status", help="say whether the service sends its push, and where to")
    enable = what.add_parser("enable", help="have the service send its push; it posts a handshake to the address first")
    disable = what.add_parser("disable", help="have the service send no push; its configuration stays")
    add_config_option(status, enable, disable)
    for sub in (status, enable, disable):
        sub.add_argument("--enterprise", metavar="NAME", help="which one (default: all for status, else the only one)")
    for sub in (status, enable):
        sub.add_argument("--url", help="the address that the service posts to, as seen from outside")
    enable.add_argument("--replace", action="store_true", help="take away what is configured, and configure anew")


def run_webhook(arguments: Namespace) -> int:
    """Return 0 where it is as asked, 1 where not, 2 where the service cannot be asked or does not do it."""
    root = loaded(arguments).root
    speak(root.logging)
    try:
        chosen = _chosen(root, arguments)
    except _CannotAsk as error:
        return refuse(str(error))
    try:
        good = run(_each(chosen, arguments))
    except PushDiffers:
        return refuse("another address or subscriber ID is configured; --replace takes that away (see webhook status)")
    except PushUnaddressed:
        return refuse("no push is configured at the service yet: give its address with --url")
    except CloudError as error:
        return refuse(f"the service at {_addresses(chosen)}: {error}{_hint(error, arguments)}")
    except OSError as error:
        return refuse(f"enterprises.app.ca_file: {error.strerror or 'no certificate'}")
    return 0 if all(good) else 1


def _chosen(root: Root, arguments: Namespace) -> list[tuple[Enterprise, App]]:
    """Return whom it is about. Raises _CannotAsk."""
    name: str | None = arguments.enterprise
    if name is not None and name not in {enterprise.name for enterprise in root.enterprises}:
        raise _CannotAsk(f"no enterprise {name} in the settings")
    found = [
        (enterprise, enterprise.app)
        for enterprise in root.enterprises
        if enterprise.app is not None and name in (None, enterprise.name)
    ]
    if not found:
        raise _CannotAsk(f"{name} has no table app in the settings" if name else "no enterprise has a table app")
    if len(found) > 1 and (arguments.what != "status" or arguments.url is not None):
        raise _CannotAsk("several enterprises have a table app: choose one with --enterprise")
    if arguments.what == "enable" and not found[0][0].callback_passwords:
        raise _CannotAsk(f"{found[0][0].name} has no callback_passwords: pushes could not be verified")
    return found


async def _each(chosen: list[tuple[Enterprise, App]], arguments: Namespace) -> list[bool]:
    return [await _done(enterprise, app, arguments) for enterprise, app in chosen]


async def _done(enterprise: Enterprise, app: App, arguments: Namespace) -> bool:
    """Do it for one enterprise, print how it stands then, and return whether that is what was asked for."""
    async with Cloud.opened(app, enterprise=enterprise.name, meters=PrometheusMeters()) as cloud:
        match arguments.what:
            case "enable":
                status = await _enabled(cloud, enterprise, arguments)
            case "disable":
                status = await cloud.disable_push()
            case _:
                status = await cloud.push_status()
    wrong = trouble(status, subscriber_id=enterprise.subscriber_id or "", url=getattr(arguments, "url", None))
    print(_line(enterprise, status, wrong))
    return status.state in ("disabled", "absent") if arguments.what == "disable" else wrong is None


async def _enabled(cloud: Cloud, enterprise: Enterprise, arguments: Namespace) -> PushStatus:
    return await cloud.enable_push(
        subscriber_id=enterprise.subscriber_id or "",
        password=enterprise.callback_passwords[0],
        url=arguments.url,
        replace=arguments.replace,
    )


def _line(enterprise: Enterprise, status: PushStatus, wrong: PushTrouble | None) -> str:
    where = f" ({status.url})" if status.url else ""
    return f"{enterprise.name}: {'enabled' if wrong is None else _TROUBLES[wrong]}{where}"


def _addresses(chosen: list[tuple[Enterprise, App]]) -> str:
    return ", ".join(sorted({app.api for _, app in chosen}))


def _hint(error: CloudError, arguments: Namespace) -> str:
    if arguments.what == "enable" and isinstance(error, BadRequest):
        return "; was its handshake answered? The receiver has to run, and the service to reach it at the address"
    return ""
