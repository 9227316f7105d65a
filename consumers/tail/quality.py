"""Say in a few figures how well somebody is connected. Pure."""

from collections.abc import Iterator
from itertools import groupby

from schemas.events import Flow, QualitySampled, QualityThresholdsRead, ServiceThreshold


def figures(event: QualitySampled) -> Iterator[str | None]:
    """Yield rating, round trip, each modality's loss and jitter in both directions, and what the service finds bad."""
    if event.over:
        yield "measured no more"
        return
    yield event.rating
    yield None if event.round_trip_ms is None else f"{event.round_trip_ms:g} ms"
    # The service tells of a screen that nobody shares, too.
    told = [flow for flow in event.flows if _is_worth_telling(flow)]
    for modality, flows in groupby(told, key=lambda flow: flow.modality):
        yield f"{modality} {', '.join(map(_flow, flows))}"
    bad = [*event.alarms, *(f"{flow.modality} {alarm}" for flow in event.flows for alarm in flow.alarms)]
    yield f"bad: {', '.join(dict.fromkeys(bad))}" if bad else None
    yield event.source if event.source != "push" else None


def thresholds(event: QualityThresholdsRead) -> Iterator[str | None]:
    """Yield what the service's alarms go by, where it says so; one number where it holds for both directions."""
    yield _limit("latency", event.latency_ms, 1, "ms")
    yield _limit("jitter", event.jitter_ms, 1, "ms")
    yield _limit("loss", event.packet_loss_ratio, 100, "%")
    yield None if event.client_cpu_ratio is None else f"client CPU {event.client_cpu_ratio * 100:g} %"
    yield None if event.system_cpu_ratio is None else f"system CPU {event.system_cpu_ratio * 100:g} %"


def _limit(name: str, told: ServiceThreshold, times: int, unit: str) -> str | None:
    if told.sent == told.received:
        return None if told.sent is None else f"{name} {told.sent * times:g} {unit}"
    ways = [("sent", told.sent), ("received", told.received)]
    return f"{name} {', '.join(f'{way} {limit * times:g} {unit}' for way, limit in ways if limit is not None)}"


def _is_worth_telling(flow: Flow) -> bool:
    return bool(flow.bitrate_bps or flow.packet_loss_ratio or flow.jitter_ms or flow.alarms)


def _flow(flow: Flow) -> str:
    loss = None if flow.packet_loss_ratio is None else f"{flow.packet_loss_ratio * 100:.4g} %"
    jitter = None if flow.jitter_ms is None else f"{flow.jitter_ms:g} ms"
    return " ".join(part for part in (flow.direction, loss, jitter) if part)
