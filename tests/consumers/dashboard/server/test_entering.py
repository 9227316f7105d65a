"""Who comes in, how, and what protects him then."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from multidict import CIMultiDict

from consumers.dashboard.access import roll
from consumers.dashboard.access.door import Door
from consumers.dashboard.access.roll import Roll
from consumers.dashboard.errors import Refused, TooMany
from consumers.dashboard.server import telling
from consumers.dashboard.server.entrance import language
from schemas.settings import Dashboard
from tests.consumers.writing import LogWriter

from ..serving import PASSWORD, Serving, add_token, add_user, logged_in, serving, settings_for


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """An empty log."""
    LogWriter(tmp_path / "log").close()
    return tmp_path / "log"


def client_of(served: Serving) -> aiohttp.ClientSession:
    """Return a browser."""
    return aiohttp.ClientSession(served.url, cookie_jar=aiohttp.CookieJar(unsafe=True))


async def post(client: aiohttp.ClientSession, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
    """Return status and the problem's word."""
    async with client.post(f"/api/v1/{path}", json=body, headers=headers) as answer:
        return answer.status, (await answer.json())["error"] if answer.status >= 400 else ""


async def status(client: aiohttp.ClientSession, path: str = "session", **headers: str) -> int:
    """Return the status of a look."""
    async with client.get(f"/api/v1/{path}", headers=headers) as answer:
        return answer.status


async def test_the_first_start_gives_a_link_that_is_good_once(log: Path, tmp_path: Path) -> None:
    """There is no default password; whoever has the link becomes the administrator, and then nobody else."""
    first = {"user": "ann", "password": PASSWORD}
    async with serving(log, settings_for(tmp_path)) as served, client_of(served) as client:
        link = served.made.link
        found = [
            await post(client, "first", {**first, "link": "guessed"}),
            await post(client, "first", {**first, "link": link, "password": "short"}),
            await post(client, "first", {**first, "link": link, "user": "a b"}),
            await status(client),
            await post(client, "first", {**first, "link": link}),
            await status(client),
            await post(client, "first", {**first, "link": link, "user": "eve"}),
        ]
    async with serving(log, settings_for(tmp_path)) as served:
        again = served.made.link

    assert found == [(403, "link"), (400, "password"), (400, "arguments"), 401, (204, ""), 200, (403, "link")]
    assert (link is not None, again) == (True, None)
    known = await asyncio.to_thread(roll.read, tmp_path / "users.json")
    assert known is not None
    assert [(user.user, user.role) for user in known.users] == [("ann", "admin")]
    assert PASSWORD not in (tmp_path / "users.json").read_text()


async def test_a_session_is_a_cookie_that_scripts_cannot_read(log: Path, tmp_path: Path) -> None:
    """HttpOnly, of this site alone; each login is another one; going out ends it."""
    await asyncio.to_thread(add_user, tmp_path, "ann", "admin")
    async with serving(log, settings_for(tmp_path)) as served, client_of(served) as client:
        cookies = []
        for _ in range(2):
            async with client.post("/api/v1/login", json={"user": "ann", "password": PASSWORD}) as answer:
                cookies.append(answer.cookies["meetwire"])
        kept = {"Cookie": f"meetwire={cookies[1].value}"}
        async with client.get("/api/v1/session") as answer:
            csrf = (await answer.json())["csrf"]
        without = await post(client, "logout")
        forged = await post(client, "logout", **{"X-CSRF-Token": "0" * 64})
        foreign = await post(client, "logout", **{"X-CSRF-Token": csrf, "Origin": "https://evil.example"})
        out = await post(client, "logout", **{"X-CSRF-Token": csrf, "Origin": served.url})
        async with aiohttp.ClientSession(served.url, cookie_jar=aiohttp.DummyCookieJar()) as copy:
            stolen = await status(copy, **kept)

    assert [(one["httponly"], one["samesite"], one["path"], one["secure"]) for one in cookies] == [
        (True, "Strict", "/", "")
    ] * 2
    assert cookies[0].value != cookies[1].value
    assert (without, forged, foreign, out, stolen) == ((403, "csrf"), (403, "csrf"), (403, "csrf"), (204, ""), 401)


