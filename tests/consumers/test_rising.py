"""The forwarder's repeats are undone, and nothing else is dropped."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from consumers.rising import Rising
from schemas.ids import LogId, Position
from schemas.record import Stored

from .records import LOG, OTHER_LOG, numbered

(ONE,) = numbered(1)

Sent = list[tuple[LogId, int]]


def stored(sent: Sent) -> list[Stored]:
    """Return records at these places; what they say does not matter here."""
    return [Stored(log, Position(position), ONE) for log, position in sent]


def places(kept: list[Stored]) -> Sent:
    """Return where records stand."""
    return [(one.log, one.position) for one in kept]


@st.composite
def with_repeats(draw: st.DrawFn) -> tuple[Sent, Sent]:
    """What one partition holds: what a forwarder has of a log, going back now and then; and each first of it."""
    positions = draw(st.lists(st.integers(1, 10**12), unique=True, max_size=20).map(sorted))
    log = draw(st.sampled_from([LOG, OTHER_LOG]))
    sent: Sent = []
    done = 0
    while done < len(positions):
        start = draw(st.integers(0, done))
        end = draw(st.integers(done + 1, len(positions)))
        sent += [(log, position) for position in positions[start:end]]
        done = end
    return sent, [(log, position) for position in positions]


@st.composite
def interleaved(draw: st.DrawFn) -> tuple[Sent, Sent]:
    """Two receivers' logs in one partition, each in its own order."""
    both = [draw(with_repeats()), draw(with_repeats())]
    sent = [[(log, position) for _, position in part] for log, (part, _) in zip((LOG, OTHER_LOG), both, strict=True)]
    mixed: Sent = []
    while any(sent):
        mixed.append(sent[draw(st.sampled_from([number for number in (0, 1) if sent[number]]))].pop(0))
    firsts = [list(dict.fromkeys(one for one in mixed if one[0] == log)) for log in (LOG, OTHER_LOG)]
    return mixed, [*firsts[0], *firsts[1]]


@given(with_repeats())
def test_each_record_passes_once_and_in_order(history: tuple[Sent, Sent]) -> None:
    """Whatever the forwarder sent again, from wherever it went back to."""
    sent, once = history

    assert places(Rising().rising("topic", 0, stored(sent))) == once


@given(interleaved())
def test_logs_rise_by_themselves(history: tuple[Sent, Sent]) -> None:
    """One receiver's positions say nothing of another's, however they are mixed."""
    mixed, once = history

    kept = places(Rising().rising("topic", 0, stored(mixed)))

    assert [one for log in (LOG, OTHER_LOG) for one in kept if one[0] == log] == once


@given(interleaved(), st.data())
def test_it_does_not_matter_how_a_partition_is_cut_into_batches(history: tuple[Sent, Sent], cut: st.DataObject) -> None:
    """The memory goes from batch to batch."""
    mixed, _ = history
    at = cut.draw(st.integers(0, len(mixed)))
    rising = Rising()

    in_two = [*rising.rising("topic", 0, stored(mixed[:at])), *rising.rising("topic", 0, stored(mixed[at:]))]

    assert in_two == Rising().rising("topic", 0, stored(mixed))


def test_partitions_and_topics_rise_by_themselves() -> None:
    """A log's records are spread over them, so each has its own share of the positions."""
    rising = Rising()
    later, earlier = stored([(LOG, 9)]), stored([(LOG, 3)])

    kept = [
        rising.rising(*where, one)
        for where, one in [
            (("a", 0), later),
            (("a", 1), earlier),
            (("b", 0), earlier),
            (("a", 0), earlier),
        ]
    ]

    assert kept == [later, earlier, earlier, []]


def test_after_a_rebalance_everything_may_come_again() -> None:
    """What was not committed has to: nobody knows whether it was handled."""
    rising = Rising()
    again = stored([(LOG, 1), (LOG, 2)])
    rising.rising("topic", 0, again)

    rising.forget()

    assert rising.rising("topic", 0, again) == again
