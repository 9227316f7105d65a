"""What a close computes: in a thread, undisturbed, and all is as before afterwards."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time

import pytest

from consumers.captions.deriving import derived


async def test_it_runs_in_a_thread_with_no_search_for_garbage() -> None:
    """And garbage is searched for again afterwards."""
    assert gc.isenabled()

    done = await derived(lambda more: (gc.isenabled(), threading.current_thread() is threading.main_thread(), more), 3)

    assert (done, gc.isenabled()) == ((False, False, 3), True)


async def test_what_fails_leaves_all_as_it_was() -> None:
    """The error goes on to whoever asked."""

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await derived(fail)

    assert gc.isenabled()


async def test_several_at_once_leave_all_as_it_was() -> None:
    """Whichever ends first."""
    first, second = threading.Event(), threading.Event()

    def long() -> None:
        first.set()
        assert second.wait(60)

    async def short() -> None:
        await asyncio.to_thread(first.wait, 60)
        await derived(second.set)

    await asyncio.gather(derived(long), short())

    assert gc.isenabled()


async def test_where_nothing_is_searched_for_it_stays_so() -> None:
    """A process may have its reasons."""
    gc.disable()
    try:
        assert await derived(gc.isenabled) is False
        assert not gc.isenabled()
    finally:
        gc.enable()


async def test_many_that_begin_and_end_at_once_leave_it_on() -> None:
    """However threads take turns between looking and switching."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        await asyncio.gather(*(derived(time.time) for _ in range(500)))
    finally:
        sys.setswitchinterval(interval)

    assert gc.isenabled()
