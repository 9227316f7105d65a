"""What waits for its turn, the longest first; those in alarm can be taken apart from the others. Pure."""

import heapq
from collections.abc import Hashable
from typing import Final, Generic, NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)
_FEW: Final = 64


class _Place(NamedTuple):
    turn: float
    number: int
    due: float
    alarmed: bool


class Waiting(Generic[Key]):
    """Keys, each with the time from which it is due. Nothing costs more than a logarithm of how many there are.

    What has changed its place stays in the heaps until it comes up, or until it is more than half of them.
    """

    def __init__(self) -> None:
        self._places: dict[Key, _Place] = {}
        self._heaps: dict[bool, list[tuple[float, int, Key]]] = {False: [], True: []}
        self._number = 0

    def __contains__(self, key: Key) -> bool:
        """Whether it waits."""
        return key in self._places

    def __len__(self) -> int:
        """How many wait."""
        return len(self._places)

    def put(self, key: Key, due: float, *, alarmed: bool, lead: float = 0.0) -> None:
        """Let `key` wait, in the place of one that became due `lead` seconds earlier; where it waits already, anew."""
        self._number += 1
        place = self._places[key] = _Place(due - lead, self._number, due, alarmed)
        for heap in self._heaps_of(place):
            heapq.heappush(heap, (place.turn, place.number, key))
        self._tidy()

    def alarm(self, key: Key, alarmed: bool, now: float) -> None:
        """Change whether `key`, which waits, is in alarm. One that comes into alarm is due at once."""
        place = self._places[key]
        if place.alarmed != alarmed:
            due = min(place.due, now) if alarmed else place.due
            self.put(key, due, alarmed=alarmed, lead=place.due - place.turn)

    def drop(self, key: Key) -> None:
        """Let `key` wait no more, if it does."""
        self._places.pop(key, None)

    def take(self, now: float, *, alarmed: bool) -> tuple[Key, float] | None:
        """Return what has its turn, and since when it was due; of all, or of those in alarm alone. None: nothing."""
        heap = self._heaps[alarmed]
        while heap and not self._stands(heap[0]):
            heapq.heappop(heap)
        if not heap or heap[0][0] > now:
            return None
        key = heapq.heappop(heap)[2]
        return key, self._places.pop(key).due

    def _heaps_of(self, place: _Place) -> list[list[tuple[float, int, Key]]]:
        return [heap for alarmed, heap in self._heaps.items() if place.alarmed or not alarmed]

    def _stands(self, entry: tuple[float, int, Key]) -> bool:
        place = self._places.get(entry[2])
        return place is not None and place.number == entry[1]

    def _tidy(self) -> None:
        for heap in self._heaps.values():
            if len(heap) > _FEW + 2 * len(self._places):
                heap[:] = [entry for entry in heap if self._stands(entry)]
                heapq.heapify(heap)
