"""Where people sit, and what is to become of one of the places. Pure."""

from typing import Final

import msgspec

HEADQUARTERS: Final = "杭州"
_PROVINCES: Final = {HEADQUARTERS: "浙江", "上海": "上海", "深圳": "广东", "北京": "北京"}


def address(site: str) -> dict[str, str]:
    """Return what the dashboard data says of a place."""
    return {"country": "中国", "province": _PROVINCES.get(site, ""), "city": site}


class SiteStory(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one place. Times in seconds by the cloud's clock, from when it begins to listen."""

    site: str = "上海"
    meetings: int = 3
    """On already; of the kind whose quality is not pushed: only who asks for it learns of it, and where people sit."""
    there: int = 3
    """People of the place in each of them."""
    elsewhere: int = 1
    """People of another place; the first of them all is badly connected by himself all the time, a little."""
    on_for_s: float = 90.0
    """How long they have been on when it begins."""
    poor_from_s: float = -45.0
    poor_until_s: float = 15.0
