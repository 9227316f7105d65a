"""The receiver that listens to meetings, as an operator runs it, in a process that a test may kill and freeze."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from .process import PASSWORD, SUBSCRIBER, ReceiverProcess

HEARTBEAT_S = 1.0


class ListeningProcess(ReceiverProcess):
    """`meetwire receive` with an App ID at the cloud whose address is `api`; keeps its log in `folder`."""

    def __init__(self, folder: Path, bootstrap: str | None = None, prefix: str = "", *, pushed: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder, bootstrap, prefix)
        self.log = folder / "log"
        self._pushed = pushed
        self._app = ""

    def listen_to(self, api: str, app_id: str, app_key: str) -> None:
        """Have the next start listen to this cloud."""
        self._app = f'app = {{ id = "{app_id}", keys = ["{app_key}"], api = "{api}" }}'

    def freeze(self) -> None:
        """Let it do nothing, and hold on to its connections, from the return of this call on."""
        self._signal(signal.SIGSTOP)
        if self._process is not None and self._process.returncode is None:
            # Where it has ended of itself, whoever watches it may have been told already.
            with contextlib.suppress(ChildProcessError):
                os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def thaw(self) -> None:
        """Let it go on as if nothing had been."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)

    def _settings(self, answer_after: str) -> str:
        push = f'subscriber_id = "{SUBSCRIBER}"\ncallback_passwords = ["{PASSWORD}"]\n'
        kept, _, _ = super()._settings(answer_after).partition("[[enterprises]]")
        return f"""{kept}
[subscriber]
discover_every_s = 0.5
heartbeat_s = {HEARTBEAT_S}
connects_per_s = 1000.0
quality = "off"
[[enterprises]]
name = "acme"
{push if self._pushed else ""}{self._app}
"""
