"""The dashboard's page in Chromium: a caption's way to the eye, and the first paint with 5,000 meetings.

A caption frame is handed to a socket by a cloud, in another process; the receiver, in its own, has it on disk; the
dashboard, in this one, reads it there; and it counts as on the page once the frame of the screen that shows it was
drawn. A frame's createTime is in whole milliseconds: what is measured may be one more than it was.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

import structlog
from playwright.async_api import Request, expect

from tests.browser.chromium import Look, chromium, looking
from tests.browser.serving import Server, serving
from tests.browser.story import Meeting, Story

from .listening import pair
from .parts import folder
from .table import Row

MEETINGS: Final = 20
RATE: Final = 400
SECONDS: Final = 40
# What comes before is not counted: whoever shows something for the first time is slow.
_WARM: Final = 20

CROWD: Final = 5_000
PEOPLE: Final = 20
_LOADS: Final = 5

# A new sentence is a new element; a message to oneself comes after the frame was drawn.
_WATCH: Final = """() => {
    window.took = [];
    const log = document.querySelector("[role=log]");
    new MutationObserver((changes) => {
        for (const { addedNodes } of changes) for (const node of addedNodes) {
            const at = Date.parse(node.querySelector?.("time")?.dateTime);
            if (Number.isNaN(at)) continue;
            requestAnimationFrame(() => {
                const channel = new MessageChannel();
                channel.port1.onmessage = () => window.took.push(Date.now() - at);
                channel.port2.postMessage(0);
            });
        }
    }).observe(log, { childList: true });
}"""
_PAINTED: Final = """() => ({
    first: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    bytes: performance.getEntries()
        .filter(({ name }) => !name.includes("/api/"))
        .reduce((all, { transferSize = 0 }) => all + transferSize, 0),
})"""


async def measure() -> list[Row]:
    """Return the rows."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    return [await _spoken(), *await _crowded()]


async def _spoken() -> Row:
    with pair(meetings=MEETINGS) as both:
        await asyncio.to_thread(both.opened, MEETINGS)
        async with _served(both.log) as served, _looking(served) as look:
            await look.go("/#/")
            await look.page.locator(".meetings .row a").first.click()
            await expect(look.page.get_by_role("heading", name="Captions")).to_be_visible()
            await look.page.evaluate(_WATCH)
            await asyncio.to_thread(both.cloud.do, f"pour {RATE} {SECONDS}")
            took: list[float] = (await look.page.evaluate("window.took"))[_WARM:]
    cuts = quantiles(took, n=100)
    said = f"p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, {len(took):,} captions"
    return Row(f"caption frame sent → text on the page, {RATE} frames/s in {MEETINGS} meetings", said, "p99 < 300 ms")


async def _crowded() -> list[Row]:
    with folder() as place:
        await asyncio.to_thread(_fill, place)
        async with _served(place / "log") as served, _looking(served) as look:
            loads = [await _load(look, served) for _ in range(_LOADS)]
    first, listed = max(one["first"] for one in loads), max(one["listed"] for one in loads)
    requests, weight = max(one["requests"] for one in loads), max(one["bytes"] for one in loads) / 1_024
    what = f"{CROWD:,} meetings, {CROWD * PEOPLE:,} people, the slowest of {_LOADS}"
    return [
        Row(f"first paint; {what}", f"{first:.0f} ms", "< 2 s"),
        Row(f"the whole list is there; {what}", f"{listed:.0f} ms", ""),
        Row("the page: files as they come (gzip), requests", f"{weight:.0f} KiB, {requests}", "≤ 150 KiB, ≤ 15"),
    ]


async def _load(look: Look, served: Server) -> dict[str, Any]:
    """Load the page as a browser does that has nothing of it, and return what it says of that."""
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    inspector = await look.context.new_cdp_session(look.page)
    await inspector.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await look.page.goto("about:blank")
    look.page.on("request", note)
    await look.page.goto(f"{served.url}/#/")
    await expect(look.page.get_by_text(f"{CROWD:,} meetings", exact=True)).to_be_visible()
    listed = await look.page.evaluate("performance.now()")
    look.page.remove_listener("request", note)
    painted: dict[str, Any] = await look.page.evaluate(_PAINTED)
    return {**painted, "listed": listed, "requests": len(asked)}


def _fill(place: Path) -> None:
    story = Story(place / "log")
    for start in range(0, CROWD, 100):
        meetings = [Meeting(story, f"{970_000_000 + number}") for number in range(start, start + 100)]
        story.tell(
            *(
                record
                for number, meeting in enumerate(meetings, start)
                for record in meeting.begins(f"Meeting {number}", {f"p{one}": f"Person {one}" for one in range(PEOPLE)})
            ),
            *(meeting.measured("p1", loss=0.001 * (place % 50)) for place, meeting in enumerate(meetings)),
        )
    story.close()


@asynccontextmanager
async def _served(log: Path) -> AsyncIterator[Server]:
    with folder() as place:
        async with serving(place, log, kind=Server) as served:
            yield served


@asynccontextmanager
async def _looking(served: Server) -> AsyncIterator[Look]:
    async with chromium() as browser, looking(browser, served.url, cookies=served.cookies) as look:
        look.context.set_default_timeout(60_000)
        yield look
