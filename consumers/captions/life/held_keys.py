"""A data key as this process holds it: whole, or what an erasure left of it. Pure."""

import msgspec

from .cipher import derived, record_key


class Whole(msgspec.Struct, frozen=True):
    """A data key: seals, and opens all that it covers."""

    key: bytes

    def __repr__(self) -> str:
        """Show nothing of it."""
        return "<Whole>"

    def of_record(self, place: str) -> bytes:
        """Return the key of the line at `place`."""
        return record_key(self.key, place)

    def of_file(self, name: str) -> bytes:
        """Return the key of a file."""
        return derived(self.key, b"meetwire file\0" + name.encode())


class Rest(msgspec.Struct, frozen=True):
    """The keys of the lines that stay, by their places. Seals nothing any more."""

    keys: dict[str, bytes]

    def __repr__(self) -> str:
        """Show nothing of them."""
        return f"<Rest {len(self.keys)}>"

    def of_record(self, place: str) -> bytes | None:
        """Return the key of the line at `place`, or None where it was erased."""
        return self.keys.get(place)


DataKey = Whole | Rest
GONE = Rest({})
