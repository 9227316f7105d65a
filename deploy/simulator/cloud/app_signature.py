"""Check the signature of an App ID authentication: five texts to sign, two spellings of the digits. Pure.

Meeting push reference, "App ID authentication". The documentation signs in lower case, the SDK in upper case.
"""

import base64
import hashlib
import hmac
import re
from typing import Final

# `access` is mandatory in the documentation of today, and left out by clients from before.
_AUTHORIZATION: Final = re.compile(r"HMAC-SHA256 signature=(?P<signature>[^,\s]+)(?:,\s*access=(?P<access>\S+))?")


def signed_text(
    app_id: str, expire_time: int, nonce: str, *, service_provider: bool, corp_id: str | None, user_id: str | None
) -> str:
    """Return what is signed: a colon for each part that is not there, as far as the case has it."""
    if not service_provider:
        return f"{app_id}:{user_id or ''}:{expire_time}:{nonce}"
    return f"{app_id}:{corp_id or ''}:{user_id or ''}:{expire_time}:{nonce}"


def is_signed(authorization: str, text: str, *, app_id: str, app_keys: tuple[str, ...]) -> bool:
    """Return whether the header holds the text's signature by one of the keys, and this App ID where it names one."""
    header = _AUTHORIZATION.fullmatch(authorization)
    if header is None or header["access"] not in (None, base64.b64encode(app_id.encode()).decode()):
        return False
    signatures = [hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest() for key in app_keys]
    return any(header["signature"] in (signature, signature.upper()) for signature in signatures)
