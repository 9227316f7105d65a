"""A cloud and a receiver that listens to it, each in a process and on a core of its own."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import trustme

from .cloud import CloudFigures
from .parts import LOAD_CORE, ROOT, ReceiverProcess, folder
from .receiver import Listened

_LOOK_S: Final = 0.05
_PATIENCE_S: Final = 300.0


class CloudProcess:
    """One cloud; ended by `stop`."""

    def __init__(self, place: Path, *, secure: bool = False, push_to: str | None = None) -> None:
        self._is_pushing = push_to is not None
        self.ca_file = _certify(place) if secure else None
        command = [sys.executable, "-m", "tests.bench.cloud", "--core", str(LOAD_CORE)]
        if secure:
            command += ["--certificate", str(place / "certificate.pem"), "--key", str(place / "key.pem")]
        if push_to is not None:
            command += ["--push-to", push_to]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self.first = self.answer()

    def do(self, order: str) -> CloudFigures:
        """Have an order carried out."""
        self.begin(order)
        return self.answer()

    def begin(self, order: str) -> None:
        """Give an order, whose `answer` is to be read later."""
        if self._process.stdin is None:
            raise RuntimeError("no pipe")
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()

    def answer(self) -> CloudFigures:
        """Return what it says once it is done."""
        if self._process.stdout is None:
            raise RuntimeError("no pipe")
        return msgspec.json.decode(self._process.stdout.readline(), type=CloudFigures)

    def listened(self, connects_per_s: float) -> Listened:
        """Return what a receiver is to be told."""
        return Listened(
            api=self.first.api,
            app_id=self.first.app_id,
            app_key=self.first.app_key,
            ca_file=self.ca_file,
            connects_per_s=connects_per_s,
            pushed=self._is_pushing,
        )

    def stop(self) -> None:
        """End it by the end of its input."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(60)


class Pair:
    """A cloud, the receiver that listens to it, and the folder of its log."""

    def __init__(self, cloud: CloudProcess, receiver: ReceiverProcess, log: Path) -> None:
        self.cloud = cloud
        self.receiver = receiver
        self.log = log

    def opened(self, count: int) -> float:
        """Return once so many subscriptions are open, and how long that took. Raises TimeoutError."""
        began = time.perf_counter()
        while self.receiver.figures().subscriptions < count:
            if time.perf_counter() - began > _PATIENCE_S:
                raise TimeoutError(f"{self.receiver.figures().subscriptions} of {count} are open")
            time.sleep(_LOOK_S)
        return time.perf_counter() - began


@contextlib.contextmanager
def pair(
    *,
    meetings: int = 0,
    connects_per_s: float = 50.0,
    secure: bool = False,
    kafka: str | None = None,
    push_port: int | None = None,
) -> Iterator[Pair]:
    """Yield both; the meetings are on before the receiver starts."""
    push_to = None if push_port is None else f"http://127.0.0.1:{push_port}/openapi/meetingevent"
    with folder() as place, contextlib.ExitStack() as stack:
        cloud = CloudProcess(place, secure=secure, push_to=push_to)
        stack.callback(cloud.stop)
        if meetings:
            cloud.do(f"fill {meetings}")
        listened = cloud.listened(connects_per_s)
        receiver = ReceiverProcess("disk", place, kafka, listened=listened, port=push_port or 0)
        stack.callback(receiver.stop)
        yield Pair(cloud, receiver, place / "log")


def _certify(place: Path) -> str:
    """Write a certificate for 127.0.0.1 and its key; return the file of who signed it."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(place / "certificate.pem")
    issued.private_key_pem.write_to_path(place / "key.pem")
    authority.cert_pem.write_to_path(place / "authority.pem")
    return str(place / "authority.pem")
