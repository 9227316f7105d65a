"""Seal lines and files, and open them: what the archive's writers and readers have of the data keys.

Keys are fetched first, a batch at a time and off the processor's way; sealing and opening are then plain calls. A key
is remembered for five minutes at most: so long an erasure elsewhere may go unnoticed here. What was erased opens as
None, whoever asks; what was altered raises, and so does a key that is nowhere: an erasure leaves what is left of it.
"""

import base64
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Protocol

import msgspec

from schemas.archive.keys import key_version
from schemas.archive.lines import SealedLine

from ..errors import Altered
from ..stores import Store
from ..stores.names import is_key
from .cipher import NotOpened, nonce_for, opened, seal
from .covers import FilesCover, LineCover, Place
from .datakeys import DataKeys
from .held_keys import GONE, DataKey, Rest, Whole
from .master import MasterKeys
from .remembered import Remembered

_REMEMBER_S: Final = 300.0
# Of 200 bytes each; a thousand open meetings have a few thousand.
_MOST: Final = 20_000
_encode: Final = msgspec.json.Encoder().encode


class FileSealer:
    """Seals and opens the files of one version of an occurrence."""

    def __init__(self, key: Whole) -> None:
        self._key = key

    def __repr__(self) -> str:
        """Show no key."""
        return "<FileSealer>"

    def seal(self, name: str, content: bytes) -> bytes:
        """Return nonce, ciphertext and tag; the same content gives the same bytes."""
        return seal(self._key.of_file(name), nonce_for(self._key.key, content), content, name.encode())

    def opened(self, name: str, content: bytes) -> bytes:
        """Return what was sealed. Raises Altered."""
        try:
            return opened(self._key.of_file(name), content, name.encode())
        except NotOpened:
            raise Altered(f"sealed file {name} does not open") from None


class Seals(Protocol):
    """What writers and readers of the archive need of it."""

    async def ready(self, enterprise: str, meeting: str, hours: Iterable[int]) -> None:
        """Have the data keys at hand under which the meeting's lines of these hours are sealed."""
        ...

    def seal(self, line: bytes, place: Place, enterprise: str, meeting: str) -> bytes:
        """Return the SealedLine, encoded, without a newline, of an encoded OpenLine; `ready` has been called for it."""
        ...

    async def fetch(self, seals: Iterable[str]) -> None:
        """Have the data keys with these IDs at hand, for `opened`. Raises Altered where one is nowhere."""
        ...

    def opened(self, line: SealedLine) -> bytes | None:
        """Return the encoded OpenLine, or None where it was erased. `fetch` has been called for it. Raises Altered."""
        ...

    async def files(self, occurrence: str, version: int, *, make: bool = False) -> FileSealer | None:
        """Return what seals an occurrence's files, or None where they were erased.

        Raises Altered where the key is nowhere, and not to be made.
        """
        ...


class Sealing:
    """Seals under the data keys of one archive; `clock` counts seconds, and never goes back."""

    def __init__(self, keys: DataKeys, cluster: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys, self._cluster = keys, cluster
        self._by_id = Remembered[str, DataKey](_REMEMBER_S, _MOST, clock)
        self._by_cover = Remembered[LineCover, tuple[str, Whole]](_REMEMBER_S, _MOST, clock)

    async def ready(self, enterprise: str, meeting: str, hours: Iterable[int]) -> None:
        """Find or make the keys that are not at hand."""
        for hour in set(hours):
            cover = LineCover(enterprise, meeting, hour)
            if self._by_cover.fresh(cover) is None:
                self._by_cover.put(cover, await self._usable(cover))

    def seal(self, line: bytes, place: Place, enterprise: str, meeting: str) -> bytes:
        """Seal one line under a key of its own."""
        key_id, key = self._by_cover.held(LineCover(enterprise, meeting, place.hour))
        sealed = _sealed(key, line, str(place))
        return _encode(
            SealedLine(
                topic=place.topic,
                partition=place.partition,
                offset=place.offset,
                time_ms=place.time_ms,
                seal=key_id,
                sealed=base64.b64encode(sealed).decode(),
            )
        )

    async def fetch(self, seals: Iterable[str]) -> None:
        """Fetch the keys that are not at hand."""
        for key_id in set(seals):
            if self._by_id.fresh(key_id) is None:
                self._by_id.put(key_id, await self._found(key_id))

    def opened(self, line: SealedLine) -> bytes | None:
        """Open one line."""
        place = str(Place(line.topic, line.partition, line.offset, line.time_ms))
        key = self._by_id.held(line.seal).of_record(place)
        return None if key is None else open_line(line, key, place)

    async def files(self, occurrence: str, version: int, *, make: bool = False) -> FileSealer | None:
        """Fetch or make the key of a version's files."""
        key_id = FilesCover(occurrence, version).id(self._cluster, 0)
        key = await (self._keys.found_or_made(key_id) if make else self._found(key_id))
        return FileSealer(key) if isinstance(key, Whole) else None

    async def record_key(self, line: SealedLine) -> bytes | None:
        """Return the key that opens this line alone, or None where it was erased."""
        await self.fetch([line.seal])
        return self._by_id.held(line.seal).of_record(str(Place(line.topic, line.partition, line.offset, line.time_ms)))

    async def keep_only(self, seal: str, places: Iterable[str]) -> None:
        """Erase the data key `seal`, but for the keys of the lines at `places`."""
        stay = set(places)
        await self._keys.change(seal, lambda key: shrunk(key, stay))
        self._by_id.age(seal)
        # Whoever is about to seal under it fails, and begins again with `ready`: better than a line that nobody opens.
        self._by_cover.forget_if(lambda held: held[0] == seal)

    async def erase_files(self, occurrence: str, version: int) -> None:
        """Erase the key of a version's files."""
        await self._keys.change(FilesCover(occurrence, version).id(self._cluster, 0), lambda _: GONE)

    async def rewrap(self) -> int:
        """Wrap every data key by the first master key; return how many there are."""
        return await self._keys.rewrap()

    async def _found(self, key_id: str) -> DataKey:
        # A line that somebody put there can name anything.
        key = await self._keys.find(key_id) if is_key(key_version(key_id, 0)) else None
        if key is None:
            raise Altered(f"data key {key_id} is not in keys_store: another store, or somebody deleted it")
        return key

    async def _usable(self, cover: LineCover) -> tuple[str, Whole]:
        """Return the first generation's key that nothing was erased under, and its ID."""
        generation = 0
        while True:
            key_id = cover.id(self._cluster, generation)
            key = await self._keys.found_or_made(key_id)
            if isinstance(key, Whole):
                return key_id, key
            generation += 1


def load_sealing(store: Store, key_file: Path, cluster: str) -> Sealing:
    """Return what seals under the master key in `key_file`, with data keys in `store`. Blocks. Raises Misconfigured."""
    return Sealing(DataKeys(store, MasterKeys.load(key_file)), cluster)


def shrunk(key: DataKey, places: Iterable[str]) -> DataKey:
    """Return what is left of `key` where only the lines at `places` stay readable. Pure."""
    left = {place: one for place in places if (one := key.of_record(place)) is not None}
    return Rest(left)


def open_line(line: SealedLine, key: bytes, place: str) -> bytes:
    """Return what a line holds, with its own key. Raises Altered."""
    try:
        return opened(key, base64.b64decode(line.sealed, validate=True), place.encode())
    except (NotOpened, ValueError):
        raise Altered(f"the sealed line at {place} does not open") from None


def _sealed(key: Whole, line: bytes, place: str) -> bytes:
    own = key.of_record(place)
    return seal(own, nonce_for(key.key, line), line, place.encode())
