"""Do what closing a meeting computes in a thread, so that the event loop goes on, and with no search for garbage.

The search would look through hundreds of thousands of texts and lists that are all in use, some thirty times: a tenth
of what it takes to close a long meeting. What is derived from records holds no cycles that would have to be found.
"""

import asyncio
import gc
import threading
from collections.abc import Callable
from functools import partial
from typing import Final, ParamSpec, TypeVar

_SWITCHING: Final = threading.Lock()
_P = ParamSpec("_P")
_T = TypeVar("_T")


async def derived(call: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
    """Return what `call` returns. While several run at once, the first that ends lets garbage be searched for again."""
    return await asyncio.to_thread(_undisturbed, partial(call, *arguments, **named))


def _undisturbed(call: Callable[[], _T]) -> _T:
    # To look and to switch is two steps: between those of one, another thread's would leave it off for good.
    with _SWITCHING:
        was_on = gc.isenabled()
        gc.disable()
    try:
        return call()
    finally:
        if was_on:
            with _SWITCHING:
                gc.enable()
