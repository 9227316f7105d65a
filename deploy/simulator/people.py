"""The people of the simulated enterprise, and how each shows in a push. Pure.

Names are what real directories hold and decoders fall over: Chinese, emoji of several code points, right-to-left
text, quotes, slashes. Which members are missing for telephones and rooms is not documented; those here leave out
what they cannot have.
"""

import uuid
from typing import Final

import msgspec

_NAMESPACE: Final = uuid.UUID("8f3c5c1e-0e3b-4d8a-9a53-6d65657477ff")


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Someone, or a room's terminal, who takes part."""

    name: str
    client: str | None = "WeLink-desktop"
    account: str | None = None
    number: str | None = None

    def __repr__(self) -> str:
        """Show no name."""
        return "<Person>"

    def attendee(self, participant_id: str, joined_ms: int, left_ms: int, *, chair: bool) -> dict[str, object]:
        """Return attendeeInfo in the reference's member order; `left_ms` is 0 while they are there."""
        # "CHAIR" is the one role that the reference shows; the other's spelling is a guess.
        members = {
            "userUUID": uuid.uuid5(_NAMESPACE, self.account).hex if self.account else None,
            "userAgent": self.client,
            "account": self.account,
            "participantID": participant_id,
            "displayName": self.name,
            "joinTime": joined_ms,
            "leftTime": left_ms,
            "role": "CHAIR" if chair else "GENERAL",
            "callNumber": self.number,
        }
        return {name: value for name, value in members.items() if value is not None}


_STAFF: Final = (
    ("王小明", "wangxiaoming", "WeLink-desktop"),
    ("李娜 🎧", "lina", "WeLink-mobile"),
    ("欧阳锋", "ouyangfeng", "HuaweiMeeting-desktop"),
    ("张伟（研发）", "zhangwei", "WeLink-desktop"),
    ("陈静👩‍💻", "chenjing", "HuaweiMeeting-mobile"),
    ("刘洋/上海", "liuyang", "WeLink-desktop"),
    ("赵“小赵”磊", "zhaolei", "WeLink-mobile"),
    ("𠮷田 さくら", "yoshida", "HuaweiMeeting-desktop"),
    ("Zoë Müller", "zmueller", "WeLink-desktop"),
    ('O\'Brien "Obi" \\ Tom', "tobrien", "HuaweiMeeting-desktop"),
    ("Иван Петров", "ipetrov", "WeLink-desktop"),
    ("نور الهدى", "nour", "WeLink-mobile"),
    ("김민준 🇰🇷", "mjkim", "HuaweiMeeting-mobile"),
    ("孙悦🏳️‍🌈", "sunyue", "WeLink-desktop"),
    ("周 杰", "zhoujie", "WeLink-desktop"),
    ("吴敏", "wumin", "HuaweiMeeting-desktop"),
    ("Ana Souza", "asouza", "WeLink-mobile"),
    ("郑爽-运维", "zhengshuang", "WeLink-desktop"),
    ("何雨桐", "heyutong", "WeLink-mobile"),
    ("Lê Thị Hồng", "lehong", "HuaweiMeeting-desktop"),
)

PEOPLE: Final = (
    *(
        Person(name=name, account=account, client=client, number=f"+8657126426{number:07}")
        for number, (name, account, client) in enumerate(_STAFF, 5330400)
    ),
    Person(name="3 楼会议室 🎥 TE60", client="TE60", number="+865712642699001"),
    Person(name="深圳/F1-会议室", client="CloudLink-Box", number="+865712642699002"),
    Person(name="访客 🙂", client="WebRTC"),
    Person(name="+86 138****0000", client=None, number="+8613800000000"),
)
"""Staff with an account, rooms without one, a guest who has nothing but a name, and a telephone."""
