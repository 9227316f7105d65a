"""Count durations in constant memory, however many come. Pure."""

import math
from typing import Final

# Neighbouring buckets differ by 2 %, so no percentile is off by more than that.
_GROWTH: Final = math.log(1.02)
# From 1 µs up to about 1,000 s.
_FLOOR_S: Final = 1e-6
_BUCKETS: Final = 1_048


class Latencies:
    """A histogram of seconds."""

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS
        self.count = 0
        self.max_s = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        bucket = int(math.log(seconds / _FLOOR_S) / _GROWTH) if seconds > _FLOOR_S else 0
        self._counts[min(bucket, _BUCKETS - 1)] += 1
        self.count += 1
        if seconds > self.max_s:
            self.max_s = seconds

    def percentile_ms(self, percent: float) -> float:
        """Return the duration that `percent` of all do not exceed; 0.0 while there are none."""
        wanted, seen = math.ceil(self.count * percent / 100), 0
        for bucket, count in enumerate(self._counts):
            seen += count
            if count and seen >= wanted:
                return min(_FLOOR_S * math.exp((bucket + 1) * _GROWTH), self.max_s) * 1_000
        return 0.0
