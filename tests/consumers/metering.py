"""Look at what a consumer counted."""

from __future__ import annotations

import asyncio

from deploy.meters import PrometheusMeters


async def counted(meters: PrometheusMeters, name: str, **labels: str) -> float | None:
    """Return a counter of the consumer `test`. In a thread: the registry reads files too."""
    return await asyncio.to_thread(meters.value, f"meetwire_consumer_{name}_total", consumer="test", **labels)
