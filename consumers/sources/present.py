"""Know when all that stood in the topics at some moment was read: while others write, no topic ends by itself."""

from . import PlacedSource, Places


def has_read(source: PlacedSource, ends: Places) -> bool:
    """Whether the reader is past `ends`, as the source told them before; what it was given may go beyond."""
    places = source.places()
    return all(places.get(at, 0) >= end for at, end in ends.items())
