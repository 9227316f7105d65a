"""The demo's folder: its settings, its password and what the program says of itself, beside the log."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from schemas.settings import Captions, Qos, Root

from .demo_dashboard import table

SETTINGS_NAME: Final = "meetwire.toml"
PASSWORD_NAME: Final = "password"  # noqa: S105 -- of the file
LINES_NAME: Final = "meetwire.log"


def write_settings(folder: Path, root: Root) -> None:
    """Write the settings in effect, so that every other command works on the demo, and the password for its owner."""
    (enterprise,) = root.enterprises
    (folder / SETTINGS_NAME).write_text(
        f"""\
# Written by `meetwire demo` at every start.
[webhook]
listen = "{root.webhook.listen}"

[log]
folder = {_quoted(Path(root.log.folder).absolute())}

[admin]
listen = "{root.admin.listen}"

{_archive(root.captions)}
{table(root.dashboard)}
{_alerts(root.qos)}
[[enterprises]]
name = "{enterprise.name}"
subscriber_id = "{enterprise.subscriber_id}"
callback_passwords_file = "{PASSWORD_NAME}"
"""
    )
    handle = os.open(folder / PASSWORD_NAME, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.writelines(f"{password.reveal()}\n" for password in enterprise.callback_passwords)


def _archive(captions: Captions | None) -> str:
    if captions is None:
        return ""
    return f"""\
[captions]
store = {_quoted_text(f"file:{Path(captions.store.removeprefix('file:')).absolute()}")}
name = "{captions.name}"
spool_folder = {_quoted(Path(captions.spool_folder).absolute())}
index_file = {_quoted(Path(captions.index_file).absolute())}
signing_key_file = {_quoted(Path(captions.signing_key_file).absolute())}
segment_s = {captions.segment_s}
close_after_s = {captions.close_after_s}
silent_after_h = {captions.silent_after_h}
"""


def _alerts(qos: Qos | None) -> str:
    if qos is None or qos.rules_file is None:  # pragma: no cover -- the demo has both
        return ""
    return f"""\
[qos]
rules_file = {_quoted(Path(qos.rules_file).absolute())}
state_folder = {_quoted(Path(qos.state_folder).absolute())}
"""


def _quoted(path: Path) -> str:
    return _quoted_text(str(path))


def _quoted_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class LinesFile:
    """The file of log lines, written by a thread of its own: the event loop does not wait for the disk."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / LINES_NAME).open("a")
        self._thread = ThreadPoolExecutor(1, "meetwire-lines")

    def __enter__(self) -> Self:
        """Take lines."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Wait until all lines are written."""
        self._thread.shutdown()
        self._file.close()

    def write(self, text: str) -> int:
        """Write `text`, soon."""
        self._thread.submit(self._file.write, text)
        return len(text)

    def flush(self) -> None:
        """Have it on the disk, soon."""
        self._thread.submit(self._file.flush)

    def isatty(self) -> bool:
        """Say that nobody watches."""
        return False
