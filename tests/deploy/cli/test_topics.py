"""`meetwire topics create|check` says what is there, and changes nothing that is."""

from __future__ import annotations

from pathlib import Path

from schemas.topics import TOPICS
from tests.kafka.broker import Broker
from tests.kafka.fixtures import OwnBroker, SharedBroker

from .pushes import settled
from .running import meetwire


def kafka_table(kafka: SharedBroker, prefix: str, partitions: int = 3) -> str:
    """Return the settings of a Kafka that the tests share."""
    return f'[kafka]\nservers = ["{kafka.bootstrap}"]\npartitions = {partitions}\ntopic_prefix = "{prefix}"\n'


async def topics(what: str, folder: Path) -> tuple[int, list[str]]:
    """Run the command; return its status and the lines that it printed, having complained of nothing."""
    ended = await meetwire("topics", what, folder=folder)
    assert (ended.err, ended.lines) == ([], [])
    return ended.status, ended.out.splitlines()


async def test_topics_are_missing_then_made_then_good(tmp_path: Path, kafka: SharedBroker, topic_prefix: str) -> None:
    """Checking makes nothing, even where the broker would; creating twice is the same as once."""
    folder = settled(tmp_path, kafka_table(kafka, topic_prefix))
    names = [topic_prefix + name for name in TOPICS]
    good = (0, [f"{name}: 3 partitions" for name in names])

    missing = (1, [f"{name}: missing, or not shown to this user; wanted with 3 partitions" for name in names])
    assert [await topics("check", folder) for _ in range(2)] == [missing, missing]
    assert [await topics(what, folder) for what in ("create", "create", "check")] == [good, good, good]


async def test_topics_with_another_number_of_partitions_are_told(
    tmp_path: Path, kafka: SharedBroker, topic_prefix: str
) -> None:
    """The number never changes: it is said, not mended, since a meeting would move to another partition."""
    await topics("create", settled(tmp_path, kafka_table(kafka, topic_prefix)))
    folder = settled(tmp_path, kafka_table(kafka, topic_prefix, partitions=4))

    found = [await topics(what, folder) for what in ("check", "create")]

    names = [topic_prefix + name for name in TOPICS]
    assert found == [(1, [f"{name}: 3 partitions, kafka.partitions says 4" for name in names])] * 2


async def test_without_kafka_there_are_no_topics(tmp_path: Path) -> None:
    """One line, and status 2."""
    ended = await meetwire("topics", "check", folder=settled(tmp_path))

    assert (ended.status, ended.out, ended.err) == (2, "", ["meetwire: no table [kafka] in the settings"])


async def test_a_kafka_that_does_not_answer_is_said(tmp_path: Path) -> None:
    """One line with its address, and status 2."""
    folder = settled(tmp_path, '[kafka]\nservers = ["127.0.0.1:1"]\n')

    ended = await meetwire("topics", "check", folder=folder)

    assert (ended.status, ended.out, ended.err) == (2, "", ["meetwire: Kafka at 127.0.0.1:1: Connection refused"])


async def test_more_replicas_than_brokers_are_said(tmp_path: Path, kafka: SharedBroker, topic_prefix: str) -> None:
    """With the setting that asks for them."""
    folder = settled(tmp_path, kafka_table(kafka, topic_prefix) + "replication = 3\n")

    ended = await meetwire("topics", "create", folder=folder)

    assert (ended.status, ended.out, ended.err) == (
        2,
        "",
        [f"meetwire: Kafka at {kafka.bootstrap}: kafka.replication 3: the cluster has fewer brokers"],
    )


async def test_a_port_without_tls_is_said(tmp_path: Path, kafka: SharedBroker) -> None:
    """Kafka closes the connection; why, the settings tell."""
    folder = settled(tmp_path, f'[kafka]\nservers = ["{kafka.bootstrap}"]\nsecurity = "SSL"\n')

    ended = await meetwire("topics", "check", folder=folder)

    assert (ended.status, ended.out, ended.err) == (
        2,
        "",
        [
            f"meetwire: Kafka at {kafka.bootstrap}: ends the connection where TLS begins; "
            "kafka.security SSL needs its port for TLS"
        ],
    )


def secured(broker: Broker, password: str) -> str:
    """Return the settings of a broker that asks who one is."""
    return f"""\
[kafka]
servers = ["{broker.secure_bootstrap}"]
security = "SASL_SSL"
user = "meetwire"
password = "{password}"
ca_file = "{broker.ca_file}"
"""


async def test_rights_that_are_missing_are_said(tmp_path: Path, own_broker: OwnBroker) -> None:
    """Who may not create topics is told which one, and who is not let in why; neither is a traceback."""
    broker = await own_broker(users={"meetwire": "marker-kafka"})

    without_rights = await meetwire("topics", "create", folder=settled(tmp_path, secured(broker, "marker-kafka")))
    unknown = await meetwire("topics", "check", folder=settled(tmp_path, secured(broker, "marker-wrong")))

    assert (without_rights.status, unknown.status) == (2, 2)
    assert without_rights.err == ["meetwire: not authorised for topic meeting.lifecycle.v1"]
    assert unknown.err[0].startswith(f"meetwire: Kafka at {broker.secure_bootstrap}: ")
    assert "AuthenticationFailed" in unknown.err[0]
    assert len(unknown.err) == 1
    assert "marker" not in unknown.err[0]


async def test_a_kafka_that_is_frozen_is_said(tmp_path: Path, own_broker: OwnBroker) -> None:
    """It is waited for as long as the settings say, and no longer."""
    broker = await own_broker()
    broker.freeze()
    folder = settled(tmp_path, f'[kafka]\nservers = ["{broker.bootstrap}"]\nrequest_timeout_s = 0.5\n')

    ended = await meetwire("topics", "check", folder=folder)

    assert (ended.status, ended.err) == (2, [f"meetwire: no answer from Kafka at {broker.bootstrap}"])
