"""An afternoon with something of everything: what the screenshots show."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Final

from consumers.dashboard.projection.hours import Counts
from schemas.record import Record

from .story import Meeting, Story, now

PEOPLE: Final = {
    "p1": "王芳",
    "p2": "Tom Becker",
    "p3": "李伟",
    "p4": "Anna Kowalska",
    "p5": "陈静",
    "p6": "Maria Silva",
    "p7": "赵强",
}
_MEETINGS: Final = (
    ("季度预算评审", 7, 0.0),
    ("Weekly engineering sync", 5, 0.004),
    ("华东区销售例会", 6, 0.02),
    ("Design review: terminals", 4, 0.12),
    ("客户服务周会", 7, 0.0),
    ("Release planning", 3, 0.05),
    ("新员工培训（第 3 期）", 7, 0.002),
    ("Incident review", 4, 0.0),
    (None, 2, 0.0),
    ("供应链对接会", 5, 0.001),
)
_SAID: Final = (
    ("p1", "大家好，我们开始今天的会议。", "Hello everybody, let us begin."),
    ("p1", "请先看第三页的预算表。", "Please look at the budget on page three first."),
    ("p3", "我这边的声音断断续续。", "The sound comes and goes on my side."),
    ("p4", "我们能听清楚您说话。", "We hear you well."),
    ("p1", "那我们继续，下一项是差旅费用。", "Then let us go on. The next item is travel."),
    ("p5", "差旅比上季度少了百分之八。", "Travel is eight per cent below the last quarter."),
)


def play(story: Story) -> Meeting:
    """Write the afternoon down; return the meeting that is shown in full."""
    all_of_them = [
        Meeting(
            story,
            f"{960_000_000 + 7_919 * place}",
            enterprise=("acme", "globex")[place % 3 == 2],
            began_min=12 + 9 * place,
        )
        for place in range(len(_MEETINGS))
    ]
    for meeting, (subject, count, loss) in zip(all_of_them, _MEETINGS, strict=True):
        people = dict(list(PEOPLE.items())[:count])
        story.tell(*meeting.begins(subject, people, captions=count > 4))
        if meeting is not all_of_them[0]:
            story.tell(*_measured(meeting, list(people), loss))
        story.tell(meeting.speak(*list(people.values())[1:3]))
    story.tell(all_of_them[5].seen("lost", reason="heartbeat_missed", unseen_since=now() - timedelta(seconds=95)))
    shown = all_of_them[0]
    story.tell(*_in_full(shown))
    story.alive()
    return shown


def hours(back: int) -> Counts:
    """Return what there was so many steps of five minutes ago: a morning that fills, a pause at noon."""
    noon = 7 * math.exp(-(((back - 22) / 7) ** 2))
    rising = 11 / (1 + math.exp((back - 52) / 6))
    meetings = round(max(0.0, rising - noon))
    return Counts(meetings=meetings, people=5 * meetings + back % 4, bad=(back % 9 == 2) + 2 * (30 < back < 36))


def _measured(meeting: Meeting, people: list[str], loss: float) -> list[Record]:
    return [
        meeting.measured(
            participant_id, loss=loss if place == 0 else 0.002, jitter=4 + place, at=now() - timedelta(seconds=30)
        )
        for place, participant_id in enumerate(people)
    ]


def _in_full(meeting: Meeting) -> list[Record]:
    """Return an hour of it: somebody's way out gets worse, sight is lost for a while, people speak."""
    past = [
        meeting.measured(
            participant_id,
            loss=(0.003 + 0.02 * ((back * 7) % 5) * (4 if back < 4 else 1))
            if participant_id == "p3"
            else 0.001 * (back % 3),
            jitter=4 + back % 3 + (40 if participant_id == "p3" and back < 4 else 0),
            at=now() - timedelta(minutes=back),
        )
        for back in range(11, 0, -1)
        for participant_id in PEOPLE
    ]
    lost = meeting.seen(
        "lost", at=now() - timedelta(minutes=6), reason="heartbeat_missed", unseen_since=now() - timedelta(minutes=7)
    )
    meeting.epoch += 1
    found = meeting.seen("opened", at=now() - timedelta(minutes=5), unseen_since=now() - timedelta(minutes=7))
    said = [
        meeting.says(who, text, line=str(place), english=english) for place, (who, text, english) in enumerate(_SAID)
    ]
    talk = meeting.says("p7", "住宿这一块", line="now", final=False, english="Accommodation, on the other")
    return [*past, lost, found, *said, talk, meeting.measured("p3", loss=0.31, jitter=72.0), meeting.alert()]