async def test_a_login_from_another_sites_page_is_refused(log: Path, tmp_path: Path) -> None:
    """Ours is what the browser asked for, by its host, the proxy's word, or the settings' address."""
    await asyncio.to_thread(add_user, tmp_path, "ann", "admin")
    login = {"user": "ann", "password": PASSWORD}
    async with (
        serving(log, settings_for(tmp_path, public_url="https://meetings.example.com")) as served,
        client_of(served) as client,
    ):
        found = [
            await post(client, "login", login, Origin="https://evil.example"),
            await post(client, "login", login, Origin="null"),
            await post(client, "login", login, Origin="https://meetings.example.com"),
            await post(client, "login", login, Origin=served.url),
            await post(client, "login", login, **{"Origin": "https://m.example", "X-Forwarded-Host": "m.example"}),
        ]

    assert found == [(403, "csrf"), (403, "csrf"), (204, ""), (204, ""), (204, "")]


async def test_behind_a_tls_proxy_cookies_are_secure(log: Path, tmp_path: Path) -> None:
    """Its word counts, or that of the public address; nobody else's."""
    await asyncio.to_thread(add_user, tmp_path, "ann", "admin")
    told = []
    for settings in (
        settings_for(tmp_path, proxy_from=("127.0.0.0/8",)),
        settings_for(tmp_path, public_url="https://meetings.example.com"),
        settings_for(tmp_path),
    ):
        async with serving(log, settings) as served, client_of(served) as client:
            login = {"user": "ann", "password": PASSWORD}
            async with client.post("/api/v1/login", json=login, headers={"X-Forwarded-Proto": "https"}) as answer:
                name, cookie = next(iter(answer.cookies.items()))
                told.append((name, cookie["secure"], "Strict-Transport-Security" in answer.headers))

    assert told == [("__Host-meetwire", True, True), ("__Host-meetwire", True, True), ("meetwire", "", False)]


async def test_who_guesses_has_to_wait(log: Path, tmp_path: Path) -> None:
    """Even with the right password then; and what he tried is not in the log."""
    await asyncio.to_thread(add_user, tmp_path, "ann", "admin")
    async with serving(log, settings_for(tmp_path)) as served, client_of(served) as client:
        found = [await post(client, "login", {"user": "ann", "password": f"wrong {number}"}) for number in range(5)]
        async with client.post("/api/v1/login", json={"user": "ann", "password": PASSWORD}) as answer:
            last = answer.status, int(answer.headers["Retry-After"]) > 800
        other = await post(client, "login", {"user": "nobody", "password": PASSWORD})
        refused = await asyncio.to_thread(served.meters.value, "meetwire_dashboard_logins_total", outcome="refused")
        limited = await asyncio.to_thread(served.meters.value, "meetwire_dashboard_logins_total", outcome="limited")

    assert (found, last, other) == ([(401, "password")] * 5, (429, True), (401, "password"))
    assert (refused, limited) == (6, 1)


async def test_a_change_of_the_users_file_counts_at_once(log: Path, tmp_path: Path) -> None:
    """Who was taken out is out, within a second or two; a damaged file changes nothing."""
    await asyncio.to_thread(add_user, tmp_path, "ann", "admin")
    await asyncio.to_thread(add_user, tmp_path, "bob", "admin")
    users = tmp_path / "users.json"
    async with serving(log, settings_for(tmp_path)) as served, logged_in(served.url, "ann") as (client, _):
        before = await status(client)
        good = users.read_bytes()
        users.write_text("{")
        await asyncio.sleep(1.1)
        damaged = await status(client)
        users.write_bytes(good)
        await asyncio.to_thread(roll.change, users, lambda known: known.without("ann"))
        await asyncio.sleep(1.1)
        after = await status(client)

    assert (before, damaged, after) == (200, 200, 401)


