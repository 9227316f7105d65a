"""How well each participant is connected, as pushed. Pure.

The reference turns In and Out between losses and fluxes: a loss `…In…` is on the way from the terminal to the service,
a flux `…In` the other way. Here `sent` and `received` are the participant's, for both.
"""

from schemas.events import Flow, QualitySampled
from schemas.push.meeting import NetCondition, NetInfo

from .state import Common
from .values import bps, ms, ratio, text


def sampled(push: NetCondition, common: Common) -> list[QualitySampled]:
    """Return one look at each participant of the frame."""
    return [_sample(item, common) for item in push.data or ()]


def _sample(item: NetInfo, common: Common) -> QualitySampled:
    over = item.mode == 1
    return QualitySampled(
        **common,
        source="push",
        participant_id=str(item.participantID),
        over=over,
        rating=None if over else text(item.netInfo),
        round_trip_ms=None if over else ms(item.delay),
        bandwidth_as_sent=None if over else item.bandwidth,
        client_cpu_ratio=None,
        system_cpu_ratio=None,
        alarms=[],
        flows=[] if over else _flows(item),
        surroundings=None,
    )


def _flows(item: NetInfo) -> list[Flow]:
    audio, video = text(item.audioCodecType), text(item.videoCodecType)
    flows = [
        _flow("audio", "sent", audio, item.fluxOut, item.lostPacketRate, item.jitter),
        _flow("audio", "received", audio, item.fluxIn, item.audioOutLossPacketRate, item.outJitter),
        _flow("video", "sent", video, item.videoFluxOut, item.videoInLossPacketRate),
        _flow("video", "received", video, item.videoFluxIn, item.videoOutLossPacketRate),
        _flow("screen", "sent", None, item.assistVideoFluxOut, item.assistVideoInLossPacketRate),
        _flow("screen", "received", None, item.assistVideoFluxIn, item.assistVideoOutLossPacketRate),
    ]
    return [flow for flow in flows if flow is not None]


def _flow(
    modality: str,
    direction: str,
    codec: str | None,
    flux: float | None,
    loss: float | None,
    jitter: float | None = None,
) -> Flow | None:
    """Return one flow, or None where no figure of it was said."""
    bitrate_bps, packet_loss_ratio, jitter_ms = bps(flux), ratio(loss), ms(jitter)
    if bitrate_bps is None and packet_loss_ratio is None and jitter_ms is None:
        return None
    return Flow(
        modality=modality,
        direction=direction,
        bitrate_bps=bitrate_bps,
        packet_loss_ratio=packet_loss_ratio,
        jitter_ms=jitter_ms,
        codec=codec,
    )
