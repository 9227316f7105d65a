"""The pushes that wait to be durable: not more than so many at once, and none longer than its time.

All have the same time, so one timer serves them all: a timer for each would cost more than anything else here.
"""

import asyncio
from typing import Any

from ..errors import Overloaded

Task = asyncio.Task[Any]


class InFlight:
    """The tasks of those that wait, in the order in which their time is over."""

    def __init__(self, *, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._due: dict[Task, float] = {}
        self._late: set[Task] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """Return how many wait."""
        return len(self._due)

    def enter(self) -> Task:
        """Count the current task until it leaves; when its time is over it is cancelled. Raises Overloaded."""
        if len(self._due) >= self._most:
            raise Overloaded("in_flight")
        task = asyncio.current_task()
        if task is None:  # pragma: no cover -- aiohttp gives each request its task
            raise RuntimeError("no task")
        loop = asyncio.get_running_loop()
        due = loop.time() + self._seconds
        self._due[task] = due
        if self._timer is None:
            self._timer = loop.call_at(due, self._end_late, loop)
        return task

    def leave(self, task: Task) -> None:
        """Uncount it."""
        self._due.pop(task, None)
        self._late.discard(task)

    def is_late(self, task: Task) -> bool:
        """Return whether its time being over is all that cancelled it, and take that back."""
        return task in self._late and task.uncancel() == 0

    def _end_late(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        late = [task for task, due in self._due.items() if due <= now]
        for task in late:
            del self._due[task]
            self._late.add(task)
            task.cancel()
        first = next(iter(self._due.values()), None)
        self._timer = None if first is None else loop.call_at(first, self._end_late, loop)
