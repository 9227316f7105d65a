"""Which meetings are due: by what the indexes of segments say, and nothing else."""

from __future__ import annotations

import msgspec
import pytest

from consumers.captions import tracking
from consumers.captions.evidence.index import Index, Sign, Whose
from consumers.captions.tracking import Missed, Ref, Standing, Tracked, Tracker
from schemas.topics import CAPTIONS, LIFECYCLE

CLOSE, SILENT, DAY = 60_000, 3_600_000, 86_400_000
TOPIC = "meeting.lifecycle.v1"


def index(number: int, *signs: tuple[str, int], first: int = 0, last: int | None = None, meeting: str = "m-1") -> Index:
    """Return the index of a segment in which a meeting has these signs."""
    last = max((at for _, at in signs), default=first) if last is None else last
    whose = Whose(
        enterprise="acme",
        meeting_id=meeting,
        lines=[(0, 3)],
        first_ms=first,
        last_ms=last,
        signs=[Sign(line=0, type=kind, time_ms=at) for kind, at in signs],
    )
    return Index(
        segment=f"evidence/{number:03d}.jsonl",
        records=5,
        root="",
        leaves="",
        first_ms=first,
        last_ms=last,
        last_offset=number,
        alive=[(3, 2)],
        meetings=[whose],
    )


def tracker(*indexes: Index) -> Tracker:
    """Return one that has these segments."""
    made = Tracker(Standing())
    for one in indexes:
        made.add(TOPIC, one)
    return made


def due(of: Tracker, clock_ms: int) -> list[str]:
    """Return the meeting IDs that are due."""
    return [one.meeting_id for one in of.due(clock_ms, close_ms=CLOSE, silent_ms=SILENT)]


@pytest.mark.parametrize("kind", ["MeetingEnded", "MeetingClosed", "over"])
def test_a_meeting_that_ended_is_due_a_while_later(kind: str) -> None:
    """Late captions are in its files."""
    one = tracker(index(1, ("MeetingStarted", 0), (kind, 10_000)))

    assert (due(one, 69_999), due(one, 70_000)) == ([], ["m-1"])


def test_a_meeting_that_is_on_is_not_due() -> None:
    """However long it takes, so long as something comes."""
    one = tracker(index(1, ("MeetingStarted", 0)), index(2, first=10 * SILENT))

    assert due(one, 10 * SILENT + CLOSE) == []


def test_a_meeting_of_which_nothing_comes_is_due_after_the_silence() -> None:
    """Nobody said that it is over."""
    one = tracker(index(1, ("MeetingStarted", 0), last=5_000))

    assert (due(one, SILENT + 4_999), due(one, SILENT + 5_000)) == ([], ["m-1"])


def test_a_meeting_that_was_entered_again_is_looked_at_for_its_first_end() -> None:
    """What was held before is to be written down."""
    one = tracker(index(1, ("MeetingStarted", 0), ("MeetingEnded", 10_000)), index(2, ("MeetingStarted", 20_000)))

    assert due(one, 70_000) == ["m-1"]
    assert one.open == 1


def test_what_was_looked_at_is_not_due_again() -> None:
    """Until something late comes, and a while has gone by."""
    one = tracker(index(1, ("MeetingStarted", 0), ("MeetingClosed", 10_000)))
    one.standing.meetings[0].looked(["manifest"], is_pending=False)
    before = due(one, 2 * SILENT)
    one.add(TOPIC, index(2, first=100_000))

    assert (before, due(one, 159_999), due(one, 160_000)) == ([], [], ["m-1"])


def test_what_is_pending_is_due_after_the_silence() -> None:
    """An occurrence that nobody ended, of a meeting ID whose first one is written down."""
    one = tracker(index(1, ("MeetingClosed", 10_000)))
    one.standing.meetings[0].looked(["manifest"], is_pending=True)

    assert (due(one, SILENT), due(one, SILENT + 10_000)) == ([], ["m-1"])


def test_a_segment_counts_once() -> None:
    """Whoever goes on after a crash puts it again."""
    one = tracker(index(1), index(2), index(1), index(2))

    refs = [ref.segment for ref in one.standing.meetings[0].refs]
    assert refs == ["evidence/001.jsonl", "evidence/002.jsonl"]


