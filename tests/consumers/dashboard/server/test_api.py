"""The API as a browser and a program use it, over real HTTP."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from consumers.dashboard.access.grants import PRESENT
from deploy.desks.archive import archive_desk
from schemas.events import MeetingStarted
from schemas.record import content_id
from tests.consumers.captions.meetings import settings as archive_settings
from tests.consumers.writing import LogWriter

from ..events import after, alert, caption, changed, lifecycle, person, recorded
from ..scene import ALERT, MEETING, Scene, WriterSink, read_events, read_until, scene
from ..serving import add_token, add_user, logged_in, serving, settings_for


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Scene]:
    """A dashboard with everything."""
    async with scene(tmp_path) as found:
        yield found


@pytest.fixture
async def keeping(tmp_path: Path) -> AsyncIterator[Scene]:
    """A dashboard with everything, and an archive."""
    async with scene(tmp_path, archive=True) as found:
        yield found


async def get(client: aiohttp.ClientSession, path: str) -> tuple[int, Any]:
    """Return status and body."""
    async with client.get(path) as answer:
        content = await answer.read()
        return answer.status, json.loads(content) if content else None


async def token_of(there: Scene, **may: Any) -> aiohttp.ClientSession:
    """Return a program's client."""
    token = await asyncio.to_thread(add_token, there.folder, **may)
    # The file is looked at once a second.
    await asyncio.sleep(0)
    return aiohttp.ClientSession(there.url, headers={"Authorization": f"Bearer {token}"})


async def test_each_role_sees_what_it_may(keeping: Scene) -> None:
    """Captions and the archive are for compliance and administrators; all see the meeting."""
    found = {}
    for role in ("viewer", "operator", "compliance", "admin"):
        async with keeping.asked_by(role) as (client, _):
            _, session = await get(client, "/api/v1/session")
            _, meeting = await get(client, f"/api/v1/meetings/{MEETING}")
            archive, _ = await get(client, "/api/v1/archive/meetings")
            found[role] = (session["scopes"], session["parts"], meeting["captions"] is not None, archive)

    parts = ["alerts", "archive"]
    assert found == {
        "viewer": ([], parts, False, 403),
        "operator": (["alerts"], parts, False, 403),
        "compliance": (["archive", "captions"], parts, True, 200),
        "admin": (["alerts", "archive", "captions"], parts, True, 200),
    }


async def test_the_list_is_searched_and_ordered(there: Scene) -> None:
    """Everything given has to fit; the whole is counted all the same."""
    async with there.asked_by("viewer") as (client, _):
        answers = {
            query: await get(client, f"/api/v1/meetings{query}")
            for query in (
                "",
                "?query=budg",
                "?query=ANN",
                "?query=m-1&enterprise=acme&state=on&order=people",
                "?query=nothing",
                "?state=over",
                "?enterprise=other",
                "?order=started",
                "?order=subject",
            )
        }

    assert {query: len(body["meetings"]) for query, (_, body) in answers.items()} == {
        "": 1,
        "?query=budg": 1,
        "?query=ANN": 1,
        "?query=m-1&enterprise=acme&state=on&order=people": 1,
        "?query=nothing": 0,
        "?state=over": 0,
        "?enterprise=other": 0,
        "?order=started": 1,
        "?order=subject": 1,
    }
    assert {body["overview"]["meetings"] for _, body in answers.values()} == {1}
    assert answers[""][1]["behind_s"] == 0.0


async def test_what_is_not_there_is_said(there: Scene) -> None:
    """In one form, with a word for programs."""
    async with there.asked_by("admin") as (client, headers):
        found = [
            await get(client, "/api/v1/meetings/" + "0" * 32),
            await get(client, "/api/v1/nothing"),
            await get(client, "/page/nothing.js"),
            await get(client, "/api/v1/meetings?order=best"),
            await get(client, "/api/v1/meetings?order=worst&order=people"),
            await get(client, f"/api/v1/meetings/{MEETING}?x=1"),
            await get(client, "/api/v1/stream?topics=meeting.secrets.v1"),
            await get(client, "/api/v1/stream?cursor=AAAA"),
            await get(client, "/api/v1/login"),
        ]
        async with client.post("/api/v1/silences", data="x", headers=headers) as answer:
            found.append((answer.status, await answer.json()))
        async with client.post(
            "/api/v1/silences", data="{", headers={**headers, "Content-Type": "application/json"}
        ) as answer:
            found.append((answer.status, await answer.json()))

    assert [(status, body["error"]) for status, body in found] == [
        (404, "missing"),
        (404, "missing"),
        (404, "missing"),
        (400, "arguments"),
        (400, "arguments"),
        (400, "arguments"),
        (400, "arguments"),
        (400, "arguments"),
        (405, "method"),
        (400, "arguments"),
        (400, "arguments"),
    ]
    assert all(set(body) == {"error", "message"} and body["message"] for _, body in found)


