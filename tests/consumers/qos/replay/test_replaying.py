"""A replay reads what is stored, and says what rules would have told: under the same rules what the live run told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import structlog
from hypothesis import HealthCheck, given, settings

from consumers.errors import SourceUnavailable
from consumers.qos.engine.alert import Change
from consumers.qos.engine.engine import Engine
from consumers.qos.engine.state import Input
from consumers.qos.replay import replaying
from consumers.qos.replay.comparison import Comparison
from consumers.qos.replay.replaying import Asked, Replay, reading, replayed
from consumers.sources import Batch, Lag, Places
from consumers.sources.placed import PlacedKafkaSource
from deploy.meters import PrometheusMeters
from schemas.record import Record
from schemas.rules import NoData, QosRules, Rule
from schemas.settings import Kafka
from tests.consumers.producing import Producer
from tests.consumers.reading_log import local
from tests.consumers.writing import LogWriter

from ..engine.test_as_if_uninterrupted import RULES, UNTIL, _worlds
from ..engine.told import loss, sample
from .stored import PARTITIONS, at, published, record, signs, stored

LOSS = Rule(name="loss", metric="packet_loss_ratio", above=0.1, for_s=0, keep_firing_for_s=10)
LATE = NoData(participant_after_s=3_600, meeting_after_s=3_600, all_after_s=3_600)
OLD = QosRules(rules=(LOSS,), no_data=LATE)
STRICT = QosRules(rules=(msgspec.structs.replace(LOSS, name="strict", above=0.01),), no_data=LATE)
HOUR = 3_600
YEAR_MS = 31_536_000_000
WORLD = [
    *(sample("p-1", 600 + 10 * number, loss(0.2 if number < 6 else 0.0)) for number in range(12)),
    *(sample("p-2", 600 + 10 * number, loss(0.05 if number < 2 else 0.0)) for number in range(12)),
]


def live(rules: QosRules, records: list[Record]) -> list[Change]:
    """Return what a consumer decides that reads the records as they come."""
    engine = Engine(rules)
    engine.state.clock.expect(range(PARTITIONS))
    changes: list[Change] = []
    for one in records:
        engine.take(_input(one))
        changes += engine.decide()
    return changes


def _input(one: Record) -> Input:
    from schemas.events import decode

    return Input(one.received_ms, one.id, decode(one.value))


def asked(**more: Any) -> Asked:
    """Return an hour to be replayed, with all of the past before it."""
    given = {"rules": OLD, "since": at(0), "until": at(HOUR), "warm_up": timedelta(minutes=5), "noise_s": 60.0}
    return Asked(**(given | more))  # type: ignore[arg-type]  # as each test says


async def replay(writer: LogWriter, wanted: Asked, **more: Any) -> Replay:
    """Replay what `writer` has stored."""
    async with local(writer.folder, reading(wanted)) as source:
        return await replayed(source, wanted, **more)


def numbers(one: Comparison) -> tuple[int, int, int, int, int]:
    """Return same, more, fewer, earlier, later."""
    return one.same, one.more, one.fewer, one.earlier, one.later


async def test_the_rules_that_were_in_force_would_have_told_the_same(writer: LogWriter) -> None:
    """What was published is what a replay decides again."""
    records = stored(WORLD, HOUR)
    writer.append(*records, *published(live(OLD, records), OLD))

    came = await replay(writer, asked())

    assert (came.against, came.samples, came.late, came.unreadable) == ("published", 24, 0, 0)
    assert (came.since, came.until) == (at(0), at(HOUR))
    assert (numbers(came.comparison), came.comparison.differences) == ((1, 0, 0, 0, 0), [])
    assert came.comparison.new == came.comparison.old


async def test_stricter_rules_tell_more_and_it_is_said_what(writer: LogWriter) -> None:
    """Of whom, since when, by which rule, and that it would have been noise."""
    records = stored(WORLD, HOUR)
    writer.append(*records, *published(live(OLD, records), OLD))

    came = await replay(writer, asked(rules=STRICT))

    (one,) = came.comparison.differences
    assert numbers(came.comparison) == (1, 1, 0, 0, 0)
    assert (one.what, one.place, one.rules, one.since, one.by_s) == ("more", "acme/m-1/p-2", ["strict"], at(605), 25.0)
    assert (came.comparison.new.noise_alerts, came.comparison.old.noise_alerts) == (1, 0)


async def test_two_rule_files_are_compared_in_one_reading(writer: LogWriter) -> None:
    """Whatever was published."""
    records = stored(WORLD, HOUR)
    writer.append(*records, *published(live(OLD, records), OLD))
    slow = QosRules(rules=(msgspec.structs.replace(LOSS, for_s=20),), no_data=LATE)

    came = await replay(writer, asked(rules=slow, against=STRICT))

    assert (came.against, numbers(came.comparison)) == ("rules", (0, 0, 1, 0, 1))
    assert [(one.what, one.place, one.by_s) for one in came.comparison.differences] == [
        ("fewer", "acme/m-1/p-2", 25.0),
        ("later", "acme/m-1/p-1", 15.0),
    ]


async def test_what_stood_when_the_time_began_is_known_from_before(writer: LogWriter) -> None:
    """It counts from the beginning of the time; what was over by then does not count."""
    records = stored(WORLD, HOUR)
    writer.append(*records, *published(live(OLD, records), OLD))

    standing = await replay(writer, asked(since=at(640)))
    over = await replay(writer, asked(since=at(700)))

    assert (standing.comparison.new.alerts, standing.comparison.new.minutes) == (1, 0.5)
    assert (over.comparison.new.alerts, over.samples) == (0, 24)


async def test_what_ends_before_the_time_does_is_said(writer: LogWriter) -> None:
    """Nothing is decided that no sign of life came after."""
    writer.append(*stored(WORLD, 650))

    came = await replay(writer, asked())

    assert (came.until, came.comparison.new.alerts) == (at(690), 1)


async def test_what_cannot_be_read_is_counted(writer: LogWriter) -> None:
    """A value that is no event, and a late record; types that the engine has no use for are not looked at."""
    records = stored(WORLD, HOUR)
    broken = [msgspec.structs.replace(records[0], value=b"\xff", id="broken"), record(sample("p-1", 5, loss(0.9)))]
    useless = msgspec.structs.replace(records[0], type="MeetingStateChanged", value=b"{")
    writer.append(*records[:-60], *broken, useless, *records[-60:])

    came = await replay(writer, asked())

    assert (came.unreadable, came.late, came.comparison.new.alerts) == (1, 1, 1)


async def test_nothing_stored_is_nothing_told(writer: LogWriter) -> None:
    """An empty log is no error."""
    came = await replay(writer, asked())

    assert (came.records, came.until, numbers(came.comparison)) == (0, at(0), (0, 0, 0, 0, 0))


async def test_it_says_how_far_it_is(writer: LogWriter) -> None:
    """As a share of the time, and in samples."""
    writer.append(*stored(WORLD, HOUR))
    told: list[tuple[float, int]] = []

    await replay(writer, asked(), progress=lambda share, samples: told.append((share, samples)))

    assert (told[-1][0] >= 1.0, told[-1][1]) == (True, 24)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(world=_worlds)
async def test_whatever_happened_it_is_told_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, world: list[Input]
) -> None:
    """Any world: the live decisions and the replayed ones are one."""
    records = stored(world, UNTIL)
    folder: Path = tmp_path_factory.mktemp("log")
    writer = LogWriter(folder)
    writer.append(*records, *published(live(RULES, records), RULES))
    writer.close()

    came = await replay(writer, asked(rules=RULES, until=at(UNTIL)))

    assert (came.comparison.differences, came.comparison.new) == ([], came.comparison.old)


async def test_topics_of_kafka_are_replayed_as_the_log_is(writer: LogWriter, topics: Producer) -> None:
    """Each partition comes as it will; what is told is the same."""
    # A broker takes nothing from the future.
    records = [msgspec.structs.replace(one, received_ms=one.received_ms - YEAR_MS) for one in stored(WORLD, HOUR)]
    alerts = published(live(OLD, records), OLD)
    writer.append(*records, *alerts)
    await topics.append(*records, *alerts)
    wanted = asked(rules=STRICT, since=at(-YEAR_MS / 1_000), until=at(HOUR - YEAR_MS / 1_000))

    kafka = Kafka(servers=(topics.bootstrap,), topic_prefix=topics.prefix)
    meters = PrometheusMeters()
    async with PlacedKafkaSource(kafka, reading(wanted), meters=meters, logger=structlog.get_logger()) as source:
        came = await replayed(source, wanted)

    assert came == await replay(writer, wanted)
    assert numbers(came.comparison) == (1, 1, 0, 0, 0)


class Away:
    """A source that is away: there is something, and it does not come. It stands in for a broker that is gone."""

    cluster, generation = "", 0

    def has(self, topic: str, partition: int) -> bool:
        """Whether it is read."""
        return True

    async def fetch(self, limit: int, wait_s: float) -> Batch:
        """Return nothing."""
        return Batch()

    async def commit(self, held: object = None) -> None:
        """Do nothing."""

    async def lag(self) -> Lag:
        """Say that there is something."""
        return Lag(1, 1.0)

    async def close(self) -> None:
        """Do nothing."""

    def places(self) -> Places:
        """Return the beginning."""
        return {("meeting.quality.v1", 0): 0}

    async def ends(self) -> Places:
        """Return that there is something."""
        return {("meeting.quality.v1", 0): 1}

    def hold_back(self, ahead: object) -> None:
        """Do nothing."""


async def test_a_source_that_gives_nothing_is_away() -> None:
    """It is not waited for for ever."""
    with pytest.raises(SourceUnavailable, match="nothing came for 60 s, and there is more to read"):
        await replayed(Away(), asked())


def test_signs_of_life_are_read_beyond_the_time() -> None:
    """The last ticks are decided by those after them."""
    assert replaying.reading(asked()).start == at(-300)
    assert len(signs(0)) == PARTITIONS * 6
