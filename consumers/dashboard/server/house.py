"""All that the server's parts work on, as one thing; and how a request is read and answered."""

import asyncio
import zlib
from collections.abc import Callable
from datetime import datetime
from functools import cache
from http import HTTPStatus
from typing import Final, TypeVar

import msgspec
from aiohttp import web
from msgspec import inspect

from schemas.desk import AlertDesk
from schemas.desk_archive import ArchiveDesk
from schemas.lines import Logger
from schemas.metrics import Meters
from schemas.settings import Dashboard
from schemas.topics import TopicName

from ..access.door import Door, Entered
from ..access.grants import Grant
from ..errors import BadArguments, NotThere, Refused
from ..projection.whole import Whole
from ..stream.live import Live
from ..stream.records import RecordStream

Kind = TypeVar("Kind", bound=msgspec.Struct)

ENTERED: Final = web.RequestKey("entered", Entered)
"""Who asks; only in handlers that ask for it."""
MAX_BODY_BYTES: Final = 65_536
_BODY_S: Final = 10.0
# 2⁶³ has nineteen.
_DIGITS: Final = 19
# Below it a packet is a packet.
_WORTH_PRESSING: Final = 1_400
_encode: Final = msgspec.json.Encoder().encode


class House(msgspec.Struct, kw_only=True):
    """What there is."""

    settings: Dashboard
    door: Door
    whole: Whole
    records: RecordStream
    live: Live
    desk: AlertDesk | None
    archive: ArchiveDesk | None
    meters: Meters
    logger: Logger
    now: Callable[[], datetime]
    stopping: asyncio.Event

    def __repr__(self) -> str:
        """Show nothing."""
        return "<House>"


def grant(request: web.Request) -> Grant:
    """Return what the one who asks may."""
    return request[ENTERED].grant


def query(request: web.Request, kind: type[Kind]) -> Kind:
    """Return what stands behind the question mark. Raises BadArguments."""
    if len(request.query) != len(set(request.query)):
        raise BadArguments("an argument stands twice in the address")
    return _fitted({name: _value(kind, name, text) for name, text in request.query.items()}, kind, "the address")


async def body(request: web.Request, kind: type[Kind]) -> Kind:
    """Return what stands in the body. Raises BadArguments."""
    if request.content_type != "application/json":
        raise BadArguments("the body must be application/json")
    try:
        async with asyncio.timeout(_BODY_S):
            content = await request.read()
        decoded = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TimeoutError):
        raise BadArguments("the body is no JSON, or did not come") from None
    return _fitted(decoded, kind, "the body")


def _value(kind: type[msgspec.Struct], name: str, text: str) -> object:
    """Return what an argument's text says: a number where one is wanted; the word null is a word."""
    if name in _numbers(kind) and text.isascii() and text.removeprefix("-").isdigit() and len(text) < _DIGITS:
        return int(text)
    return text


@cache
def _numbers(kind: type[msgspec.Struct]) -> frozenset[str]:
    shape = inspect.type_info(kind)
    fields = shape.fields if isinstance(shape, inspect.StructType) else ()
    return frozenset(field.name for field in fields if _is_number(field.type))


def _is_number(shape: inspect.Type) -> bool:
    several = shape.types if isinstance(shape, inspect.UnionType) else (shape,)
    return any(isinstance(one, inspect.IntType) for one in several)


def _fitted(given: object, kind: type[Kind], where: str) -> Kind:
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        # Its message may quote what was given; this end of it names the place alone.
        _, at, place = str(error).rpartition(" - at `$.")
        named = place.rstrip("`") if at else ""
        known = ", ".join(kind.__struct_fields__)
        refused = BadArguments(f"{named or where} does not fit; there are: {known}")
        refused.place = named
        raise refused from None


async def answer(request: web.Request, content: msgspec.Struct, status: int = HTTPStatus.OK) -> web.Response:
    """Return `content` as JSON, pressed where that is worth it and understood."""
    return await encoded(request, _encode(content), status)


async def encoded(request: web.Request, content: bytes, status: int = HTTPStatus.OK) -> web.Response:
    """Return JSON that is there already, pressed where that is worth it and understood."""
    response = web.Response(body=content, status=status, content_type="application/json")
    if len(content) > _WORTH_PRESSING:
        response.headers["Vary"] = "Accept-Encoding"
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.body = await asyncio.to_thread(pressed, content)
            response.headers["Content-Encoding"] = "gzip"
    return response


def pressed(content: bytes) -> bytes:
    """Return it as gzip. Blocking."""
    # Level 1: five thousand rows in 15 ms, to a tenth; what more costs is not gained on the way.
    deflate = zlib.compressobj(1, zlib.DEFLATED, 31)
    return deflate.compress(content) + deflate.flush()


def nothing() -> web.Response:
    """Return that it is done."""
    return web.Response(status=HTTPStatus.NO_CONTENT)


def need_topics(asks: Grant, topics: frozenset[TopicName]) -> None:
    """Raise Refused for who may read some topics, and not all of these."""
    if not topics <= asks.topics:
        raise Refused(f"this is for those who may read {', '.join(sorted(topics))}")


def need_desk(house: House) -> AlertDesk:
    """Return the alerts' desk. Raises NotThere where this installation has none."""
    if house.desk is None:
        raise NotThere("this installation has no desk for alerts: it needs a table [qos]")
    return house.desk


def need_archive(house: House, asks: Grant) -> ArchiveDesk:
    """Return the archive's desk. Raises Refused, NotThere."""
    if not asks.may("archive"):
        raise Refused("the archive is for compliance officers and administrators")
    if house.archive is None:
        raise NotThere("this installation keeps no archive: it needs a table [captions]")
    return house.archive
