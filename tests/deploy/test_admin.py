"""The admin listener: alive, ready or why not, and every figure that is declared."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import pytest

from deploy.standalone import Running, started
from schemas.metrics import METRICS
from schemas.settings import Kafka, Log, Webhook
from tests.kafka.fixtures import SharedBroker

from .cli.pushes import push
from .parts import page, post, settings

PLAIN = "text/plain; charset=utf-8"
UNREACHABLE = Kafka(servers=("127.0.0.1:1",), request_timeout_s=0.5, max_behind_s=0.001)


async def test_a_receiver_that_runs_is_alive_and_ready(tmp_path: Path) -> None:
    """Two pages for whoever looks after the process: does it turn, and may pushes come?"""
    async with started(settings(tmp_path)) as parts:
        assert await page(parts, "/healthz") == (200, PLAIN, "ok\n")
        assert await page(parts, "/readyz") == (200, PLAIN, "ok\n")


async def test_a_disk_that_runs_short_makes_it_unready(tmp_path: Path) -> None:
    """503 with the reasons, a line each; it stays alive, since no restart makes room."""
    short = Log(folder=str(tmp_path / "log"), min_free_bytes=10**18)

    async with started(settings(tmp_path, log=short)) as parts:
        before = await page(parts, "/readyz")
        status = await post(parts, push())
        after = await page(parts, "/readyz")
        alive = await page(parts, "/healthz")

    line = rf"disk: \d+ bytes free, log.min_free_bytes is {10**18}\n"
    assert status == 503
    assert before[:2] == after[:2] == (503, PLAIN)
    assert re.fullmatch(line, before[2])
    assert re.fullmatch(r"log: the last commit failed \(disk_full\)\n" + line, after[2])
    assert alive == (200, PLAIN, "ok\n")


async def test_a_forwarder_that_is_behind_makes_it_unready(tmp_path: Path) -> None:
    """Kafka was never there: pushes are still taken, and /readyz says since when they wait, and why."""
    async with started(settings(tmp_path, kafka=UNREACHABLE)) as parts:
        before = await page(parts, "/readyz")
        status = await post(parts, push())
        after = await page(parts, "/readyz")
        while after[0] == 200:
            after = await page(parts, "/readyz")

    assert before == (200, PLAIN, "ok\n")
    assert status == 200
    assert after[:2] == (503, PLAIN)
    assert re.fullmatch(r"forwarder: \d+ s behind \(unreachable\)\n", after[2])


async def traffic(parts: Running) -> None:
    """Have one of each: accepted, repeated, refused, set aside."""
    body = push()
    unknown = push("meeting.unheard")
    assert [await post(parts, sent) for sent in (body, body, unknown, b"{}")] == [200, 200, 200, 400]


# Of consumers, and of meeting pushes, which take an App ID.
OF_OTHERS = re.compile(
    "meetwire_(consumer|captions|cloud|enterprise_push|ownership|quality|subscriptions?|frames|qos|dashboard)_"
)


async def test_every_metric_of_the_receiver_is_shown(tmp_path: Path, kafka: SharedBroker, topic_prefix: str) -> None:
    """Whatever schemas.metrics declares of enterprise pushes is there after some traffic, in Prometheus's format."""
    broker = Kafka(servers=(kafka.bootstrap,), partitions=2, topic_prefix=topic_prefix)
    waiting = Webhook(listen="127.0.0.1:0", answer_after="kafka", deadline_s=25)

    async with started(settings(tmp_path, kafka=broker, webhook=waiting)) as parts:
        await traffic(parts)
        status, content_type, text = await page(parts, "/metrics")

    assert (status, content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    types = dict(re.findall(r"^# TYPE (meetwire_\w+) (\w+)$", text, re.MULTILINE))
    helps = dict(re.findall(r"^# HELP (meetwire_\w+) (.+)$", text, re.MULTILINE))
    ours = {name: metric for name, metric in METRICS.items() if not OF_OTHERS.match(name)}
    assert types == {name: metric.kind for name, metric in ours.items()}
    assert helps == {name: metric.help for name, metric in ours.items()}
    sampled = set(re.findall(r"^(meetwire_\w+?)(?:_bucket|_sum|_count)?(?:\{.*\})? [0-9.e+-]+$", text, re.MULTILINE))
    assert sampled == set(ours)


async def test_what_was_counted_is_what_happened(tmp_path: Path) -> None:
    """The figures of a little traffic, to the last one."""
    async with started(settings(tmp_path)) as parts:
        await traffic(parts)
        _, _, text = await page(parts, "/metrics")

    counted = set(re.findall(r"^(meetwire_\w+_total(?:\{.*\})? [1-9].*)$", text, re.MULTILINE))
    assert counted == {
        'meetwire_pushes_accepted_total{event="meeting.started"} 2.0',
        'meetwire_pushes_accepted_total{event="other"} 1.0',
        'meetwire_pushes_refused_total{reason="not_the_envelope",status="400"} 1.0',
        'meetwire_pushes_set_aside_total{reason="unknown_event"} 1.0',
        "meetwire_pushes_repeated_total 1.0",
        "meetwire_log_commits_total 3.0",
        'meetwire_log_records_total{topic="meeting.lifecycle.v1"} 1.0',
        'meetwire_log_records_total{topic="meeting.unrecognised.v1"} 1.0',
    }


async def test_what_is_alarmed_on_begins_at_nought(tmp_path: Path) -> None:
    """An alert on an increase hears the first one too: the counters are there before they count."""
    async with started(settings(tmp_path)) as parts:
        _, _, text = await page(parts, "/metrics")

    assert set(re.findall(r'^meetwire_pushes_set_aside_total\{reason="(\w+)"\} 0\.0$', text, re.MULTILINE)) == {
        "unknown_event",
        "changed_payload",
        "stale",
        "ahead",
        "unknown_action",
        "changed_frame",
        "too_large",
    }
    assert re.findall(r'^meetwire_pushes_refused_total\{reason="deadline",status="503"\} 0\.0$', text, re.MULTILINE)


@pytest.mark.parametrize("path", ["/", "/metrics/", "/openapi/meetingevent"])
async def test_nothing_else_is_there(tmp_path: Path, path: str) -> None:
    """Four pages and no more; no push is taken there."""
    async with started(settings(tmp_path)) as parts, aiohttp.ClientSession() as session:
        url = "http://{}:{}".format(*parts.admin) + path
        posted, got = await session.post(url, data=push()), await session.get(url)

    assert (posted.status, got.status) == (404, 404)