async def test_a_page_sees_what_changes(there: Scene) -> None:
    """Without asking again: rows, the meeting it looks at, sentences."""
    async with (
        there.asked_by("compliance") as (client, _),
        client.get(f"/api/v1/live?meeting={MEETING}") as answer,
    ):
        assert (answer.status, answer.content_type) == (200, "text/event-stream")
        overview, behind = await read_events(answer, 2)
        assert (overview[0], behind) == ("overview", ("behind", '{"behind_s":0.0}'))

        there.tell(caption(20, "Next item.", who="b"))
        first = await read_until(answer, "caption")
        there.tell(changed(21, person("c", name="Cat")), alert(22, "b" * 32))
        then = await read_until(answer, "row", "overview", "meeting", "alert")

    assert json.loads(first["caption"])["name"] == "Bob"
    assert json.loads(then["row"])[0]["people"] == 3
    assert json.loads(then["alert"])["id"] == "b" * 32


async def test_a_page_without_the_right_sees_no_sentence(there: Scene) -> None:
    """Whatever it asks for."""
    async with there.asked_by("viewer") as (client, _), client.get(f"/api/v1/live?meeting={MEETING}") as answer:
        there.tell(caption(20, "Secret."), changed(21, person("c", name="Cat")))
        events = await read_until(answer, "row", "meeting")

    assert "Secret" not in str(events)
    assert "caption" not in events


async def test_a_program_reads_the_stream_and_comes_back(there: Scene) -> None:
    """Records as the topics have them; with its last cursor it goes on after them, on another replica too."""
    async with await token_of(there, scopes=("captions",)) as client:
        async with client.get("/api/v1/stream?topics=meeting.lifecycle.v1,meeting.captions.v1") as answer:
            line = (await answer.content.readline()).decode()
            there.tell(caption(20, "One."))
            (one,) = await read_events(answer, 1)
        cursor = line.removeprefix("id: ").strip()
        there.tell(lifecycle(MeetingStarted, 30, "u-9"), caption(31, "Two."))
        url = "/api/v1/stream?topics=meeting.captions.v1&meeting=m-1&enterprise=acme"
        async with client.get(url, headers={"Last-Event-ID": cursor}) as answer:
            again = await read_events(answer, 2)

    assert json.loads(one[1])["data"]["lines"][0]["text"] == "One."
    assert [json.loads(body)["data"]["lines"][0]["text"] for _, body in again] == ["One.", "Two."]


async def test_the_list_gives_a_cursor_for_the_stream(there: Scene) -> None:
    """So that nothing is missed between the two."""
    async with await token_of(there) as client:
        _, body = await get(client, "/api/v1/meetings")
        there.tell(lifecycle(MeetingStarted, 30, "u-9"))
        async with client.get(f"/api/v1/stream?cursor={body['cursor']}") as answer:
            (event,) = await read_events(answer, 1)

    assert json.loads(event[1])["data"]["meeting_uuid"] == "u-9"


async def test_a_token_reads_what_it_is_for(there: Scene) -> None:
    """Other topics, other enterprises and captions are refused; and it writes nothing without a right to."""
    async with await token_of(there, topics=("meeting.quality.v1",), enterprises=("other",)) as client:
        found = [
            (await get(client, path))[0]
            for path in (
                "/api/v1/stream?topics=meeting.captions.v1",
                "/api/v1/stream?topics=meeting.lifecycle.v1",
                "/api/v1/stream?enterprise=acme",
                f"/api/v1/meetings/{MEETING}",
                "/api/v1/silences",
                "/api/v1/archive/search?words=x",
            )
        ]
        _, meetings = await get(client, "/api/v1/meetings")
        _, session = await get(client, "/api/v1/session")
        async with client.post(f"/api/v1/alerts/{ALERT}/acknowledge", json={}) as answer:
            found.append(answer.status)

    assert found == [403] * 7
    assert meetings["error"] == "forbidden"
    assert (session["user"], session["enterprises"], session["csrf"]) == ("token wall", ["other"], "")


async def test_a_token_of_some_topics_has_no_other_way_to_the_rest(there: Scene) -> None:
    """What the page shows is made of all of them: names, quality, alerts. Captions want their topic as well."""
    present = ("/api/v1/meetings", f"/api/v1/meetings/{MEETING}", "/api/v1/live", "/api/v1/alerts", "/api/v1/silences")
    narrow = await token_of(there, topics=("meeting.lifecycle.v1",), scopes=("alerts", "captions"))
    wide = await token_of(there, name="wide", topics=tuple(PRESENT), scopes=("captions",))
    async with narrow as client:
        found = [(await get(client, path))[0] for path in present]
        async with client.post(f"/api/v1/alerts/{ALERT}/acknowledge", json={}) as answer:
            found.append(answer.status)
    assert found == [403] * 6

    async with wide as client:
        status, whole = await get(client, f"/api/v1/meetings/{MEETING}")

    assert (status, whole["captions"], len(whole["people"])) == (200, None, 2)


