"""Pushes a second and the answer's latency: the product against the same server that only verifies and decodes.

What the receiver's own processor does for a push is told beside the rates: on a machine that others use too, that
ratio holds where the other does not.
"""

import asyncio
from statistics import median
from typing import Final, NamedTuple

from tests.kafka.java import THOROUGH

from .disk import measure_disk
from .parts import ReceiverProcess, broker, folder, load, receiver
from .table import Row

TOTAL: Final = 20_000
# Many and short: whose ratio is told lie close together then, and a slow second of the machine meets all three.
ROUNDS: Final = 9
HALF_ROUNDS: Final = 5
SECONDS: Final = 5
# By then Java has compiled the broker: in its first seconds that takes the load's core.
WARM: Final = 100_000


async def measure() -> list[Row]:
    """Return the rows."""
    async with broker(*THOROUGH) as kafka:
        return await asyncio.to_thread(_measure, kafka.bootstrap)


def _measure(bootstrap: str) -> list[Row]:
    with receiver("verify") as bare, receiver("disk") as disk, receiver("kafka", bootstrap) as kafka:
        load(kafka.port, total=WARM, first=10_000_000)
        rounds = []
        for number in range(ROUNDS):
            first = number * TOTAL
            rounds.append([_pushed(process, first) for process in (bare, disk, kafka)])
    rates = [median(one.rate for one in column) for column in zip(*rounds, strict=True)]
    to_disk = median(disk.rate / bare.rate for (bare, disk, _) in rounds)
    to_kafka = median(kafka.rate / bare.rate for (bare, _, kafka) in rounds)
    with folder() as place:
        alone = measure_disk(place)
    half, half_kafka = (_at_half(mode, rate, bootstrap) for mode, rate in (("disk", rates[1]), ("kafka", rates[2])))
    return [
        Row("pushes/s, verified and decoded alone (the yardstick)", f"{rates[0]:,.0f}", ""),
        Row("pushes/s, disk: fsynced, 64 in flight", f"{rates[1]:,.0f}; {to_disk:.2f} of it", "≥ 0.6"),
        Row("pushes/s, kafka: acknowledged, 64 in flight", f"{rates[2]:,.0f}; {to_kafka:.2f} of it", "≥ 0.5"),
        Row("CPU of the receiver a push: the yardstick, disk, kafka", _spent(rounds), ""),
        Row("p99 of the answer at half of that rate, disk", half, "< 10 ms"),
        Row("p99 of the answer at half of that rate, kafka", half_kafka, "< 10 ms"),
        alone,
    ]


def _at_half(mode: str, rate: float, bootstrap: str) -> str:
    """Return the median p99 of some loads at half of `rate`, on a receiver that has the machine for itself, and all.

    The load's pauses count in it, and the disk's. So it is told besides how many answers took the receiver less than
    10 ms, and in another row what the disk does alone: where it stands still for 50 ms, a hundredth of a load waits.
    """
    with receiver(mode, bootstrap if mode == "kafka" else None) as process:
        total = int(rate / 2 * SECONDS)
        load(process.port, total=total, first=HALF_ROUNDS * total, rate=rate / 2)
        before = process.figures()
        reports = [
            load(process.port, total=total, first=number * total, rate=rate / 2) for number in range(HALF_ROUNDS)
        ]
        after = process.figures()
    share = (after.in_10_ms - before.in_10_ms) / (after.answered - before.answered)
    p99s = sorted(report.p99_ms for report in reports)
    each = ", ".join(f"{p99:.1f}" for p99 in p99s)
    return f"{median(p99s):.1f} ms (of {each}); {share:.2%} within 10 ms inside the receiver"


class Pushed(NamedTuple):
    """What one load took."""

    rate: float
    cpu_us: float
    """Of the receiver, a push."""


def _pushed(process: ReceiverProcess, first: int) -> Pushed:
    before = process.figures().cpu_s
    report = load(process.port, total=TOTAL, first=first)
    if report.answers != {"200": TOTAL}:
        raise RuntimeError(f"not all were answered 200: {report.answers}, {report.lost} lost")
    return Pushed(report.rate, (process.figures().cpu_s - before) / TOTAL * 1e6)


def _spent(rounds: list[list[Pushed]]) -> str:
    bare, disk, kafka = (median(one.cpu_us for one in column) for column in zip(*rounds, strict=True))
    return f"{bare:.0f}, {disk:.0f}, {kafka:.0f} µs; {bare / disk:.2f} and {bare / kafka:.2f}"
