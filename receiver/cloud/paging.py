"""Read a list of the service page by page. No I/O but what it is handed."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from .errors import Faulty
from .meetings import PAGE
from .reading import Members, length, members, rows, whole

_T = TypeVar("_T")

# 50,000 rows: more than any enterprise has meetings on. A service that counts wrongly is not asked for ever.
_MOST_PAGES: Final = 100


def page_of(body: bytes) -> Members:
    """Read one page. Raises Faulty where it holds no list: an empty one would say that every meeting is over."""
    found = members(body)
    if not isinstance(found.get("data"), list) and whole(found.get("count")) != 0:
        raise Faulty
    return found


async def every_row(
    page: Callable[[int], Awaitable[Members]], read: Callable[[Members], _T | None], name: Callable[[_T], str]
) -> list[_T]:
    """Return the rows of every page, each once: while one asks, meetings begin and end, and rows move.

    `page` gives the page at an offset; rows of which `read` makes nothing are passed over.
    """
    found: dict[str, _T] = {}
    offset = 0
    for _ in range(_MOST_PAGES):
        answer = await page(offset)
        known, count, here = len(found), whole(answer.get("count")), length(answer, "data")
        found.update((name(row), row) for row in map(read, rows(answer, "data")) if row is not None)
        offset += here
        if len(found) == known or (here < PAGE if count is None else offset >= count):
            break
    return list(found.values())
