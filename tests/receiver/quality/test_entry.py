"""Samples become records that are the same from wherever they are asked for."""

from __future__ import annotations

import msgspec

from receiver.entry import Entry
from receiver.quality.entry import enter_samples, sample_id
from schemas.events import encode
from schemas.events.quality import Surroundings
from schemas.record import Record
from schemas.topics import MAX_VALUE_BYTES

from .test_samples import LATER, MINUTE, sample
from .world import NOON


def test_a_look_is_one_entry() -> None:
    """Its records go to the meeting's partition, are of no subscription, and no push."""
    one, other = sample(client_cpu_ratio=0.5), sample(occurred_at=NOON + MINUTE, client_cpu_ratio=0.6)

    entry = enter_samples([one, other], "cpu", partitions=12)

    at_ms = 1_772_452_800_000
    assert entry == Entry(
        records=tuple(
            Record(
                topic="meeting.quality.v1",
                partition=entry.records[0].partition,
                key="m-1",
                id=f"{identity}-0",
                type="QualitySampled",
                enterprise="acme",
                occurred_at=event.occurred_at,
                received_ms=at_ms + 300_000,
                trace=f"00-{identity}-{identity[16:]}-01",
                value=encode(event),
                epoch=None,
            )
            for event, identity in ((one, sample_id(one, "cpu")), (other, sample_id(other, "cpu")))
        ),
        seen=None,
    )


def test_the_id_is_frozen() -> None:
    """A release that derives it otherwise would make every sample a new one."""
    assert sample_id(sample(), "audio") == "0e5014f796098cb98d5a1f2338ef31fc"


def test_the_id_is_what_was_measured_not_by_whom_and_when_it_was_asked() -> None:
    """After a restart, and from another process, it is the same; of another kind or time it is another."""
    asked_later = sample(received_at=LATER + MINUTE, surroundings=None)
    others = [sample_id(sample(), "video"), sample_id(sample(occurred_at=NOON + MINUTE), "audio")]

    assert sample_id(asked_later, "audio") == sample_id(sample(), "audio")
    assert sample_id(sample(), "audio") not in others


def test_a_record_stays_below_the_limit_whatever_a_name_is() -> None:
    """The figures are what matters."""
    huge = sample(surroundings=Surroundings(name="x" * MAX_VALUE_BYTES))

    (record,) = enter_samples([huge], "audio", partitions=12).records

    assert record.value == encode(msgspec.structs.replace(huge, surroundings=None))
