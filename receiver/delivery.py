"""What comes in: untrusted bytes, with what the transport knows of them."""

from datetime import datetime

import msgspec


class Delivery(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One HTTP body as it came."""

    body: bytes
    received_at: datetime
    """Aware, UTC."""
    request_id: str | None = None
    """X-Request-ID, if it is short and printable."""

    def __repr__(self) -> str:
        """Show the size alone."""
        return f"<Delivery of {len(self.body)} bytes>"
