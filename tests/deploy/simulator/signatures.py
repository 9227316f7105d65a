"""Check a signature with nothing but the standard library, as one reads it in the reference."""

from __future__ import annotations

import hashlib
import hmac
import json
import re

PASSWORD = "密码-123456"


def is_signed(body: bytes, password: str = PASSWORD, app_id: str = "100") -> bool:
    """Return whether the password signed the slice of eventInfo, as it came or without its white space."""
    push = json.loads(body)
    text = body.decode()
    start = text.index('"eventInfo"') + len('"eventInfo":')
    start += len(text[start:]) - len(text[start:].lstrip())
    _, end = json.JSONDecoder().raw_decode(text, start)
    tight = re.sub(r'("(?:[^"\\]|\\.)*")|\s+', lambda found: found[1] or "", text[start:end])
    head = f"{app_id}{push['timestamp']}{push['nonce']}"
    signed = [hmac.new(password.encode(), (head + e).encode(), hashlib.sha256) for e in (text[start:end], tight)]
    return push["appID"] == app_id and push["signature"] in [mac.hexdigest() for mac in signed]
