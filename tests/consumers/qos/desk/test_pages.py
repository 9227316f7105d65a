"""The desk's listener, as strangers find it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import aiohttp
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consumers.qos.desk.pages import Pages
from schemas.secret import Secret

from ..outbox.telling import telling

GOOD = {"Authorization": "Bearer t-1"}
NAMES = st.sampled_from(["wanted", "who", "why", "matchers", "note", "channel"])
TREES: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner),
    max_leaves=8,
)


@asynccontextmanager
async def listening(folder: Path) -> AsyncIterator[str]:
    """Yield the address of a listener."""
    async with telling(folder, listen="127.0.0.1:0", tokens=(Secret("t-1"),)) as alerts:
        assert alerts.address is not None
        yield f"http://127.0.0.1:{alerts.address[1]}"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic t-1", "Bearer t-2", "bearer t-1 t-1", "Bearer \u00ff"]
)
async def test_without_a_good_token_every_page_is_401(tmp_path: Path, header: str | None) -> None:
    """Those that there are and those that there are not alike."""
    async with listening(tmp_path) as url, aiohttp.ClientSession() as session:
        for path in ("/v1/alerts", "/v1/silences", "/nothing"):
            headers = {} if header is None else {"Authorization": header}
            async with session.get(url + path, headers=headers) as response:
                assert (response.status, await response.json()) == (401, {"error": "login", "message": "needs a token"})


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", "/v1/nothing", None, 404, "Not Found"),
        ("PUT", "/v1/silences", None, 405, "Method Not Allowed"),
        ("GET", "/v1/alerts?past=0", None, 400, "past: from 1 to 1_000"),
        ("GET", "/v1/alerts?past=99999999999999999999", None, 400, "past: from 1 to 1_000"),
        ("GET", "/v1/alerts?past=٣", None, 400, "past: from 1 to 1_000"),
        ("POST", "/v1/silences", b"{", 400, "Input data was truncated"),
        ("POST", "/v1/silences", b"\xff", 400, "JSON is malformed: invalid character (byte 0)"),
        ("POST", "/v1/silences", b"{}", 400, "Object missing required field `wanted`"),
        ("POST", "/v1/test", b'{"canal": null}', 400, "Object contains unknown field `canal`"),
        ("POST", "/v1/test", b" " * 70_000, 413, HTTPStatus(413).phrase),
        ("POST", "/v1/alerts/x/acknowledge", b'{"who": ""}', 400, "Expected `str` of length >= 1 - at `$.who`"),
        ("DELETE", "/v1/silences/x", None, 400, "who: needs who ends it"),
    ],
)
async def test_what_is_not_well_asked_is_refused_with_a_reason(
    tmp_path: Path, method: str, path: str, body: bytes | None, status: int, message: str
) -> None:
    """In JSON, whatever it was."""
    async with (
        listening(tmp_path) as url,
        aiohttp.ClientSession() as session,
        session.request(method, url + path, data=body, headers=GOOD) as response,
    ):
        told = await response.json()

    assert (response.status, told["message"]) == (status, message)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(body=st.binary(max_size=200) | TREES.map(msgspec.json.encode))
def test_no_body_gets_more_than_a_refusal(body: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever a stranger who has the token sends: 400, 404 or an answer, never 500."""

    async def ask() -> list[int]:
        folder = tmp_path_factory.mktemp("fuzz")
        found = []
        async with listening(folder) as url, aiohttp.ClientSession() as session:
            for path in ("/v1/silences", "/v1/test", "/v1/alerts/x/acknowledge"):
                async with session.post(url + path, data=body, headers=GOOD) as response:
                    await response.read()
                    found.append(response.status)
        return found

    assert set(asyncio.run(ask())) <= {200, 400, 404}


def test_a_token_is_in_no_repr() -> None:
    """Of what has them."""
    assert "t-1" not in repr(Secret("t-1"))
    assert Pages.__repr__ is object.__repr__
