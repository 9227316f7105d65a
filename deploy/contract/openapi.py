"""Describe the dashboard's API as one OpenAPI 3.1 document: addresses, arguments, bodies, answers, who may ask."""

from typing import Any, Final

from schemas.api import meetings
from schemas.api.shape import Problem
from schemas.api.stream import CloudEvent

from .docstrings import docstring, unwrapped
from .event_schema import definitions
from .operations import EVENTS, OPERATIONS, Kind, Operation

Document = dict[str, Any]

VERSION: Final = "1.0.0"
_REF: Final = "#/components/schemas/{name}"

DESCRIPTION: Final = """\
The present of every meeting, live; alerts; and what is kept of what was said. The dashboard's own page uses it, and a
program may, with a token of `meetwire users token`.

Members are only ever added to an answer: skip those that you do not know. What is asked for is taken strictly: an
argument or a member that there is not is refused. Every answer that is not good is a Problem.

A browser's session is a cookie; what it changes needs the header X-CSRF-Token, as GET /api/v1/session tells it. A token
needs none."""

# What goes out as events, or inside others.
_MORE: Final[tuple[Kind, ...]] = (CloudEvent, meetings.Missed, meetings.Behind, meetings.Caption, Problem)


def openapi() -> Document:
    """Return the document. It stands alone: no reference leads out of it."""
    kinds = [kind for one in OPERATIONS for kind in (one.body, one.answer) if isinstance(kind, type)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "meetwire dashboard",
            "version": VERSION,
            "description": unwrapped(DESCRIPTION),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "Of a program: `meetwire users token`."},
                "session": {"type": "apiKey", "in": "cookie", "name": "meetwire", "description": "Of a browser."},
            },
            "schemas": definitions([*dict.fromkeys((*kinds, *_MORE))], _REF),
        },
    }


def _paths() -> Document:
    paths: Document = {}
    for one in OPERATIONS:
        paths.setdefault(f"/api/v1/{one.path}", {})[one.method] = _operation(one)
    return paths


def _operation(one: Operation) -> Document:
    text = unwrapped(one.text)
    found: Document = {
        "operationId": one.name,
        "summary": text.partition(". ")[0].removesuffix("."),
        "description": text,
        "parameters": _parameters(one),
        "responses": {one.status if one.answer is not None else "204": _answer(one.answer), **_problems(one)},
    }
    if one.body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(one.body)}}}
    if one.is_open:
        found["security"] = []
    return {name: value for name, value in found.items() if value or name == "security"}


def _parameters(one: Operation) -> list[Document]:
    found: list[Document] = []
    if one.in_path is not None:
        name = one.path.partition("{")[2].partition("}")[0]
        schema = {"type": "string", "minLength": 1}
        found.append({"name": name, "in": "path", "required": True, "description": one.in_path, "schema": schema})
    if one.query is not None:
        shape = definitions([one.query], _REF)[one.query.__name__]
        found += [_argument(name, inner, shape.get("required", [])) for name, inner in shape["properties"].items()]
    if one.resumes:
        found.append(
            {
                "name": "Last-Event-ID",
                "in": "header",
                "description": "The last `id` that came: go on after it.",
                "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,100000}$"},
            }
        )
    return found


def _argument(name: str, schema: Document, required: list[str]) -> Document:
    """Return one argument of an address; there null is to leave it out."""
    inner = {key: value for key, value in schema.items() if key not in ("description", "default")}
    kept = [part for part in inner.get("anyOf", []) if part != {"type": "null"}]
    if len(kept) == 1:
        inner = kept[0]
    text = {"description": schema["description"]} if "description" in schema else {}
    default = {"default": schema["default"]} if schema.get("default") is not None else {}
    return {"name": name, "in": "query", **text, "required": name in required, "schema": {**inner, **default}}


def _answer(kind: Kind | str | None) -> Document:
    if kind is None:
        return {"description": "It is done."}
    if isinstance(kind, str):
        schema: Document = {"type": "string"} if kind == EVENTS else {"type": "string", "format": "binary"}
        return {
            "description": "As they come." if kind == EVENTS else "The file.",
            "content": {kind: {"schema": schema}},
        }
    text = docstring(kind).partition("\n")[0]
    return {"description": text, "content": {"application/json": {"schema": _ref(kind)}}}


def _problems(one: Operation) -> Document:
    texts = {
        "400": "An argument or the body is not what it should be.",
        "401": "Nobody is logged in, or the token is none.",
        "403": "He may not.",
        "404": "There is none, or none for him.",
        "409": "It is well said, and makes no sense now: a silence that has ended already, a search without a word.",
        "429": "Too many tries failed; Retry-After says when to come again.",
        "503": "What is needed does not answer; Retry-After may say when to come again.",
    }
    content = {"application/json": {"schema": _ref(Problem)}}
    return {status: {"description": text, "content": content} for status, text in texts.items()}


def _ref(kind: Kind) -> Document:
    return {"$ref": _REF.format(name=kind.__name__)}
