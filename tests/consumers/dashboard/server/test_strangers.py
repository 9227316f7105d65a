"""Whatever a stranger sends, he is answered in our form, nothing of it is logged, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.consumers.writing import LogWriter

from ..events import after, caption, changed, described, person, recorded, roster
from ..scene import read_until
from ..serving import Serving, add_token, add_user, serving, settings_for

MARK = "zqxjk"
# A line of a request may hold any byte but those that end it.
BYTES = st.binary(max_size=60).map(lambda one: one.replace(b"\r", b"").replace(b"\n", b""))
PATHS = st.sampled_from(
    [b"/", b"/page/", b"/first", b"/api/v1/session", b"/api/v1/meetings", b"/api/v1/meetings/", b"/api/v1/silences/"]
)
HEADERS = st.sampled_from(
    [
        b"Cookie: meetwire=",
        b"Authorization: ",
        b"Authorization: Bearer ",
        b"X-CSRF-Token: ",
        b"Last-Event-ID: ",
        b"Origin: ",
        b"Accept-Language: ",
        b"X-Forwarded-For: ",
        b"Content-Type: ",
        b"If-None-Match: ",
        b"Accept-Encoding: ",
    ]
)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Serving]:
    """A dashboard that a proxy may stand before."""
    LogWriter(tmp_path / "log").close()
    await asyncio.to_thread(add_user, tmp_path, "ann", "admin")
    async with serving(tmp_path / "log", settings_for(tmp_path, proxy_from=("127.0.0.1",))) as made:
        yield made


async def asked(served: Serving, method: bytes, target: bytes, headers: list[bytes], body: bytes = b"") -> bytes:
    """Send raw bytes, and return all that comes back."""
    host, _, port = served.url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = [method + b" " + target + b" HTTP/1.1", b"Host: x", b"Connection: close", *headers]
    writer.write(b"\r\n".join((*head, b"Content-Length: %d" % len(body), b"", b"")) + body)
    async with asyncio.timeout(60):
        content = await reader.read()
    writer.close()
    return content


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    path=PATHS,
    rest=st.binary(max_size=30).map(lambda one: one.translate(None, b"\r\n #")),
    headers=st.lists(st.tuples(HEADERS, BYTES), max_size=4),
    method=st.sampled_from([b"GET", b"POST", b"DELETE", b"PUT"]),
)
async def test_no_request_is_a_fault_of_ours(
    served: Serving, path: bytes, rest: bytes, headers: list[tuple[bytes, bytes]], method: bytes
) -> None:
    """Never a 500, never a reset without an answer, never a good answer to what nobody may."""
    content = await asked(served, method, path + rest, [name + value for name, value in headers])

    status = int(content.split(b" ", 2)[1])
    assert status in {200, 304, 400, 401, 403, 404, 405}
    if path.startswith(b"/api/"):
        assert status != 200


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    body=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    ).map(lambda one: json.dumps(one).encode())
)
async def test_no_body_is_a_fault_of_ours(served: Serving, body: bytes) -> None:
    """What is no login is refused; what is too large is not even read."""
    content = await asked(served, b"POST", b"/api/v1/login", [b"Content-Type: application/json"], body)

    assert int(content.split(b" ", 2)[1]) in {400, 401, 429}


async def test_a_large_body_is_refused(served: Serving) -> None:
    """In our form too."""
    content = await asked(served, b"POST", b"/api/v1/login", [b"Content-Type: application/json"], b" " * 100_000)

    assert (content.split(b" ", 2)[1], b'"error"' in content) == (b"413", True)


async def test_nothing_that_a_stranger_sends_is_logged(served: Serving) -> None:
    """Neither a name that is none of ours, nor a password, a token, a path."""
    body = json.dumps({"user": MARK, "password": MARK}).encode()
    with capture_logs() as lines:
        await asked(served, b"POST", b"/api/v1/login", [b"Content-Type: application/json"], body)
        await asked(
            served, b"GET", b"/api/v1/meetings?query=" + MARK.encode(), [b"Authorization: Bearer " + MARK.encode()]
        )
        await asked(served, b"GET", b"/" + MARK.encode(), [b"Cookie: meetwire=" + MARK.encode()])

    assert [line["event"] for line in lines] == ["login.refused"]
    assert MARK not in str(lines)


HOSTILE = st.sampled_from(
    [
        "<script>alert(1)</script>",
        "\"'><img src=x onerror=alert(1)>",
        "event: row\ndata: {}\n\n",
        "\r\n\r\nHTTP/1.1 200 OK",
        "\u2028\u2029\ufeff\u202e",
        "\x00\x1b[31m",
        "𝕏" * 200,
        "\U0001f9d1\u200d\U0001f680",
    ]
) | st.text(min_size=1, max_size=40)


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(hostile=st.lists(HOSTILE, min_size=1, max_size=30))
async def test_hostile_names_and_words_stay_within_their_place(tmp_path: Path, hostile: list[str]) -> None:
    """Whatever somebody is called or says: it is a string in JSON, and the stream's lines are ours alone."""
    texts = [one.encode("utf-8", "replace").decode() for one in hostile]
    folder = tmp_path / uuid.uuid4().hex
    writer = LogWriter(folder / "log")
    people = [person(f"{number}", name=text) for number, text in enumerate(texts)]
    told = [described(1, texts[0]), roster(2, *people)]
    told += [caption(3, text, who=f"{number}") for number, text in enumerate(texts)]
    writer.append(*(recorded(one, received_at=after(10)) for one in told))
    token = await asyncio.to_thread(add_token, folder, scopes=("captions",))
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        serving(folder / "log", settings_for(folder), now=lambda: after(60)) as served,
        aiohttp.ClientSession(served.url, headers=headers) as client,
    ):
        async with client.get("/api/v1/meetings") as answer:
            (row,) = (await answer.json())["meetings"]
        async with client.get(f"/api/v1/meetings/{row['id']}") as answer:
            whole, kind = await answer.json(), answer.content_type
        async with client.get(f"/api/v1/live?meeting={row['id']}") as answer:
            more = [changed(20, person("0", muted=True)), caption(21, texts[-1], line="x", who="0")]
            writer.append(*(recorded(one, received_at=after(60)) for one in more))
            live = await read_until(answer, "caption", "meeting")
    writer.close()

    assert (kind, row["subject"]) == ("application/json", texts[0])
    assert sorted(one["name"] for one in whole["people"]) == sorted(texts)
    assert [one["texts"][0]["text"] for one in whole["captions"]] == texts
    assert json.loads(live["caption"])["texts"][0]["text"] == texts[-1]
    assert sorted(one["name"] for one in json.loads(live["meeting"])["people"]) == sorted(texts)
