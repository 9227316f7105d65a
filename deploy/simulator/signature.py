"""Sign what the meeting cloud signs, written from its reference alone. Pure.

The receiver has a formula of its own. This one is not shared with it on purpose: two that agree were both read
from the page, one that is shared agrees with itself.
"""

import hmac


def sign(app_id: str, timestamp_ms: int, nonce: str, event_info: bytes, password: bytes) -> str:
    """Return the 64 lower-case hexadecimal digits for `event_info` exactly as it is spelt.

    Enterprise push reference, "signature": hmacSHA256(appID + timestamp + nonce + eventInfo, password), nothing
    between the four, eventInfo as compact JSON.
    """
    message = f"{app_id}{timestamp_ms}{nonce}".encode() + event_info
    return hmac.digest(password, message, "sha256").hex()
