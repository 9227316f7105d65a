"""Remember a few things for a while. Not for several threads at once but to look what is held."""

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """At most `most`, none put longer than `for_s` ago where it matters; the oldest go first."""

    def __init__(self, for_s: float, most: int, clock: Callable[[], float]) -> None:
        self._for_s, self._most, self._clock = for_s, most, clock
        self._held: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def fresh(self, key: K) -> V | None:
        """Return what is remembered, unless it is too old."""
        found = self._held.get(key)
        return None if found is None or self._clock() - found[0] > self._for_s else found[1]

    def held(self, key: K) -> V:
        """Return what is remembered, whatever its age: it was fresh when the batch began. Raises LookupError."""
        return self._held[key][1]

    def put(self, key: K, value: V) -> None:
        """Remember `value` from now on."""
        self._held[key] = (self._clock(), value)
        self._held.move_to_end(key)
        while len(self._held) > self._most:
            self._held.popitem(last=False)

    def age(self, key: K) -> None:
        """Have it looked up again by whoever asks from now on; it stays held."""
        if key in self._held:
            self._held[key] = (-math.inf, self._held[key][1])

    def forget_if(self, is_so: Callable[[V], bool]) -> None:
        """Remember no more what it is so of."""
        for key in [key for key, (_, value) in self._held.items() if is_so(value)]:
            del self._held[key]