async def test_another_secret_ends_all_sessions(log: Path, tmp_path: Path) -> None:
    """The way to throw everybody out."""
    await asyncio.to_thread(add_user, tmp_path, "ann", "admin")
    async with serving(log, settings_for(tmp_path)) as served, logged_in(served.url, "ann") as (client, _):
        await asyncio.to_thread(
            roll.change, tmp_path / "users.json", lambda known: Roll(secret="0" * 64, users=known.users)
        )
        await asyncio.sleep(1.1)
        after = await status(client)

    assert after == 401


async def test_a_trusted_proxy_says_who_it_is(log: Path, tmp_path: Path) -> None:
    """By the header of the settings; roles are the users file's; writes need the token all the same."""
    await asyncio.to_thread(add_user, tmp_path, "ann", "operator", password=None)
    settings = settings_for(tmp_path, proxy_from=("127.0.0.1",), proxy_header="X-User")
    async with serving(log, settings) as served, client_of(served) as client:
        roles, csrf = {}, ""
        for name in ("ann", "new@example.com", "a b", "\N{SNOWMAN}"):
            async with client.get("/api/v1/session", headers={"X-User": name}) as answer:
                body = await answer.json()
                roles[name] = (answer.status, body.get("role"))
                if name == "ann":
                    csrf = body["csrf"]
        without = await post(client, "logout", **{"X-User": "ann"})
        with_it = await post(client, "logout", **{"X-User": "ann", "X-CSRF-Token": csrf})
        link = served.made.link
    async with (
        serving(
            log, settings_for(tmp_path, proxy_from=("127.0.0.1",), proxy_header="X-User", proxy_role="none")
        ) as served,
        client_of(served) as client,
    ):
        unknown = await status(client, **{"X-User": "new"})

    assert roles == {
        "ann": (200, "operator"),
        "new@example.com": (200, "viewer"),
        "a b": (400, None),
        "\N{SNOWMAN}": (400, None),
    }
    assert (without, with_it, link, unknown) == ((403, "csrf"), (204, ""), None, 403)


async def test_a_proxy_may_ask_for_a_password_of_its_own(log: Path, tmp_path: Path) -> None:
    """It sends that on to us: no token of ours, and no reason to refuse whom it names, or who has a session."""
    await asyncio.to_thread(add_user, tmp_path, "ann", "operator")
    basic = {"Authorization": "Basic YW5uOng="}
    settings = settings_for(tmp_path, proxy_from=("127.0.0.1",), proxy_header="X-User")
    async with serving(log, settings) as served:
        async with client_of(served) as client:
            proxied = await status(client, **basic, **{"X-User": "ann"})
            alone = await status(client, **basic)
            token = await status(client, **{"X-User": "ann", "Authorization": "Bearer x"})
        async with logged_in(served.url, "ann") as (inside, _):
            session = await status(inside, **basic)

    assert (proxied, alone, token, session) == (200, 401, 401, 200)


async def test_a_name_beside_the_proxys_is_not_taken(log: Path, tmp_path: Path) -> None:
    """A proxy that adds its header and leaves the stranger's in: nobody is let in under either."""
    await asyncio.to_thread(add_user, tmp_path, "ann", "admin")
    settings = settings_for(tmp_path, proxy_from=("127.0.0.1",), proxy_header="X-User")
    twice = CIMultiDict([("X-User", "ann"), ("X-User", "bob")])
    async with (
        serving(log, settings) as served,
        client_of(served) as client,
        client.get("/api/v1/session", headers=twice) as answer,
    ):
        assert answer.status == 400


