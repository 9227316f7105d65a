"""A private key under a password."""

from typing import Final

# What matters of it is its first lines: whoever reads it is asked for a password.
ENCRYPTED: Final = """\
-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-128-CBC,00000000000000000000000000000000

AAAAAAAAAAAAAAAAAAAAAA==
-----END EC PRIVATE KEY-----
"""