async def test_an_old_cursor_says_what_is_missed(there: Scene) -> None:
    """Of another log nobody can tell how much."""
    from consumers.dashboard.stream.cursor import spelt

    async with await token_of(there) as client:
        url = f"/api/v1/stream?cursor={spelt('another log', {})}"
        async with client.get(url) as answer:
            events = await read_events(answer, 1)

    assert events == [("missed", '{"count":null}')]


async def test_an_operator_acknowledges_and_silences(there: Scene) -> None:
    """It goes over the desk, is on the topic, and shows at once."""
    matchers = [{"label": "place", "pattern": "acme/*"}]
    wanted = {"matchers": matchers, "ends_at": after(3_600).isoformat(), "why": "planned"}
    async with there.asked_by("operator") as (client, headers):
        with capture_logs() as lines:
            async with client.post(
                f"/api/v1/alerts/{ALERT}/acknowledge", json={"note": "on it"}, headers=headers
            ) as answer:
                assert answer.status == 204
            async with client.post("/api/v1/silences", json=wanted, headers=headers) as answer:
                status, silence = answer.status, await answer.json()
            _, alerts = await get(client, "/api/v1/alerts")
            _, silences = await get(client, "/api/v1/silences")
            async with client.delete(f"/api/v1/silences/{silence['id']}", headers=headers) as answer:
                ended = answer.status
        _, after_that = await get(client, "/api/v1/silences")

    (standing,) = alerts["standing"]
    assert (status, ended, silences["silences"], after_that["silences"]) == (201, 204, [silence], [])
    assert (standing["meeting"], standing["silenced_by"]) == (MEETING, silence["id"])
    assert (standing["acknowledged"]["who"], standing["acknowledged"]["note"]) == ("operator", "on it")
    assert [(line["event"], line["who"]) for line in lines if "who" in line] == [
        ("alert.acknowledged", "operator"),
        ("silence.begun", "operator"),
        ("silence.ended", "operator"),
    ]


async def test_what_cannot_be_done_at_the_desk_is_said(there: Scene) -> None:
    """No such alert, no such silence, one that ends in the past; and who only looks on may do none of it."""
    past = {"matchers": [{"label": "rule", "pattern": "*"}], "ends_at": after(0).isoformat(), "why": "x"}
    found = []
    async with there.asked_by("admin") as (client, headers):
        for method, path, body in (
            ("POST", f"/api/v1/alerts/{'0' * 32}/acknowledge", {}),
            ("DELETE", f"/api/v1/silences/{'0' * 32}", None),
            ("POST", "/api/v1/silences", past),
        ):
            async with client.request(method, path, json=body, headers=headers) as answer:
                found.append(answer.status)
    async with there.asked_by("viewer") as (client, headers):
        for method, path in (
            ("POST", f"/api/v1/alerts/{ALERT}/acknowledge"),
            ("POST", "/api/v1/silences"),
            ("DELETE", "/api/v1/silences/x"),
        ):
            async with client.request(method, path, json={}, headers=headers) as answer:
                found.append(answer.status)

    assert found == [404, 404, 409, 403, 403, 403]


async def test_silences_are_for_who_sees_everything(there: Scene) -> None:
    """They match across enterprises."""
    await asyncio.to_thread(add_user, there.folder, "partial", "operator", enterprises=("acme",))
    await asyncio.sleep(1.1)
    async with logged_in(there.url, "partial") as (client, headers):
        status, _ = await get(client, "/api/v1/silences")
        _, alerts = await get(client, "/api/v1/alerts")
        async with client.get("/api/v1/archive/search?words=x&enterprise=other", headers=headers) as answer:
            archive = answer.status

    assert (status, [one["id"] for one in alerts["standing"]], archive) == (403, [ALERT], 403)