async def test_who_finds_us_busy_has_not_failed(tmp_path: Path) -> None:
    """However often: when there is time for him he gets in. And a clock that is set back changes nothing for long."""
    clock = [1_000_000.0]
    await asyncio.to_thread(add_user, tmp_path, "ann", "admin")
    door = Door(settings_for(tmp_path), logger=structlog.get_logger(), now_s=lambda: clock[0])
    await door.open()
    door._passwords._waiting = 32
    for _ in range(10):
        with pytest.raises(TooMany, match="at this moment"):
            await door.login("ann", PASSWORD, "1.1.1.1")
    door._passwords._waiting = 0
    cookie = await door.login("ann", PASSWORD, "1.1.1.1")
    entered = await door.who(authorization=None, cookie=cookie, proxied=None, peer="1.1.1.1")

    await asyncio.to_thread(roll.change, tmp_path / "users.json", lambda known: known.without("ann"))
    clock[0] -= 30

    assert not await door.still(entered)


async def test_of_two_replicas_links_one_alone_is_good(tmp_path: Path) -> None:
    """Both are printed, and followed at the same moment: one makes the administrator, the other is refused."""
    doors = [Door(settings_for(tmp_path), logger=structlog.get_logger()) for _ in range(2)]
    links = [await door.open() or "" for door in doors]

    tries = [door.first(link, "ann", PASSWORD, "1.1.1.1") for door, link in zip(doors, links, strict=True)]
    found = await asyncio.gather(*tries, return_exceptions=True)

    assert [type(one) for one in found if not isinstance(one, str)] == [Refused]


async def test_nobody_else_says_who_he_is(log: Path, tmp_path: Path) -> None:
    """The header of somebody who is no proxy of ours is not read."""
    for settings in (settings_for(tmp_path, proxy_from=("10.0.0.0/8",), proxy_header="X-User"), settings_for(tmp_path)):
        async with serving(log, settings) as served, client_of(served) as client:
            assert await status(client, **{"X-User": "ann"}) == 401


async def test_behind_a_proxy_guessers_are_told_apart(log: Path, tmp_path: Path) -> None:
    """By the last address in X-Forwarded-For that is no proxy of ours."""
    await asyncio.to_thread(add_user, tmp_path, "ann", "admin")
    wrong, right = {"user": "ann", "password": "wrong"}, {"user": "ann", "password": PASSWORD}
    async with (
        serving(log, settings_for(tmp_path, proxy_from=("127.0.0.0/8", "10.0.0.0/8"))) as served,
        client_of(served) as client,
    ):
        for _ in range(5):
            await post(client, "login", wrong, **{"X-Forwarded-For": "9.9.9.9, 1.1.1.1, 10.0.0.7"})
        found = [
            await post(client, "login", right, **{"X-Forwarded-For": address})
            for address in (
                "9.9.9.9, 1.1.1.1",
                "9.9.9.9, 1.1.1.1:55555",
                "1.1.1.1, 2.2.2.2",
                "1.1.1.1, [2001:db8::1]:443",
                "1.1.1.1, garbage",
            )
        ]

    assert found == [(429, "too_many")] * 2 + [(204, "")] * 3


async def test_every_answer_has_the_headers_that_protect(log: Path, tmp_path: Path) -> None:
    """Of the page, of an error, of a stream: no inline script, no frame, no guessing of types, no referrer."""
    token = await asyncio.to_thread(add_token, tmp_path)
    heads = []
    async with serving(log, settings_for(tmp_path)) as served, client_of(served) as client:
        for path in ("/", "/page/app.js", "/nothing", "/api/v1/session", "/api/v1/stream", "/api/v1/meetings"):
            async with client.get(path, headers={"Authorization": f"Bearer {token}"}) as answer:
                heads.append(answer.headers)

    assert {one["Content-Security-Policy"].partition(";")[0] for one in heads} == {"default-src 'none'"}
    assert all("frame-ancestors 'none'" in one["Content-Security-Policy"] for one in heads)
    assert not any("unsafe" in one["Content-Security-Policy"] for one in heads)
    assert {(one["X-Content-Type-Options"], one["Referrer-Policy"], one["X-Frame-Options"]) for one in heads} == {
        ("nosniff", "no-referrer", "DENY")
    }
    assert {one["Server"] for one in heads} == {"meetwire"}
    assert [one["Cache-Control"] for one in heads] == [
        "no-cache",
        "no-cache",
        "no-store",
        "no-store",
        "no-store",
        "no-store",
    ]


