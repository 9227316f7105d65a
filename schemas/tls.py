"""The contexts of TLS that do not wait for the other side's farewell, and certificates with their keys.

Python's sends its own close_notify and then waits for the other's: one that is frozen or merely silent holds up a stop
for as long as it is waited for, and the process that ends meanwhile with connections that nobody closed. Nothing here
depends on that answer: a message of HTTP and one of Kafka's has its length with it.

In schemas, since the receiver and the consumers need the same and import neither each other nor a third. It reads the
certificate files; everything else is pure.
"""

import contextlib
import ssl
from pathlib import Path
from typing import Final, NoReturn

_MISMATCH: Final = "KEY_VALUES_MISMATCH"


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


def load_certificate(context: ssl.SSLContext, prefix: str, certificate_file: str, key_file: str) -> None:
    """Have `context` show this certificate; `prefix` is what stands before certificate_file in the settings.

    Raises ValueError, naming the setting and its file, for what cannot be read, is none, or does not go together.
    """
    for name, path in ((f"{prefix}certificate_file", certificate_file), (f"{prefix}key_file", key_file)):
        try:
            Path(path).read_bytes()
        except OSError as error:
            raise ValueError(f"{name} {path}: {error.strerror}") from None

    def ask() -> NoReturn:
        # OpenSSL would ask at the terminal, and wait.
        raise ValueError(f"{prefix}key_file: is encrypted; give one without a password")

    try:
        context.load_cert_chain(certificate_file, key_file, ask)
    except ssl.SSLError as error:
        if error.reason != _MISMATCH and _is_certificate(certificate_file):
            raise ValueError(f"{prefix}key_file {key_file}: no private key") from None
        reason = (error.reason or "no certificate").replace("_", " ").lower()
        raise ValueError(f"{prefix}certificate_file {certificate_file}: {reason}") from None


def _is_certificate(path: str) -> bool:
    # OpenSSL does not say which of the two files it could not read.
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return False
    return True


class _Unilateral(ssl.SSLObject):
    """What event loops wrap a connection in."""

    def unwrap(self) -> None:
        """Announce the end. Raises SSLError where the connection is broken."""
        # What is to be written is written by then; what it still wants is to read.
        with contextlib.suppress(ssl.SSLWantReadError):
            super().unwrap()
