"""What another receiver left open, told from the records of its partition."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from receiver.subscriber.ownership import HeldOpen, Left, LookedAt
from schemas.record import Record

from .telling import AT, OTHER, alive, changed, started


def held(
    meeting: str = "m-1", *, epoch: int = 1, since_s: float = 0, seen_s: float = 0, left: Left = "open"
) -> HeldOpen:
    """Return what is found."""
    return HeldOpen(
        enterprise="acme",
        meeting_id=meeting,
        meeting_uuid=None,
        epoch=epoch,
        receiver=OTHER,
        since=AT + timedelta(seconds=since_s),
        last_seen=AT + timedelta(seconds=seen_s),
        left=left,
    )


def held_open(records: list[Record]) -> list[HeldOpen]:
    """Return what is found in records that come one by one."""
    looked_at = LookedAt()
    for record in records:
        looked_at.take([record])
    return looked_at.held()


@pytest.mark.parametrize(
    ("records", "found"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([changed("opened")], [held()], id="opened and never heard of again"),
        pytest.param(
            [changed("opened"), changed("closed", at_s=3)], [held(since_s=3, seen_s=3, left="over")], id="closed"
        ),
        pytest.param([changed("opened"), changed("lost", at_s=3)], [held(since_s=3, seen_s=3, left="lost")], id="lost"),
        pytest.param([changed("opened"), changed("gap")], [held()], id="a gap ends nothing"),
        pytest.param([changed("opened"), changed("lost"), changed("opened", epoch=2)], [held(epoch=2)], id="anew"),
        pytest.param([changed("opened", epoch=2), changed("lost", epoch=1)], [held(epoch=2)], id="an old one is late"),
        pytest.param([changed("opened", epoch=2), changed("opened", epoch=1)], [held(epoch=2)], id="older, and later"),
        pytest.param([changed("lost")], [held(left="lost")], id="lost, and opened before what is read"),
        pytest.param(
            [changed("opened"), changed("closed", reason="moved", at_s=3)],
            [held(since_s=3, seen_s=3, left="moved")],
            id="given away",
        ),
        pytest.param(
            [changed("opened"), changed("lost", unseen_s=1, at_s=3), alive(9)],
            [held(since_s=3, seen_s=1, left="lost")],
            id="unseen since before it was told",
        ),
        pytest.param([changed("opened"), changed("opened", "m-2")], [held(), held("m-2")], id="two meetings"),
        pytest.param([changed("opened"), alive(30), alive(20)], [held(seen_s=30)], id="its receiver lived on"),
        pytest.param([changed("opened"), alive(30, receiver="0" * 32)], [held()], id="another receiver lived on"),
        pytest.param(
            [alive(5), changed("opened", at_s=9)], [held(since_s=9, seen_s=9)], id="opened after a sign of life"
        ),
        pytest.param([started("m-1"), changed("opened")], [held()], id="among other events"),
    ],
)
def test_what_was_opened_and_did_not_end_is_found(records: list[Record], found: list[HeldOpen]) -> None:
    """One for each meeting, as of its receiver's last sign of life; older epochs change nothing."""
    assert held_open(records) == found


def test_what_cannot_be_read_is_passed_over() -> None:
    """A record of a newer version, or of another kind than it says, is no reason to find nothing at all."""
    newer = msgspec.structs.replace(changed("opened"), value=b'{"type":"SubscriptionChanged"}')
    odd = msgspec.structs.replace(started("m-9"), type="SubscriptionChanged")

    assert held_open([newer, odd, changed("opened", "m-2")]) == [held("m-2")]