async def test_the_pages_files_are_not_sent_twice(log: Path, tmp_path: Path) -> None:
    """Pressed where that is understood; not at all where they are known."""
    async with serving(log, settings_for(tmp_path)) as served, client_of(served) as client:
        async with client.get("/page/app.js") as answer:
            etag, pressed = answer.headers["ETag"], answer.headers["Content-Encoding"]
        async with client.get("/page/app.js", headers={"If-None-Match": etag}) as answer:
            again = answer.status, await answer.read()
        async with client.get("/first?link=x", headers={"Accept-Encoding": "identity"}) as answer:
            plain = answer.content_type, "Content-Encoding" in answer.headers
        traversals = [
            (await client.get(path)).status
            for path in ("/page/..%2Ferrors.py", "/page/__init__.py", "/page/", "/page/a/b")
        ]

    assert (pressed, again, plain) == ("gzip", (304, b""), ("text/html", False))
    assert traversals == [404, 404, 404, 404]


async def test_more_readers_than_admitted_are_refused(log: Path, tmp_path: Path) -> None:
    """And one that leaves makes room."""
    token = await asyncio.to_thread(add_token, tmp_path)
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        serving(log, settings_for(tmp_path, max_readers=1)) as served,
        client_of(served) as client,
        client.get("/api/v1/live", headers=headers),
    ):
        full = await status(client, "stream", **headers)
        opened = await asyncio.to_thread(served.meters.value, "meetwire_dashboard_readers", kind="live")

    assert (full, opened) == (503, 1)


async def test_nobody_takes_the_lines_of_all(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of them is one user's or token's, eight at least: another still reads, and one that ends makes room."""
    monkeypatch.setattr(telling, "_QUIET_S", 0.05)
    tokens = [await asyncio.to_thread(add_token, tmp_path, name) for name in ("wall", "hall")]
    wall, hall = ({"Authorization": f"Bearer {token}"} for token in tokens)
    async with (
        serving(log, settings_for(tmp_path, max_readers=90)) as served,
        client_of(served) as client,
        contextlib.AsyncExitStack() as opened,
    ):
        first = await client.get("/api/v1/live", headers=wall)
        for _ in range(8):
            await opened.enter_async_context(client.get("/api/v1/live", headers=wall))
        full = [await status(client, kind, **wall) for kind in ("live", "stream")]
        async with client.get("/api/v1/live", headers=hall) as answer:
            other = answer.status
        first.close()
        async with asyncio.timeout(60):
            while (again := await client.get("/api/v1/live", headers=wall)).status == 429:
                again.close()
        again.close()

    assert (full, other, again.status) == ([429, 429], 200, 200)


@pytest.mark.parametrize(
    ("accepted", "first"),
    [
        ("", None),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB, zh;q=0.5", "en"),
        ("fr, de", None),
        ("fr, en;q=0.1", "en"),
        ("en;q=0, zh;q=0.2", "zh"),
        ("en;q=nonsense, *", None),
        ("en;q=7", "en"),
    ],
)
def test_the_browsers_language_is_found(accepted: str, first: str | None) -> None:
    """By its weights; nonsense counts for nothing."""
    assert language(accepted) == first


def test_settings_that_do_not_go_together_are_refused() -> None:
    """A certificate without a key; a header that anybody could send; a network that is none."""
    for wrong in (
        {"tls_key_file": "k"},
        {"proxy_header": "X-User"},
        {"proxy_from": ("nowhere",)},
    ):
        with pytest.raises(ValueError, match=r"proxy_from|tls_"):
            Dashboard(**wrong)
