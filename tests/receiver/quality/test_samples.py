"""The service's series become samples in our units; what is of no use in them is left out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from receiver.cloud import MeasuredFlow, Measurements
from receiver.cloud.measured import Wording
from receiver.quality.published import LONG_AGO
from receiver.quality.samples import LOOK_BACK, Whose, sampled
from schemas.events.quality import Flow, QualitySampled, Surroundings

from .world import NOON, figures, person

LATER = NOON + timedelta(minutes=5)
MINUTE = timedelta(minutes=1)


def whose(**more: Any) -> Whose:
    """Return one participant of one meeting."""
    given: dict[str, Any] = {"enterprise": "acme", "meeting_id": "m-1", "meeting_uuid": "u-1", "participant": person(1)}
    return Whose(**given | more)


def sample(**more: Any) -> QualitySampled:
    """Return a sample without figures."""
    plain: dict[str, Any] = {
        "enterprise": "acme",
        "meeting_id": "m-1",
        "meeting_uuid": "u-1",
        "occurred_at": NOON,
        "received_at": LATER,
        "message_id": None,
        "source": "rest",
        "participant_id": "p-1",
        "over": False,
        "rating": None,
        "round_trip_ms": None,
        "bandwidth_as_sent": None,
        "client_cpu_ratio": None,
        "system_cpu_ratio": None,
        "alarms": [],
        "flows": [],
        "surroundings": Surroundings(),
    }
    return QualitySampled(**plain | more)


def read(measured: Measurements, **more: Any) -> list[QualitySampled]:
    """Return the samples of one look, five minutes after noon, of which nothing is published."""
    given: dict[str, Any] = {"whose": whose(), "after": LONG_AGO, "received_at": LATER}
    return sampled(measured, **given | more)


def test_everything_of_one_time_is_one_sample() -> None:
    """Both directions, in bits, milliseconds, ratios and frames per second, with what the service finds bad."""
    measured = Measurements(
        kind="video",
        sent=MeasuredFlow(
            bitrate_kbps=figures(1_200.5),
            latency_ms=figures(250, alarm=True),
            jitter_ms=figures(12.5, alarm=False),
            packet_loss_percent=figures(7.5, alarm=True),
            frame_rate_fps=figures(25),
            resolution=(Wording(at=NOON, value="1280x720"),),
        ),
        received=MeasuredFlow(jitter_ms=figures(80, alarm=True)),
    )

    assert read(measured) == [
        sample(
            flows=[
                Flow(
                    modality="video",
                    direction="sent",
                    bitrate_bps=1_200_500,
                    packet_loss_ratio=0.075,
                    jitter_ms=12.5,
                    latency_ms=250,
                    frame_rate_fps=25,
                    resolution="1280x720",
                    alarms=["latency", "packet_loss"],
                ),
                Flow(modality="video", direction="received", jitter_ms=80, alarms=["jitter"]),
            ]
        )
    ]


def test_each_time_is_a_sample_of_its_own_in_order() -> None:
    """Series need not have the same times, nor be in order; what is not measured at a time is unknown."""
    measured = Measurements(
        kind="audio",
        sent=MeasuredFlow(latency_ms=(*figures(3, at=NOON + 2 * MINUTE), *figures(1, 2))),
        received=MeasuredFlow(bitrate_kbps=figures(0, at=NOON + MINUTE), resolution=(Wording(at=LATER, value="1x1"),)),
    )

    assert read(measured) == [
        sample(flows=[Flow(modality="audio", direction="sent", latency_ms=1)]),
        sample(
            occurred_at=NOON + MINUTE,
            flows=[
                Flow(modality="audio", direction="sent", latency_ms=2),
                Flow(modality="audio", direction="received", bitrate_bps=0),
            ],
        ),
        sample(occurred_at=NOON + 2 * MINUTE, flows=[Flow(modality="audio", direction="sent", latency_ms=3)]),
        sample(occurred_at=LATER, flows=[Flow(modality="audio", direction="received", resolution="1x1")]),
    ]


def test_the_processor_is_told_as_ratios() -> None:
    """Either figure alone as well."""
    measured = Measurements(
        kind="cpu", client_cpu_percent=figures(95, 20, alarm=True), system_cpu_percent=figures(100, alarm=False)
    )

    assert read(measured) == [
        sample(client_cpu_ratio=0.95, system_cpu_ratio=1.0, alarms=["client_cpu"]),
        sample(occurred_at=NOON + MINUTE, client_cpu_ratio=0.2, alarms=["client_cpu"]),
    ]


@pytest.mark.parametrize(
    "measured",
    [
        pytest.param(Measurements(kind="audio"), id="nothing"),
        pytest.param(Measurements(kind="cpu"), id="nothing of the processor"),
        pytest.param(
            Measurements(kind="audio", sent=MeasuredFlow(latency_ms=figures(-1), packet_loss_percent=figures(101))),
            id="out of range",
        ),
        pytest.param(Measurements(kind="audio", sent=MeasuredFlow(bitrate_kbps=figures(1e300))), id="beyond all range"),
        pytest.param(Measurements(kind="cpu", client_cpu_percent=figures(101)), id="more than all of a processor"),
        pytest.param(
            Measurements(
                kind="video",
                sent=MeasuredFlow(resolution=(Wording(at=NOON, value="x" * 33), Wording(at=NOON, value=""))),
            ),
            id="no resolution",
        ),
        pytest.param(Measurements(kind="audio", client_cpu_percent=figures(5)), id="processor, where audio was asked"),
        pytest.param(
            Measurements(kind="cpu", sent=MeasuredFlow(latency_ms=figures(5))), id="audio, where processor was asked"
        ),
    ],
)
def test_without_a_figure_of_use_there_is_no_sample(measured: Measurements) -> None:
    """Unknown is not nought."""
    assert read(measured) == []


def test_of_two_figures_at_one_time_the_later_in_the_list_counts() -> None:
    """The service corrects itself, or it repeats itself."""
    measured = Measurements(kind="audio", sent=MeasuredFlow(latency_ms=(*figures(1), *figures(2))))

    assert read(measured) == [sample(flows=[Flow(modality="audio", direction="sent", latency_ms=2)])]


def test_what_is_published_is_left_out() -> None:
    """The time itself too."""
    measured = Measurements(kind="cpu", client_cpu_percent=figures(1, 2, 3))

    found = read(measured, after=NOON + MINUTE)

    assert [one.occurred_at for one in found] == [NOON + 2 * MINUTE]


def test_what_is_long_over_and_what_is_ahead_is_left_out() -> None:
    """A series may begin with its meeting; and one figure of tomorrow would hide all of today."""
    times = [LATER - LOOK_BACK, LATER - LOOK_BACK + MINUTE, LATER + 9 * MINUTE, LATER + 10 * MINUTE]
    measured = Measurements(kind="cpu", client_cpu_percent=tuple(one for at in times for one in figures(1, at=at)))

    assert [one.occurred_at for one in read(measured)] == times[1:3]


def test_surroundings_are_those_of_the_list() -> None:
    """All that it tells but the IP address."""
    known = {
        "name": "+86 10 5555 0123",
        "user_uuid": "uu-1",
        "department": "Sales",
        "terminal_type": "PC",
        "role": "guest",
        "network_type": "WIFI",
        "country": "China",
        "province": "Guangdong",
        "city": "Shenzhen",
        "app_version": "10.1",
        "system": "Windows",
        "data_centre": "dc-1",
    }
    measured = Measurements(kind="cpu", client_cpu_percent=figures(10))
    who = person(1, ip_address="192.0.2.1", **known)

    open_, masked, nameless = (
        read(measured, whose=whose(participant=one, mask=mask))
        for one, mask in ((who, False), (who, True), (person(1), True))
    )

    assert [one.surroundings for one in (*open_, *masked, *nameless)] == [
        Surroundings(**known),
        Surroundings(**known | {"name": "+** ** **** 0123"}),
        Surroundings(),
    ]


def test_whose_figures_they_are_is_not_shown() -> None:
    """It stands in tracebacks."""
    assert repr(whose(participant=person(1, name="marker"))) == "<Whose>"
