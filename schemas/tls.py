"""The contexts of TLS that do not wait for the other side's farewell.

Python's sends its own close_notify and then waits for the other's: one that is frozen or merely silent holds up a stop
for as long as it is waited for, and the process that ends meanwhile with connections that nobody closed. Nothing here
depends on that answer: a message of HTTP and one of Kafka's has its length with it.

In schemas, since the receiver and the consumers need the same and import neither each other nor a third. Pure.
"""

import contextlib
import ssl


def unilateral(context: ssl.SSLContext) -> ssl.SSLContext:
    """Return `context`, whose connections from now on say their farewell and are closed.

    RFC 8446, section 6.1: each side announces the end of what it writes, and needs not wait for the other to do so.
    """
    context.sslobject_class = _Unilateral
    return context


def server_context() -> ssl.SSLContext:
    """Return what a listener begins with, without a certificate yet: TLS 1.2 and later."""
    context = unilateral(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Unilateral(ssl.SSLObject):
    """What event loops wrap a connection in."""

    def unwrap(self) -> None:
        """Announce the end. Raises SSLError where the connection is broken."""
        # What is to be written is written by then; what it still wants is to read.
        with contextlib.suppress(ssl.SSLWantReadError):
            super().unwrap()
