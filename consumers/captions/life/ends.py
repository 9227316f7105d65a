"""Find the end of what is numbered without a gap, with few requests."""

from collections.abc import Callable

from ..errors import Missing
from ..stores import Store


async def count_from(store: Store, key_of: Callable[[int], str], known: int) -> int:
    """Return how many objects there are, at least `known`: one request where nothing is new, else a few."""
    step = 1
    while await _is_there(store, key_of(known + step - 1)):
        step *= 2
    # What is at `low - 1` is there, what is at `high - 1` is not.
    low, high = known + step // 2, known + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if await _is_there(store, key_of(middle - 1)) else (low, middle)
    return low


async def _is_there(store: Store, key: str) -> bool:
    try:
        await store.get(key, length=1)
    except Missing:
        return False
    return True
