"""Have a broker write down the classes that it loads, so that those of the tests start in half the time.

`python -m tests.kafka.classes FILE`: a broker is started, used a little and stopped; at its end Java archives what it
loaded (AppCDS). Where the file is missing, or is another Java's, a broker starts without it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from .broker import Broker


async def write(file: Path) -> None:
    """Write the archive."""
    made = file.with_suffix(".new")
    with tempfile.TemporaryDirectory() as folder:
        async with Broker(Path(folder), options=(f"-XX:ArchiveClassesAtExit={made}",)) as broker:
            await _use(broker)
    made.replace(file)


async def _use(broker: Broker) -> None:
    """Publish, join a group, read and commit: what most tests do."""
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap, enable_idempotence=True) as producer:
        await producer.send_and_wait("a", b"one")
    consumer = AIOKafkaConsumer("a", bootstrap_servers=broker.bootstrap, group_id="g", auto_offset_reset="earliest")
    async with consumer:
        await consumer.getone()
        await consumer.commit()


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]).resolve()))
