"""The demo's dashboard: on a port of its own, with its users file in the demo's folder."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from schemas.settings import Dashboard

from ..standalone import Shown

PORT: Final = 8090


def dashboard_settings(folder: Path, free: Callable[[int], int]) -> Dashboard | None:
    """Return settings for a dashboard of the demo; None where its package is not installed."""
    if find_spec("argon2") is None:  # pragma: no cover -- the tests have it
        return None
    return Dashboard(listen=f"127.0.0.1:{free(PORT)}", users_file=str(folder / "dashboard-users.json"))


def where(shown: Shown | None) -> str:
    """Return the lines that say where it is, and how to come in."""
    if shown is None:  # pragma: no cover -- the tests have it
        return ""
    return f"""\
Open the dashboard in a browser, and see them:

  {shown.welcome or shown.address}

"""


def taken_port(shown: Shown | None) -> list[str]:
    """Return the line that says that the port was taken, where it was."""
    port = None if shown is None else shown.address.rpartition(":")[2]
    return [] if port in (None, str(PORT)) else [f"Port {PORT} is taken; the dashboard uses {port} instead.\n"]


def table(settings: Dashboard | None) -> str:
    """Return the table of the demo's settings file."""
    if settings is None:  # pragma: no cover -- the tests have it
        return ""
    quoted = str(Path(settings.users_file).absolute()).replace("\\", "\\\\").replace('"', '\\"')
    return f"""\
[dashboard]
listen = "{settings.listen}"
users_file = "{quoted}"
"""