def test_a_meeting_that_is_past_is_forgotten() -> None:
    """A day after its silence; and the signs of life before the first that is left."""
    one = tracker(index(1, ("MeetingClosed", 0)), index(2, first=3 * DAY, meeting="m-2"))
    one.standing.meetings[0].looked(["manifest"], is_pending=False)

    due(one, SILENT + DAY)

    assert [tracked.meeting_id for tracked in one.standing.meetings] == ["m-2"]
    assert [ref.segment for ref in one.standing.alive] == ["evidence/002.jsonl"]


def test_signs_of_life_are_found_by_time() -> None:
    """Those of segments that reach into it."""
    one = tracker(index(1, first=0, last=10), index(2, first=20, last=30), index(3, first=40, last=50))

    assert one.alive_between(25, 40) == [
        Ref("evidence/002.jsonl", 20, 30),
        Ref("evidence/003.jsonl", 40, 50),
    ]


def test_what_is_known_can_be_kept() -> None:
    """As JSON, and taken up again."""
    one = tracker(index(1, ("MeetingStarted", 0)), index(2, ("MeetingEnded", 10_000)))
    kept = msgspec.json.encode(one.standing)

    again = Tracker(msgspec.json.decode(kept, type=Standing))

    assert again.standing == one.standing
    assert due(again, 70_000) == ["m-1"]


def test_a_segment_that_is_missed_is_wanted_of_who_went_on_then() -> None:
    """Once, however often it is missed; and of nobody who was not on."""
    one = tracker(
        index(1, ("MeetingStarted", 0), first=0, last=10),
        index(2, first=20, last=30, meeting="m-2"),
        index(3, first=50, last=60),
    )
    missed = Missed("evidence/004.jsonl", "root", 35, 2**62)
    one.miss(missed)
    one.miss(missed)
    found = {each.meeting_id: [ref.segment for ref in each.refs] for each in one.standing.meetings}

    assert found == {
        "m-1": ["evidence/001.jsonl", "evidence/003.jsonl", "evidence/004.jsonl"],
        "m-2": ["evidence/002.jsonl"],
    }
    assert one.roots["evidence/004.jsonl"] == "root"


def test_a_root_is_in_mind_as_long_as_its_segment_is() -> None:
    """What a segment is that was promised in one way and put in another, the last one tells."""
    first = msgspec.structs.replace(index(1, ("MeetingStarted", 0), ("MeetingClosed", 1)), alive=[], root="a")
    one = tracker(first, msgspec.structs.replace(index(2, first=5, last=6, meeting="m-2"), root="b"))
    one.add(TOPIC, msgspec.structs.replace(index(2, first=5, last=6, meeting="m-2"), root="c"))
    before = dict(one.roots)
    for each in one.standing.meetings:
        each.looked([], is_pending=False)
    due(one, 10 * DAY)

    assert before == {"evidence/001.jsonl": "a", "evidence/002.jsonl": "c"}
    assert one.roots == {"evidence/002.jsonl": "c"}
    assert one.last(TOPIC) == ("evidence/002.jsonl", "c")
    assert one.last("meeting.state.v1") == ("", "")


@pytest.mark.parametrize("counted", [1, 3])
def test_what_is_looked_at_at_once_is_bounded(monkeypatch: pytest.MonkeyPatch, counted: int) -> None:
    """The first segments of what goes on and on, with the context of their time; what is left is the next part."""
    monkeypatch.setattr(tracking, "MOST", 3 * counted)
    keys = [f"evidence/c/{topic}/00000/{number}.jsonl" for topic in (CAPTIONS, LIFECYCLE) for number in range(4)]
    one = Tracked(
        enterprise="acme",
        meeting_id="m-1",
        refs=[Ref(key, number % 4, number % 4, 3) for number, key in enumerate(keys)],
        first_ms=0,
        last_ms=3,
    )
    refs, next_ms = one.portion()
    one.parted_at(refs, ["o-1"], [])

    assert (sorted(ref.segment for ref in refs), next_ms) == (
        sorted([*keys[:counted], *keys[4 : 4 + counted]]),
        counted,
    )
    assert [ref.segment for ref in one.refs] == keys[counted:]
    assert (one.records, one.part, one.parted) == (3 * (4 - counted), 1, ["o-1"])
