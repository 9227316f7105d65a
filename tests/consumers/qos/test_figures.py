"""How many are well and how many are not, by enterprise and modality, as the engine knows it."""

from __future__ import annotations

import asyncio

import msgspec

from consumers.qos.engine.engine import Engine
from consumers.qos.engine.state import Input
from consumers.qos.figures import MODALITIES, RATINGS, Figures
from deploy.meters import PrometheusMeters
from schemas.events import Flow, QualitySampled
from schemas.rules import NoData, QosRules, Rule

from .engine.told import ended, loss, run, sample

RULES = QosRules(
    rules=(
        Rule(name="loss", metric="packet_loss_ratio", above=0.1, for_s=0),
        Rule(name="slow", metric="round_trip_ms", above=500, for_s=0),
        Rule(name="cpu", metric="client_cpu_ratio", above=0.9, for_s=0),
    ),
    no_data=NoData(participant_after_s=60, meeting_after_s=3_600, all_after_s=3_600),
)


def asked(who: str, seconds: float, *flows: Flow, cpu: float | None = None, enterprise: str = "acme") -> Input:
    """Return a sample that was asked for, of one kind."""
    one = sample(who, seconds, *flows)
    assert isinstance(one.event, QualitySampled)
    event = msgspec.structs.replace(one.event, source="rest", client_cpu_ratio=cpu, enterprise=enterprise)
    return msgspec.structs.replace(one, id=f"{one.id}/{enterprise}/{cpu}", event=event)


async def shown(meters: PrometheusMeters) -> dict[str, float]:
    """Return what is not nought, in short. In a thread: the registry reads files too."""
    return await asyncio.to_thread(_shown, meters)


def _shown(meters: PrometheusMeters) -> dict[str, float]:
    found: dict[str, float | None] = {}
    for enterprise in ("acme", "other"):
        found[f"{enterprise} ratio"] = meters.value("meetwire_qos_bad_ratio", enterprise=enterprise)
        for rating in RATINGS:
            labels = {"enterprise": enterprise, "rating": rating}
            found[f"{enterprise} {rating}"] = meters.value("meetwire_qos_participants", **labels)
            for modality in MODALITIES:
                value = meters.value("meetwire_qos_modality_participants", modality=modality, **labels)
                found[f"{enterprise} {modality} {rating}"] = value
    return {name: value for name, value in found.items() if value}


async def figures(engine: Engine, meters: PrometheusMeters) -> Figures:
    """Return what has shown the state of an engine."""
    made = Figures(meters, RULES)
    await made.show(engine.state)
    return made


async def test_everybody_is_counted_by_what_the_rules_find() -> None:
    """Once as a person, and once in each modality that there are figures of."""
    engine, meters = Engine(RULES), PrometheusMeters()
    run(
        engine,
        [
            sample("p-1", 3, loss(0.2), rtt=900),
            sample("p-2", 3, loss(0.0), rtt=10),
            asked("p-3", 3, loss(0.0)),
            asked("p-3", 4, cpu=0.95),
            asked("p-4", 3, loss(0.0), enterprise="other"),
        ],
        until=30,
    )

    await figures(engine, meters)

    assert await shown(meters) == {
        "acme bad": 2.0,
        "acme good": 1.0,
        "other good": 1.0,
        "acme audio bad": 1.0,
        "acme audio good": 2.0,
        "acme video good": 2.0,
        "acme screen good": 2.0,
        "acme connection bad": 1.0,
        "acme connection good": 1.0,
        "acme client bad": 1.0,
        "other audio good": 1.0,
        "acme ratio": 2 / 3,
    }


async def test_who_is_silent_is_neither_good_nor_bad() -> None:
    """Whatever was found before."""
    engine, meters = Engine(RULES), PrometheusMeters()
    run(engine, [asked("p-1", 3, loss(0.2))], until=8_000)

    await figures(engine, meters)

    assert await shown(meters) == {"acme silent": 1.0, "acme audio silent": 1.0}


async def test_what_is_gone_is_nought() -> None:
    """And does not stay as it was."""
    engine, meters = Engine(RULES), PrometheusMeters()
    run(engine, [asked("p-1", 3, loss(0.2))], until=30)
    made = await figures(engine, meters)
    before = await shown(meters)
    run(engine, [ended(63)], until=90)

    await made.show(engine.state)

    assert (before, await shown(meters)) == ({"acme bad": 1.0, "acme audio bad": 1.0, "acme ratio": 1.0}, {})
    labels = {"enterprise": "acme", "rating": "bad"}
    assert await asyncio.to_thread(meters.value, "meetwire_qos_participants", **labels) == 0.0


async def test_it_is_shown_again_and_again_while_others_have_their_turn() -> None:
    """A meeting that ends while it is counted is no error."""
    engine, meters = Engine(RULES), PrometheusMeters()
    many = [sample("p-1", 3 + number / 1_000, loss(0.2), meeting=f"m-{number}") for number in range(250)]
    run(engine, many, until=30)
    shows: asyncio.Queue[float] = asyncio.Queue()

    async def pause() -> None:
        shows.put_nowait((await shown(meters)).get("acme bad", 0.0))
        await asyncio.sleep(0)

    task = asyncio.create_task(Figures(meters, RULES).keep(engine.state, pause))
    # The first hundred are counted by then.
    await asyncio.sleep(0)
    del engine.state.meetings["acme/m-249"]
    told = [await shows.get(), await shows.get()]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert told == [249.0, 249.0]
