"""The archive beside the receiver: it ends, it begins again, and the receiver goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from consumers.captions.errors import Misconfigured
from deploy.captions import beside, parts_of
from deploy.meters import PrometheusMeters
from schemas.settings import Captions, Kafka, Log, Root

from ..consumers.captions.life.building import alive, meeting
from ..consumers.captions.running import settings, stored
from ..consumers.writing import LogWriter

RECORDS = stored([*meeting("m-1", [("p1", "你好")]), *alive(minutes=50)])


async def test_a_meeting_is_archived_beside_the_receiver(tmp_path: Path) -> None:
    """From the log that the receiver writes, as it is written."""
    options = settings(tmp_path)
    with capture_logs() as lines:
        await _run(tmp_path, options, lines, "meeting.archived")

    assert [line["event"] for line in lines if line["log_level"] == "error"] == []
    assert lines[-1]["event"] == "consumer.stopped"


async def test_what_ended_is_begun_again(tmp_path: Path) -> None:
    """There is no log at first: it is said, and tried again, and nobody is held up by it."""
    options = settings(tmp_path)
    root = Root(log=Log(folder=str(tmp_path / "log")), captions=options)
    meters = PrometheusMeters()
    with capture_logs() as lines:
        async with beside(options, parts_of(root, meters, use_log=False), meters):
            await asyncio.to_thread(_write, tmp_path)
            await _said(lines, "consumer.started")

    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["consumer.failed"]


async def test_settings_that_do_not_fit_end_the_start(tmp_path: Path) -> None:
    """Before anything is received."""
    await asyncio.to_thread((tmp_path / "spool").write_text, "")
    await asyncio.to_thread(_write, tmp_path)
    options = settings(tmp_path)
    root, meters = Root(log=Log(folder=str(tmp_path / "log")), captions=options), PrometheusMeters()

    with pytest.raises(Misconfigured, match=r"captions\.spool_folder"):
        async with beside(options, parts_of(root, meters, use_log=False), meters):
            pass


async def test_a_sealed_archive_without_its_key_ends_the_start(tmp_path: Path) -> None:
    """Nothing is received that would lie open in it."""
    await asyncio.to_thread(_write, tmp_path)
    options = settings(tmp_path)
    root, meters = Root(log=Log(folder=str(tmp_path / "log")), captions=options), PrometheusMeters()
    await asyncio.to_thread((tmp_path / "keys" / "keys" / "00").mkdir, parents=True)
    await asyncio.to_thread((tmp_path / "keys" / "keys" / "00" / "00.000000").write_text, "")

    with pytest.raises(Misconfigured, match="is sealed"):
        async with beside(options, parts_of(root, meters, use_log=False), meters):
            pass


def test_it_reads_kafka_where_there_is_one() -> None:
    """Unless the log is asked for."""
    root, meters = Root(kafka=Kafka(servers=("127.0.0.1:1",)), captions=Captions()), PrometheusMeters()

    kinds = [type(parts_of(root, meters, use_log=use_log).source()).__name__ for use_log in (False, True)]

    assert kinds == ["KafkaSource", "LocalSource"]


async def _run(folder: Path, options: Captions, lines: Sequence[Mapping[str, object]], event: str) -> None:
    await asyncio.to_thread(_write, folder)
    root, meters = Root(log=Log(folder=str(folder / "log")), captions=options), PrometheusMeters()
    async with beside(options, parts_of(root, meters, use_log=True), meters):
        await _said(lines, event)


async def _said(lines: Sequence[Mapping[str, object]], event: str) -> None:
    async with asyncio.timeout(60):
        while event not in [line["event"] for line in lines]:  # noqa: ASYNC110 -- a log line wakes nobody
            await asyncio.sleep(0.02)


def _write(folder: Path) -> None:
    writer = LogWriter(folder / "log")
    for one in RECORDS:
        writer.append(one.record)
    writer.close()
