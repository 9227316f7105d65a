"""Make the certificate of a secured broker, in the one form that Kafka reads without a keystore tool."""

from __future__ import annotations

from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key


def issue_certificate(*, ca_file: Path, keystore_file: Path) -> None:
    """Write a certificate for loopback with its key to `keystore_file`, and its authority's to `ca_file`."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    chain = b"".join(certificate.bytes() for certificate in issued.cert_chain_pems)
    authority.cert_pem.write_to_path(ca_file)
    keystore_file.write_bytes(in_pkcs8(issued.private_key_pem.bytes()) + chain)


def in_pkcs8(key: bytes) -> bytes:
    """Return a PEM key as PKCS#8: of the traditional form, that trustme writes, Kafka can only say "parse error"."""
    return load_pem_private_key(key, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
