"""Read segments and their indexes back from a store."""

from schemas.archive import index_key

from ..errors import Altered
from ..stores import Store
from .index import Index, decode_index


async def content(store: Store, key: str) -> bytes | None:
    """Return an object; None where there is none, or one that is larger than anything of an archive's."""
    try:
        [found] = await store.get_many([key])
    except Altered:
        return None
    return found


async def lines(store: Store, segment: str) -> list[bytes]:
    """Return a segment's lines, without newlines. Raises Missing; Altered where its last line is torn."""
    return split(await store.get(segment), segment)


async def index(store: Store, segment: str) -> Index:
    """Return the index beside a segment. Raises Missing, Altered."""
    return decode_index(await store.get(index_key(segment)))


def split(content: bytes, segment: str) -> list[bytes]:
    """Return the lines of a segment's content. Raises Altered where the last is torn."""
    *found, rest = content.split(b"\n")
    if rest:
        raise Altered(f"{segment}: the last line is torn")
    return found
