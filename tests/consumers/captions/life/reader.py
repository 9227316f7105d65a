"""Read a sealed archive as FORMAT.md says, with a master key and nothing of ours: written from that page alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def unsealed(key: bytes, sealed: bytes, additional: str) -> bytes:
    """Return what is sealed."""
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], additional.encode())


def derived(key: bytes, what: str, name: str) -> bytes:
    """Return the key of a line or a file."""
    return hmac.new(key, f"{what}\0{name}\x01".encode(), hashlib.sha256).digest()


def data_key(keys: Path, master: bytes, key_id: str) -> tuple[str, bytes]:
    """Return kind and content of the last version of a data key."""
    stored = json.loads(max((keys / "keys" / key_id[:2]).glob(f"{key_id}.*")).read_bytes())
    assert stored["master"] == hashlib.sha256(b"meetwire master key\0" + master).hexdigest()[:16]
    wrapped = base64.b64decode(stored["wrapped"])
    return stored["kind"], unsealed(master, wrapped, f"{key_id}.{stored['kind']}")


def line(keys: Path, master: bytes, sealed: dict[str, Any]) -> dict[str, Any] | None:
    """Return the open line in a sealed one; None where it was erased."""
    place = "/".join(str(sealed[name]) for name in ("topic", "partition", "offset", "time_ms"))
    kind, content = data_key(keys, master, sealed["seal"])
    if kind == "whole":
        key = derived(content, "meetwire line", place)
    elif place in (rest := json.loads(content)):
        key = bytes.fromhex(rest[place])
    else:
        return None
    opened: dict[str, Any] = json.loads(unsealed(key, base64.b64decode(sealed["sealed"]), place))
    return opened


def file(keys: Path, master: bytes, manifest: Path, name: str) -> bytes:
    """Return what a sealed file beside a manifest says."""
    told = json.loads(manifest.read_bytes())
    named = json.dumps(
        ["meetwire key of files", told["archive"], told["occurrence"], told["version"], 0], separators=(",", ":")
    )
    _, key = data_key(keys, master, hashlib.sha256(named.encode()).hexdigest()[:32])
    return unsealed(derived(key, "meetwire file", name), manifest.with_name(name).read_bytes(), name)
