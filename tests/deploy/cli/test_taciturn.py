"""Who is connected over TLS and says nothing holds up no stop."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.taciturn import taciturn_client

from .certificates import Certificates
from .running import serving


@pytest.mark.parametrize(
    "said", [pytest.param(b"", id="nothing"), pytest.param(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n", id="a request")]
)
async def test_a_silent_client_holds_up_no_stop(said: bytes, tmp_path: Path) -> None:
    """Its connection is closed without its farewell: nothing is left open that the process would complain of."""
    certificates = Certificates(tmp_path)
    trusting = certificates.issue()

    async with serving(folder=certificates.folder, tls=True) as service:
        host, _, port = service.webhook.removeprefix("https://").rpartition(":")
        async with taciturn_client((host, int(port)), trusting) as client:
            client.say(said)
            ended = await service.stopped()
            heard = await client.heard()

    assert (ended.status, ended.err) == (0, [])
    assert heard.startswith(b"HTTP/1.1 404" if said else b"")
