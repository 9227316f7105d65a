"""On SIGHUP the secrets are read again: passwords, keys and the TLS certificate. What does not fit changes nothing."""

from __future__ import annotations

import json
import signal
import ssl
from pathlib import Path

import pytest

from deploy.simulator import Subscriber
from deploy.simulator.cloud import running_cloud
from tests.kafka.fixtures import OwnBroker
from tests.kafka.readers import kcat

from .certificates import Certificates
from .pushes import ACCEPTED, ACME, SETTINGS, Answer, post, push, settled
from .running import Service, serving

REFUSED = Answer(401, b"")
NEXT = Subscriber(app_id=ACME.app_id, password="marker-next")


def by_file(folder: Path, *passwords: str) -> Path:
    """Write settings that name a file of passwords, and the file."""
    settings = SETTINGS.partition("callback_passwords")[0] + 'callback_passwords_file = "acme"\n'
    (folder / "meetwire.toml").write_text(settings)
    write_passwords(folder, *passwords)
    return folder


def write_passwords(folder: Path, *passwords: str) -> None:
    """Replace the passwords in their file."""
    (folder / "acme").touch(0o600)
    (folder / "acme").write_text("\n".join(passwords))


async def reloaded(service: Service) -> object:
    """Send SIGHUP and return what was warned of once the secrets were read."""
    service.tell(signal.SIGHUP)
    return (await service.said("settings.reloaded"))["warnings"]


async def refused(service: Service) -> object:
    """Send SIGHUP and return what did not fit."""
    service.tell(signal.SIGHUP)
    return (await service.said("settings.refused"))["problems"]


async def answers(service: Service) -> tuple[Answer, Answer]:
    """Return the answers to pushes that the two passwords signed."""
    return await post(service, push()), await post(service, push(signed_by=NEXT))


async def test_a_password_is_replaced_while_pushes_come(tmp_path: Path) -> None:
    """The old one, both, the new one: no push is refused on the way that either page of the service would sign."""
    folder = by_file(tmp_path, ACME.password)

    async with serving(folder=folder) as service:
        found = [await answers(service)]
        write_passwords(folder, NEXT.password, ACME.password)
        warned = await reloaded(service)
        found.append(await answers(service))
        write_passwords(folder, NEXT.password)
        await reloaded(service)
        found.append(await answers(service))
        ended = await service.stopped()

    assert found == [(ACCEPTED, REFUSED), (ACCEPTED, ACCEPTED), (REFUSED, ACCEPTED)]
    assert warned == []
    assert ended.status == 0
    assert "marker" not in json.dumps(ended)


async def test_a_password_file_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    """A slip of the hand is said, the service goes on with what it had, and the next try is good."""
    folder = by_file(tmp_path, ACME.password)

    async with serving(folder=folder) as service:
        write_passwords(folder)
        problems = await refused(service)
        found = [await answers(service)]
        write_passwords(folder, NEXT.password)
        await reloaded(service)
        found.append(await answers(service))

    assert problems == ["meetwire.toml:10: enterprises[0].callback_passwords_file: acme: holds no secret"]
    assert found == [(ACCEPTED, REFUSED), (REFUSED, ACCEPTED)]


async def test_what_is_no_secret_waits_for_a_restart(tmp_path: Path) -> None:
    """The line says which tables changed and were not taken up."""
    folder = by_file(tmp_path, ACME.password)

    async with serving(folder=folder) as service:
        (folder / "meetwire.toml").write_text("[log]\nretention_days = 1\n" + (folder / "meetwire.toml").read_text())

        assert await reloaded(service) == ["changed, but taken up by a restart alone: log"]


async def test_kafkas_password_is_replaced_while_records_wait(tmp_path: Path, own_broker: OwnBroker) -> None:
    """Pushes are taken while Kafka lets nobody in; with the right password on SIGHUP it gets what waited."""
    broker = await own_broker(users={"meetwire": "marker-kafka"})
    await broker.allow("meetwire", "All", on="topic", name="*")
    (tmp_path / "kafka").touch(0o600)
    (tmp_path / "kafka").write_text("marker-wrong")
    folder = settled(
        tmp_path,
        f"""\
[kafka]
servers = ["{broker.secure_bootstrap}"]
security = "SASL_SSL"
user = "meetwire"
password_file = "kafka"
ca_file = "{broker.ca_file}"
partitions = 2
""",
    )

    async with serving(folder=folder) as service:
        answer = await post(service, push())
        (tmp_path / "kafka").write_text("marker-kafka")
        await reloaded(service)
        await service.said("forwarder.recovered")
        ended = await service.stopped()

    assert answer == ACCEPTED
    assert [line["reason"] for line in ended.lines if line["event"] == "forwarder.failed"] == ["not_authorised"]
    assert [record.key for record in await kcat(broker.bootstrap, "meeting.lifecycle.v1")] == ["900000001"]
    assert "marker" not in json.dumps(ended)


async def test_an_app_key_is_replaced_while_meetings_are_on(tmp_path: Path) -> None:
    """With the key that the service has by now, read again on SIGHUP, the meeting that is on is listened to."""
    async with running_cloud() as cloud:
        cloud.start_meeting("900000001")
        app = f"""\
[enterprises.app]
id = "{cloud.app_id}"
api = "{cloud.url}"
keys_file = "acme-app"
"""
        (tmp_path / "meetwire.toml").write_text(SETTINGS + app + "\n[subscriber]\ndiscover_every_s = 0.1\n")
        (tmp_path / "acme-app").touch(0o600)
        (tmp_path / "acme-app").write_text("marker-wrong")

        async with serving(folder=tmp_path) as service:
            await service.said("cloud.refused")
            (tmp_path / "acme-app").write_text(cloud.app_key)
            await reloaded(service)
            await cloud.subscribed("900000001")
            ended = await service.stopped()

    assert ended.status == 0
    assert "marker" not in json.dumps(ended)
    assert cloud.app_key not in json.dumps(ended)


async def test_a_certificate_is_replaced_while_pushes_come(tmp_path: Path) -> None:
    """Who renews certificates sends SIGHUP, and the next connection has the new one."""
    certificates = Certificates(tmp_path)
    old = certificates.issue()

    async with serving(folder=certificates.folder, tls=True) as service:
        before = await post(service, push(), trusting=old)
        new = certificates.issue()
        await reloaded(service)
        after = await post(service, push(), trusting=new)
        with pytest.raises(ssl.SSLError):
            await post(service, push(), trusting=old)
        ended = await service.stopped()

    assert (before, after) == (ACCEPTED, ACCEPTED)
    assert ended.status == 0


async def test_half_a_certificate_changes_nothing(tmp_path: Path) -> None:
    """A certificate whose key has not been replaced yet is refused whole, passwords too; the old one stays in use."""
    certificates = Certificates(tmp_path)
    old = certificates.issue()

    async with serving(folder=certificates.folder, tls=True) as service:
        certificates.issue(with_key=False)
        settings = certificates.folder / "meetwire.toml"
        settings.write_text(settings.read_text().replace(ACME.password, NEXT.password))
        problems = await refused(service)
        answer = await post(service, push(), trusting=old)

    assert problems == ["webhook.tls_certificate_file server.pem: key values mismatch"]
    assert answer == ACCEPTED
