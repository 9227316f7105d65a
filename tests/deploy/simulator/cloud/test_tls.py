"""The cloud over HTTPS and WSS: by its options' certificate, by a context, and with a certificate for another name."""

from __future__ import annotations

import ssl
from pathlib import Path

import aiohttp
import pytest
import trustme

from deploy.simulator.cloud import CloudOptions, running_cloud
from deploy.simulator.errors import BadArguments

from .client import Client


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return who signs the certificates."""
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Return what a client believes."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_calls_and_sockets_are_encrypted(authority: trustme.CA, trusting: ssl.SSLContext, tmp_path: Path) -> None:
    """From files, as its options say."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    options = CloudOptions(certificate_file=certificate, key_file=key)
    connector = aiohttp.TCPConnector(ssl=trusting)
    async with running_cloud(options) as cloud, aiohttp.ClientSession(connector=connector) as session:
        client = Client(cloud, session)
        cloud.start_meeting("900000001")
        async with client.subscribed("900000001", "SpeakerChangeNotify") as wire:
            frame = await wire.frame()

    assert (cloud.url[:20], cloud.socket_url[:18]) == (
        "https://127.0.0.1:" + cloud.url[18:20],
        "wss://127.0.0.1:" + cloud.url[18:20],
    )
    assert frame["action"] == "SpeakerChangeNotify"


async def test_certificate_can_be_for_another_name(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    """As the service's may be, where it hands out an IP: a client that checks refuses, unless it expects the name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("meeting.example.com").configure_cert(context)
    connector = aiohttp.TCPConnector(ssl=trusting)
    async with running_cloud(tls=context) as cloud, aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(cloud.url)
        async with session.get(cloud.url, server_hostname="meeting.example.com") as response:
            assert response.status == 404


async def test_certificate_that_is_not_there_is_told(tmp_path: Path) -> None:
    """In one line."""
    with pytest.raises(BadArguments, match="no certificate can be read from"):
        async with running_cloud(CloudOptions(certificate_file=tmp_path / "none")):
            pass


async def test_port_that_is_taken_is_told() -> None:
    """In one line."""
    async with running_cloud() as cloud:
        port = int(cloud.url.rpartition(":")[2])
        with pytest.raises(BadArguments, match=f"127.0.0.1:{port}: "):
            async with running_cloud(CloudOptions(port=port)):
                pass


async def test_address_can_be_of_version_6() -> None:
    """Written with brackets."""
    async with running_cloud(CloudOptions(host="::1")) as cloud, aiohttp.ClientSession() as session:
        assert cloud.url.startswith("http://[::1]:")
        async with session.get(cloud.url) as response:
            assert response.status == 404
