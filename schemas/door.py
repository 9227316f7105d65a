"""The door before TLS: whoever connects is counted at once, and not only once the handshake is over.

An event loop that is given a context tells a protocol of a connection after its handshake: those who connect and say
nothing would be limited by nothing. So plain connections are accepted here; each is counted or closed, and its socket
handed to a handshake of its own. `loop.start_tls` does that on the same transport, but uvloop begins to read before a
task can call it, and what was read by then is lost.

In schemas, since the receiver and the dashboard need the same and import neither each other nor a third; all else that
is there does nothing by itself.
"""

import asyncio
import contextlib
import socket
import ssl
from abc import abstractmethod
from collections.abc import Callable
from typing import cast


class Guest(asyncio.Protocol):
    """What speaks behind the door; it is counted from `enter` to `leave`, and leaves when its connection is lost."""

    __slots__ = ()

    @property
    @abstractmethod
    def connected(self) -> bool:
        """Whether there is a connection: the handshake is over, and nobody has ended it since."""

    @abstractmethod
    def enter(self) -> None:
        """Count it, if it is not."""

    @abstractmethod
    def leave(self) -> None:
        """Uncount it, if it is counted."""


class Door(asyncio.Protocol):
    """The protocol of every connection until its handshake begins. It keeps nothing of one, so that one serves all."""

    def __init__(
        self,
        invite: Callable[[], Guest],
        tls: ssl.SSLContext,
        *,
        is_full: Callable[[], bool],
        failed: Callable[[BaseException], None],
        handshake_s: float,
        shutdown_s: float | None = None,
    ) -> None:
        self._invite = invite
        self._tls = tls
        self._is_full = is_full
        self._failed = failed
        self._handshake_s = handshake_s
        self._shutdown_s = shutdown_s
        self._shaking: dict[asyncio.Task[None], tuple[Guest, socket.socket]] = {}
        self._closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in to its handshake, or close it where there are too many."""
        if not self._closed and not self._is_full():
            accepted = transport.get_extra_info("socket")
            # It fails where no more files can be open, which ends this connection and no other.
            with contextlib.suppress(OSError):
                self._begin(socket.fromfd(accepted.fileno(), accepted.family, accepted.type))
        # Nothing was read yet. The connection lives on in the copy of its socket, which is the only one in a moment.
        cast(asyncio.Transport, transport).abort()

    async def close(self) -> None:
        """Let nobody in any more, and return once the handshakes that are not over are ended."""
        self._closed = True
        for guest, taken in self._shaking.values():
            if not guest.connected:  # pragma: no branch -- for one turn of the loop
                # To the handshake the other side has gone away. A cancelled one can leave its transport behind.
                with contextlib.suppress(OSError):
                    taken.shutdown(socket.SHUT_RDWR)
        if self._shaking:
            await asyncio.wait(self._shaking)

    def _begin(self, taken: socket.socket) -> None:
        guest = self._invite()
        guest.enter()
        task = asyncio.get_running_loop().create_task(self._shake_hands(guest, taken))
        self._shaking[task] = guest, taken
        task.add_done_callback(self._shaking.pop)

    async def _shake_hands(self, guest: Guest, taken: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: guest,
                taken,
                ssl=self._tls,
                ssl_handshake_timeout=self._handshake_s,
                ssl_shutdown_timeout=self._shutdown_s,
            )
        except OSError:
            pass  # A stranger's: silence, nonsense, another's certificate. Scanners come by the thousand.
        except Exception as error:
            self._failed(error)
        finally:
            # An event loop may also say that all is well where the connection was lost.
            if not guest.connected:
                taken.close()
                guest.leave()
