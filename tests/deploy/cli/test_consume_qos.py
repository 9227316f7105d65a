"""`meetwire consume qos`, as an operator starts and stops it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest

from tests.consumers.producing import Producer
from tests.kafka.fixtures import SharedBroker

from .running import meetwire, running

KAFKA = '[kafka]\nservers = ["127.0.0.1:1"]\n'
QOS = '[qos]\nstate_folder = "qos"\n'


@pytest.mark.parametrize(
    ("text", "words", "status", "said"),
    [
        pytest.param(KAFKA, (), 2, "no table [qos] in the settings: where is the state of alerts kept?", id="no table"),
        pytest.param(QOS, (), 1, "start the receiver first", id="neither Kafka nor a log"),
        pytest.param(KAFKA + QOS, ("--log",), 2, "Run it without --log", id="not a log that Kafka empties"),
        pytest.param(QOS, ("--kafka",), 2, "--kafka needs a table [kafka]", id="Kafka asked for and not there"),
        pytest.param(
            KAFKA + QOS + 'rules_file = "rules.toml"\n', (), 2, "qos.rules_file: ", id="rules that are not there"
        ),
        pytest.param(KAFKA + QOS, (), 1, "Kafka at 127.0.0.1:1", id="Kafka that does not answer"),
        pytest.param(
            KAFKA + QOS.replace('"qos"', '"meetwire.toml/qos"'), (), 1, "Not a directory", id="no folder for it"
        ),
    ],
)
async def test_what_does_not_fit_is_said(
    tmp_path: Path, text: str, words: tuple[str, ...], status: int, said: str
) -> None:
    """2 where the settings are wrong, 1 where its supervisor may try again."""
    await asyncio.to_thread((tmp_path / "meetwire.toml").write_text, text)

    ended = await meetwire("consume", "qos", *words, folder=tmp_path)

    assert ended.status == status
    assert said in ended.err[-1]


@pytest.mark.kafka
async def test_one_folder_has_one_process_and_says_how_it_is(
    tmp_path: Path, kafka: SharedBroker, topic_prefix: str
) -> None:
    """A second one is refused; the first leads, and shows that."""
    text = f'[kafka]\nservers = ["{kafka.bootstrap}"]\ntopic_prefix = "{topic_prefix}"\npartitions = 3\n{QOS}'
    await asyncio.to_thread((tmp_path / "meetwire.toml").write_text, text)

    async with Producer(kafka.bootstrap, topic_prefix) as producer, aiohttp.ClientSession() as session:
        await producer.create()
        async with running("consume", "qos", "--admin", "127.0.0.1:0", folder=tmp_path) as command:
            address = (await command.said("listener.opened"))["address"]
            await command.said("alerting.led")
            second = await meetwire("consume", "qos", folder=tmp_path)
            await _shows(session, f"http://{address}/metrics", r"^meetwire_qos_leads 1\.0$")
            ended = await command.stopped()

    assert (second.status, second.err[-1]) == (2, "meetwire: qos.state_folder qos: another process has it")
    assert (ended.status, ended.err, ended.events[-1]) == (0, [], "consumer.stopped")


async def _shows(session: aiohttp.ClientSession, url: str, pattern: str) -> None:
    async with asyncio.timeout(60):
        while True:
            async with session.get(url) as answer:
                if re.search(pattern, await answer.text(), re.MULTILINE):
                    return
