"""How well someone is connected at an instant: the same figures for the push and for the REST calls. Pure.

A figure is drawn from who it is about and when, so nothing is kept, and whoever asks twice hears the same.
Units are the reference's: loss in 0.01 %, rates in 100 bit/s, delay and jitter in ms.
"""

from zlib import crc32

import msgspec

from .attender import Attender


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured of one participant, one way each; loss in per cent, rates in kbit/s, times in ms."""

    poor: bool
    uplink_poor: bool
    delay_ms: int
    jitter_ms: int
    uplink_jitter_ms: int
    """More of it on the way from the terminal; so the next."""
    uplink_loss_pct: int
    audio_loss_pct: int
    video_loss_pct: int
    audio_kbps: int
    video_kbps: int
    screen_kbps: int
    cpu_pct: int


Spans = list[tuple[int, int | None]]
"""From and to, in ms; the last may be open."""


def is_within(spans: Spans, at_ms: int) -> bool:
    """Return whether it was so then."""
    return any(since <= at_ms and (until is None or at_ms < until) for since, until in spans)


def turn(spans: Spans, at_ms: int, *, on: bool) -> None:
    """End the span that is open, if one is, and begin another where it is so from now on."""
    if spans and spans[-1][1] is None:
        spans[-1] = (spans[-1][0], at_ms)
    if on:
        spans.append((at_ms, None))


def figures(person: Attender, at_ms: int) -> Figures:
    """Return what was measured then."""
    poor, chance = is_within(person.poor_since_ms, at_ms), crc32(f"{person.pid}{at_ms}".encode())
    uplink_poor = is_within(person.uplink_poor_ms, at_ms)
    sharing = person.marks["SHARE"] == "1"
    return Figures(
        poor=poor,
        uplink_poor=uplink_poor,
        delay_ms=(320 if poor else 25) + chance % 40,
        jitter_ms=(60 if poor else 1) + (chance >> 6) % 8,
        uplink_jitter_ms=(45 + chance % 20) if uplink_poor else 0,
        uplink_loss_pct=(26 + (chance >> 3) % 8) if uplink_poor else 0,
        audio_loss_pct=(12 if poor else 0) + (chance >> 9) % 3,
        video_loss_pct=(18 if poor else 0) + (chance >> 11) % 3,
        audio_kbps=(18 if poor else 64) - (chance >> 13) % 8,
        video_kbps=(160 if poor else 1_400) + (chance >> 16) % 100,
        screen_kbps=600 if sharing else 0,
        cpu_pct=(75 if poor else 20) + (chance >> 23) % 20,
    )


def net_condition(person: Attender, at_ms: int) -> dict[str, object]:
    """Return their item of NetConditionNotify. "In" is from the terminal for losses and to it for rates."""
    now = figures(person, at_ms)
    return {
        "mode": 0,
        "participantID": person.pid,
        # "good" is the one rating of the sample; the other's spelling is a guess.
        "netInfo": "bad" if now.poor or now.uplink_poor else "good",
        "lostPacketRate": str(100 * (now.audio_loss_pct + now.uplink_loss_pct)),
        "delay": str(now.delay_ms),
        "jitter": str(now.jitter_ms + now.uplink_jitter_ms),
        "fluxIn": str(10 * now.audio_kbps),
        "fluxOut": str(10 * now.audio_kbps),
        "audioOutLossPacketRate": str(50 * now.audio_loss_pct),
        "videoInLossPacketRate": str(100 * (now.video_loss_pct + now.uplink_loss_pct)),
        "videoOutLossPacketRate": str(50 * now.video_loss_pct),
        "assistVideoInLossPacketRate": "0",
        "assistVideoOutLossPacketRate": "0",
        "outJitter": str(now.jitter_ms // 2),
        "videoFluxIn": str(10 * now.video_kbps),
        "videoFluxOut": str(5 * now.video_kbps),
        "assistVideoFluxIn": "0",
        "assistVideoFluxOut": str(10 * now.screen_kbps),
        "bandwidth": 61_440,
        "audioCodecType": "AACLD",
        "videoCodecType": "H264HP",
    }
