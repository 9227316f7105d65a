"""The certificate of a receiver that speaks TLS itself."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

from .pushes import settled


class Certificates:
    """The files of the settings, issued by one authority or another."""

    def __init__(self, folder: Path) -> None:
        self.folder = settled(folder, webhook='tls_certificate_file = "server.pem"\ntls_key_file = "server.key"\n')
        self.authority = trustme.CA()

    def issue(self, *, with_key: bool = True) -> ssl.SSLContext:
        """Replace the certificate, and return what trusts it alone."""
        self.authority = trustme.CA()
        issued = self.authority.issue_cert("127.0.0.1")
        issued.cert_chain_pems[0].write_to_path(str(self.folder / "server.pem"))
        if with_key:
            issued.private_key_pem.write_to_path(str(self.folder / "server.key"))
        return trusting(self.authority)


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Return a client's context that trusts one authority alone."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
