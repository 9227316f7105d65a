"""What was published is remembered, within bounds."""

from __future__ import annotations

from datetime import timedelta

from receiver.quality.published import LONG_AGO, Published

from .world import NOON


def test_it_remembers_each_kind_of_each_participant_apart() -> None:
    """What was never noted was published long ago."""
    published = Published()
    published.note("u-1", "p-1", "audio", NOON)
    published.note("u-1", "p-1", "audio", NOON + timedelta(minutes=1))

    assert [
        published.until("u-1", "p-1", "audio"),
        published.until("u-1", "p-1", "video"),
        published.until("u-1", "p-2", "audio"),
        published.until("u-2", "p-1", "audio"),
    ] == [NOON + timedelta(minutes=1), LONG_AGO, LONG_AGO, LONG_AGO]


def test_it_forgets_meetings_that_are_over() -> None:
    """They are not on the list any more."""
    published = Published()
    published.note("u-1", "p-1", "audio", NOON)
    published.note("u-2", "p-1", "audio", NOON)

    published.keep(["u-2", "u-3"])

    assert [published.until(uuid, "p-1", "audio") for uuid in ("u-1", "u-2")] == [LONG_AGO, NOON]


def test_of_too_many_in_one_meeting_it_forgets_the_one_noted_longest_ago() -> None:
    """Memory is bounded whatever the service lists; what is sent again then has the same id."""
    published = Published(most_in_one=2)
    for participant in ("p-1", "p-2", "p-1", "p-3"):
        published.note("u-1", participant, "audio", NOON)

    assert [published.until("u-1", f"p-{number}", "audio") for number in (1, 2, 3)] == [NOON, LONG_AGO, NOON]
