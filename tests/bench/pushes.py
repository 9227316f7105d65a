"""Pushes a second and the answer's latency: the product against the same server that only verifies and decodes."""

import asyncio
from statistics import median
from typing import Final

from .parts import ReceiverProcess, broker, load, receiver
from .table import Row

TOTAL: Final = 60_000
ROUNDS: Final = 3


async def measure() -> list[Row]:
    """Return the rows."""
    async with broker() as kafka:
        return await asyncio.to_thread(_measure, kafka.bootstrap)


def _measure(bootstrap: str) -> list[Row]:
    with receiver("verify") as bare, receiver("disk") as disk, receiver("kafka", bootstrap) as kafka:
        load(kafka.port, total=2_000, first=10_000_000)
        rounds = []
        for number in range(ROUNDS):
            first = number * TOTAL
            rounds.append([_rate(process, first) for process in (bare, disk, kafka)])
        rates = [median(column) for column in zip(*rounds, strict=True)]
        to_disk = median(disk_rate / bare_rate for (bare_rate, disk_rate, _) in rounds)
        to_kafka = median(kafka_rate / bare_rate for (bare_rate, _, kafka_rate) in rounds)
        half = load(disk.port, total=int(rates[1] * 5), first=20_000_000, rate=rates[1] / 2)
        half_kafka = load(kafka.port, total=int(rates[2] * 5), first=20_000_000, rate=rates[2] / 2)
    return [
        Row("pushes/s, verified and decoded alone (the yardstick)", f"{rates[0]:,.0f}", ""),
        Row("pushes/s, disk: fsynced, 64 in flight", f"{rates[1]:,.0f}; {to_disk:.2f} of it", "≥ 0.6"),
        Row("pushes/s, kafka: acknowledged, 64 in flight", f"{rates[2]:,.0f}; {to_kafka:.2f} of it", "≥ 0.5"),
        Row("p99 of the answer at half of that rate, disk", f"{half.p99_ms:.1f} ms", "< 10 ms"),
        Row("p99 of the answer at half of that rate, kafka", f"{half_kafka.p99_ms:.1f} ms", "< 10 ms"),
    ]


def _rate(process: ReceiverProcess, first: int) -> float:
    report = load(process.port, total=TOTAL, first=first)
    if report.answers != {"200": TOTAL}:
        raise RuntimeError(f"not all were answered 200: {report.answers}, {report.lost} lost")
    return report.rate
