"""What was decided, what is on the topic, and what is not there yet."""

from __future__ import annotations

import msgspec
import pytest

from consumers.qos.engine.alert import Alert, Change, Trouble
from consumers.qos.event import alert_changed, record_of
from consumers.qos.told import DIVERGED_MS, REMEMBERED_MS, Told
from schemas.events import AlertChanged
from schemas.record import Record
from schemas.rules import QosRules


def decision(change: str, at_ms: int, *, place: str = "acme/m-1/p-1", level: str = "participant") -> Change:
    """Return one about a place."""
    trouble = Trouble("loss", "loss", "warning", 0)
    return Change(change, Alert(level, place, "acme", "m-1", "p-1", "warning", 0, (trouble,)), at_ms)


def pair(change: Change) -> tuple[Record, AlertChanged]:
    """Return it as it goes onto the topic."""
    return record_of(change, QosRules(), 1), alert_changed(change, QosRules())


def test_what_is_decided_waits_until_it_is_on_the_topic() -> None:
    """And is not waited for again when it is decided once more."""
    told, (record, event) = Told(), pair(decision("fired", 5_000))

    told.decided(record)
    assert [*told.pending.values()] == [record]
    told.read(record, event)
    told.decided(record)

    assert (told.pending, told.standing) == ({}, {event.alert_id: event})


def test_the_newest_decision_is_what_an_alert_is() -> None:
    """Though it came first: what is told at once runs ahead of the ticks."""
    told = Told()
    for change, at_ms in [("fired", 14_000), ("resolved", 10_000), ("updated", 20_000)]:
        told.read(*pair(decision(change, at_ms)))

    assert [one.change for one in told.standing.values()] == ["updated"]


def test_an_end_that_is_read_before_its_beginning_is_the_end() -> None:
    """Partitions are read one after another: what was about one meeting and then about several lies in two."""
    told = Told()
    for change, at_ms in [("resolved", 10_000), ("fired", 5_000), ("updated", 9_000)]:
        told.read(*pair(decision(change, at_ms)))
    ended = dict(told.standing)
    told.read(*pair(decision("fired", 11_000)))

    assert ended == {}
    assert [one.change for one in told.standing.values()] == ["fired"]


def test_a_decision_that_comes_twice_is_taken_once() -> None:
    """Two led for a moment: the second copy of an old one does not bring back what is over."""
    told = Told()
    for change, at_ms in [("fired", 5_000), ("resolved", 10_000), ("fired", 5_000)]:
        told.read(*pair(decision(change, at_ms)))

    assert told.standing == {}


@pytest.mark.parametrize(
    "behind_ms", [pytest.param(DIVERGED_MS, id="may come"), pytest.param(DIVERGED_MS + 1, id="no")]
)
def test_what_the_leader_decided_otherwise_is_given_up(behind_ms: int) -> None:
    """After ten minutes in which it published newer ones."""
    told, (record, _) = Told(), pair(decision("fired", 5_000))
    told.decided(record)
    told.read(*pair(decision("fired", 5_000 + behind_ms, place="acme/m-2/p-1")))

    told.sweep(5_000 + behind_ms)

    kept = behind_ms == DIVERGED_MS
    assert (len(told.pending), told.diverged) == (int(kept), int(not kept))


def test_what_cannot_be_decided_again_is_forgotten() -> None:
    """Hours later nobody begins so far back."""
    told = Told()
    told.read(*pair(decision("fired", 0)))
    (newer, event) = pair(decision("fired", REMEMBERED_MS + 1, place="acme/m-2/p-1"))
    told.read(newer, event)

    told.sweep(REMEMBERED_MS)
    assert len(told.published) == 2
    told.sweep(REMEMBERED_MS + 1)
    assert [*told.published] == [newer.id]


def test_who_is_hours_behind_knows_what_was_published_meanwhile() -> None:
    """It reads the topic of alerts to its end at once, and decides the same again only after a while."""
    told, (record, event) = Told(), pair(decision("fired", 5_000))
    told.read(record, event)
    told.read(*pair(decision("fired", 2 * REMEMBERED_MS, place="acme/m-2/p-1")))

    told.sweep(0)
    told.decided(record)

    assert told.pending == {}


def test_what_nobody_knows_of_is_found_and_the_pipeline_left_alone() -> None:
    """That one is raised and ended by another clock."""
    told = Told()
    known, unknown = decision("fired", 5_000), decision("fired", 5_000, place="acme/m-1/p-2")
    for change in (known, unknown, decision("fired", 5_000, place="receivers", level="pipeline")):
        told.read(*pair(change))

    assert [event.place for event in told.unknown_to({known.alert.id})] == ["acme/m-1/p-2"]


def test_it_outlives_the_process() -> None:
    """Records and events as they were."""
    told = Told()
    told.read(*pair(decision("fired", 5_000)))
    told.decided(pair(decision("resolved", 10_000))[0])

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(told), type=Told) == told