async def test_the_archive_is_searched_read_and_handed_out(keeping: Scene) -> None:
    """Each reading is in its access log under the user's name, and in ours."""
    async with keeping.asked_by("compliance") as (client, _):
        with capture_logs() as lines:
            _, meetings = await get(client, "/api/v1/archive/meetings?enterprise=acme&limit=5")
            _, whole = await get(client, f"/api/v1/archive/meetings/{keeping.archived}")
            words = whole["said"][0]["texts"][0]["text"]
            _, found = await get(client, f"/api/v1/archive/search?words={words}&context=2&limit=1")
            _, part = await get(client, f"/api/v1/archive/meetings/{keeping.archived}?first=2&last=2")
            async with client.get(f"/api/v1/archive/export?occurrence={keeping.archived}") as answer:
                package = (answer.status, answer.content_type, (await answer.read())[:2])
        missing = [
            await get(client, f"/api/v1/archive/meetings/{'0' * 32}"),
            await get(client, f"/api/v1/archive/export?occurrence={'0' * 32}"),
            await get(client, "/api/v1/archive/search?words=%22%22"),
            await get(client, "/api/v1/archive/export"),
        ]

    assert [one["occurrence"] for one in meetings["meetings"]] == [keeping.archived]
    assert [one["cue"] for one in part["said"]] == [2]
    assert found["hits"][0]["said"]["texts"][0]["text"] == words
    assert package == (200, "application/zip", b"PK")
    assert [status for status, _ in missing] == [404, 404, 409, 400]
    assert [(line["what"], line["who"]) for line in lines if line["event"] == "archive.read"] == [
        ("list", "compliance"),
        ("show", "compliance"),
        ("search", "compliance"),
        ("show", "compliance"),
        ("export", "compliance"),
    ]
    assert words not in str(lines)
    entries = [json.loads(path.read_bytes()) for path in sorted((keeping.folder / "archive/access").iterdir())]
    assert {(one["who"], one["what"]) for one in entries} == {
        ("compliance (dashboard)", what) for what in ("show", "search", "export")
    }


async def test_nothing_that_was_said_is_left_on_the_disk(keeping: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package is gone from there before its first byte is sent: a process that is killed leaves none."""
    folder = keeping.folder / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    desk = archive_desk(archive_settings(keeping.folder))
    assert keeping.archived is not None

    async with desk as opened, opened.export(keeping.archived, None, "ann") as package:
        left = list(folder.iterdir())
        content = b"".join([chunk async for chunk in package.chunks])

    assert (left, content[:2], len(content)) == ([], b"PK", package.size)


async def test_readings_of_captions_are_noted(there: Scene) -> None:
    """Who, how, and which meeting; not a word of it."""
    with capture_logs() as lines:
        async with there.asked_by("admin") as (client, _):
            await get(client, f"/api/v1/meetings/{MEETING}")
            async with client.get(f"/api/v1/live?meeting={MEETING}"):
                pass
            async with client.get("/api/v1/stream?topics=meeting.captions.v1"):
                pass

    read = [(line["who"], line["how"], line["meeting"]) for line in lines if line["event"] == "words.read"]
    assert read == [("admin", "meeting", MEETING), ("admin", "live", MEETING), ("admin", "stream", None)]
    assert "Good morning" not in str(lines)


async def test_a_page_may_wait_for_its_meeting(there: Scene) -> None:
    """An address may be old, or its meeting read back just now: the line stays, and tells of it once it is there."""
    later = content_id("occurrence", "acme", "m-1", "u-9")
    async with there.asked_by("viewer") as (client, _), client.get(f"/api/v1/live?meeting={later}") as answer:
        there.tell(lifecycle(MeetingStarted, 30, "u-9"))
        events = await read_until(answer, "meeting")

    assert json.loads(events["meeting"])["row"]["id"] == later


async def test_a_desk_that_does_not_answer_is_said_to_be_one(there: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody waits before a button: not for minutes."""
    monkeypatch.setattr("consumers.dashboard.server.alerting._DESK_S", 0.05)

    async def for_ever(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(WriterSink, "publish", for_ever)
    async with (
        there.asked_by("operator") as (client, headers),
        client.post(f"/api/v1/alerts/{ALERT}/acknowledge", json={}, headers=headers) as answer,
    ):
        said = answer.status, answer.headers["Retry-After"], (await answer.json())["error"]

    assert said == (503, "5", "unavailable")


async def test_alerts_are_shown_where_nobody_can_be_asked_about_them(tmp_path: Path) -> None:
    """Another installation decides them, and the topic tells: then they are to be seen, and nobody may act on them."""
    writer, found = LogWriter(tmp_path / "log"), []
    await asyncio.to_thread(add_user, tmp_path, "ann", "operator")
    async with (
        serving(writer.folder, settings_for(tmp_path), now=lambda: after(60)) as served,
        logged_in(served.url, "ann") as (client, headers),
    ):
        _, session = await get(client, "/api/v1/session")
        found.append((session["scopes"], session["parts"]))
        writer.append(recorded(alert(9, ALERT), received_at=after(60)))
        async with asyncio.timeout(60):
            standing: list[object] = []
            while not standing:
                _, body = await get(client, "/api/v1/alerts")
                standing = body["standing"]
        _, session = await get(client, "/api/v1/session")
        found.append((session["scopes"], session["parts"]))
        async with client.post(f"/api/v1/alerts/{ALERT}/acknowledge", json={}, headers=headers) as answer:
            acknowledged = answer.status
    writer.close()

    assert (found, acknowledged) == ([([], []), ([], ["alerts"])], 404)
