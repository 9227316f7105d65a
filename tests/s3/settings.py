"""Say in settings where the S3 server of the tests is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from schemas.settings import Captions

from .gateway import ACCESS, SECRET, Gateway


def settings(gateway: Gateway, folder: Path, **more: Any) -> Captions:
    """Return settings for an archive on `gateway`; `store` is among `more`."""
    credentials = folder / "credentials"
    credentials.write_text(f"{ACCESS}\n{SECRET}\n")
    given: dict[str, Any] = {
        "endpoint": gateway.endpoint,
        "credentials_file": str(credentials),
        "request_timeout_s": 10.0,
        **more,
    }
    return Captions(**given)
