"""How often a channel may be written to: so many in any minute, and not in one breath. Pure."""

from collections import deque
from typing import Final

_MINUTE_S: Final = 60.0
# Feishu documents five a second; no person reads faster either.
APART_S: Final = 0.25


class Window:
    """Counts what was sent within the last minute. It begins empty: after a restart a minute may see twice as many."""

    def __init__(self, per_minute: float, *, apart_s: float = 0.0) -> None:
        self._sent: deque[float] = deque(maxlen=max(1, int(per_minute)))
        # Less than one a minute.
        self._span_s, self._apart_s = max(_MINUTE_S, _MINUTE_S / per_minute), apart_s

    def wait_s(self, now_s: float) -> float:
        """Return how long to wait before the next."""
        if not self._sent:
            return 0.0
        full = self._sent[0] + self._span_s if len(self._sent) == self._sent.maxlen else now_s
        return max(0.0, full - now_s, self._sent[-1] + self._apart_s - now_s)

    def sent(self, now_s: float) -> None:
        """Note one."""
        self._sent.append(now_s)
