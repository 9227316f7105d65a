"""However the topics come in between each other, the present is the same: replicas show the same."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from consumers.dashboard.projection.whole import Whole
from schemas.events import MeetingEnded, MeetingStarted

from ..events import (
    Told,
    after,
    alert,
    as_plain,
    came,
    caption,
    changed,
    described,
    flow,
    gone,
    lifecycle,
    person,
    roster,
    sampled,
    speaking,
    state,
    subscription,
)

WHO = st.sampled_from(["a", "b", "c"])
UUIDS = st.sampled_from(["u-1", "u-2", None])
EPOCHS = st.integers(1, 3)
AT = st.integers(0, 600)


def one(what: int, at: int, who: str, uuid: str | None, epoch: int) -> Told:
    """Return one of the things that can be told."""
    someone = person(who, name=who.upper(), muted=at % 2 == 0)
    match what:
        case 0:
            return lifecycle(MeetingStarted, at, uuid)
        case 1:
            return lifecycle(MeetingEnded, at, uuid)
        case 2:
            return came(at, who, is_in=at % 3 != 0, uuid=uuid)
        case 3:
            return subscription(at, ("opened", "lost", "gap", "closed")[at % 4], uuid=uuid, epoch=epoch)
        case 4:
            return described(at, f"subject {at}", uuid=uuid, epoch=epoch)
        case 5:
            return state(at, uuid=uuid, epoch=epoch, captions_on=at % 2 == 0, state=("running", "closed")[at % 5 == 0])
        case 6:
            return roster(at, someone, uuid=uuid, epoch=epoch, snapshot=f"{at}", parts=1 + at % 2)
        case 7:
            return changed(at, someone, uuid=uuid, epoch=epoch, which=("participants", "waiting")[at % 4 == 0])
        case 8:
            return gone(at, someone, uuid=uuid, epoch=epoch)
        case 9:
            return speaking(at, who, uuid=uuid, epoch=epoch)
        case 10:
            figures = flow(("audio", "video")[at % 2], packet_loss_ratio=at / 600)
            return sampled(at, who, figures, uuid=uuid, epoch=epoch, source=("push", "rest")[at % 3 == 0])
        case 11:
            return caption(at, f"word {at}", who=who, final=at % 2 == 0, uuid=uuid, epoch=epoch)
        case _:
            return alert(at, f"{at % 3}", change=("fired", "resolved")[at % 2])


TOLD = st.lists(st.builds(one, st.integers(0, 12), AT, WHO, UUIDS, EPOCHS), max_size=40)


def by_topic(told: list[Told]) -> list[list[Told]]:
    """Return them as they stand in their topics."""
    topics: dict[str, list[Told]] = defaultdict(list)
    for each in told:
        topics[each.topic].append(each)
    return list(topics.values())


def present(told: list[Told]) -> object:
    """Return all that is shown after these."""
    whole, now = Whole(), after(700)
    for each in told:
        whole.take(each.event, each.id, each.epoch)
    whole.refresh(now)
    shown = [
        (as_plain(row), as_plain(detail))
        for row in whole.rows(None)
        if (detail := whole.detail(row.id, None, captions=True, history=True)) is not None
    ]
    return shown, as_plain(whole.alerts.shown(None, now))


@given(TOLD, st.randoms(use_true_random=False))
def test_the_order_across_topics_does_not_matter(told: list[Told], random: object) -> None:
    """Each topic is read in its order, and the topics in any."""
    topics, mixed = by_topic(told), []
    queues = [list(topic) for topic in topics]
    while queues:
        queue = queues[random.randrange(len(queues))]  # type: ignore[attr-defined]  # hypothesis gives a Random
        mixed.append(queue.pop(0))
        queues = [each for each in queues if each]

    assert present(mixed) == present(told)
    assert present([each for topic in topics for each in topic]) == present(told)


@given(TOLD, st.integers(1, 5))
def test_looking_in_between_changes_nothing(told: list[Told], every: int) -> None:
    """Rows are made anew of what changed alone, and are what they would be if all were."""
    whole = Whole()
    for number, each in enumerate(told):
        whole.take(each.event, each.id, each.epoch)
        if number % every == 0:
            whole.refresh(after(700))
    whole.refresh(after(700))

    looked = [as_plain(row) for row in whole.rows(None)]

    afresh = Whole()
    for each in told:
        afresh.take(each.event, each.id, each.epoch)
    afresh.refresh(after(700))
    assert looked == [as_plain(row) for row in afresh.rows(None)]


@given(TOLD)
def test_rows_and_sums_agree(told: list[Told]) -> None:
    """Nobody is bad who is not there, and what is gone is not counted."""
    whole = Whole()
    for each in told:
        whole.take(each.event, each.id, each.epoch)
    changes = whole.refresh(after(700))

    rows = whole.rows(None)

    assert sorted(row.id for row in changes.rows) == sorted(row.id for row in rows)
    assert all(0 <= row.bad <= max(row.people, row.bad) and 0 <= (row.worst or 0) <= 5 for row in rows)
    assert whole.overview(None).people == sum(row.people for row in rows if row.state == "on")
