"""The line to the server: what the page says when it is cut, and that it comes back by itself."""

from __future__ import annotations

import asyncio

from playwright.async_api import Browser, Route, expect

from .chromium import looking
from .serving import Served
from .story import Meeting


async def test_a_cut_line_is_said_and_comes_back(browser: Browser, served: Served) -> None:
    """While the server is away the page says so everywhere; when it is back it shows what happened meanwhile."""
    meeting, later = Meeting(served.story, "963001"), Meeting(served.story, "963002")
    served.story.tell(*meeting.begins("Morning", {"a": "Anna"}))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/")
        await expect(look.page.locator(".state")).to_have_text("live")
        await served.stop()
        await expect(look.page.get_by_role("alert")).to_contain_text("Disconnected")
        await expect(look.page.locator(".state")).to_have_text("disconnected")
        assert (await look.page.title()).startswith("Disconnected")
        assert await look.page.locator("link[rel=icon]").get_attribute("href") == "/page/icon-lost.svg"
        served.story.tell(*later.begins("Meanwhile", {"b": "Bo"}))
        await served.start()
        await expect(look.page.locator(".state")).to_have_text("live")
        await expect(look.page.locator(".meetings .row")).to_have_count(2)
        await expect(look.page.locator(".banner")).to_be_hidden()
        assert await look.page.title() == "Meetings on now · meetwire"


async def test_a_meeting_that_was_open_comes_back_too(browser: Browser, served: Served) -> None:
    """What was said while the line was cut is there when it is back."""
    meeting = Meeting(served.story, "963003")
    served.story.tell(*meeting.begins("Morning", {"a": "Anna"}), meeting.says("a", "before", line="1"))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go(f"/#/meetings/{meeting.id}")
        await expect(look.page.get_by_role("log")).to_contain_text("before")
        await served.stop()
        await expect(look.page.locator(".state")).to_have_text("disconnected")
        served.story.tell(meeting.says("a", "meanwhile", line="2"))
        await served.start()
        await expect(look.page.get_by_role("log")).to_contain_text("meanwhile")
        served.story.tell(meeting.says("a", "after", line="3"))
        await expect(look.page.get_by_role("log")).to_contain_text("after")


async def test_it_says_how_far_behind_it_is(browser: Browser, served: Served) -> None:
    """A page that shows what is old says how old it is, and that it has only just begun to read."""
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/")
        await expect(look.page.locator(".state")).to_have_text("live")
        async with served.behind(12.0):
            await expect(look.page.locator(".state")).to_have_text("live 12 s behind")
        async with served.behind(95.0):
            await expect(look.page.get_by_role("alert")).to_contain_text("What you see is 1 min old")
            await expect(look.page.locator(".state")).to_have_text("behind")
        async with served.behind(None):
            await expect(look.page.get_by_role("alert")).to_contain_text("still reading what came before")
        await expect(look.page.locator(".banner")).to_be_hidden()
        await expect(look.page.locator(".state")).to_have_text("live")


async def test_who_may_no_more_sees_the_login(browser: Browser, served: Served) -> None:
    """An open page whose stream is ended since its user is no user any more shows the login, and nothing else.

    The server looks every half a minute whether readers still may; here it ends all streams at once.
    """
    served.story.tell(*Meeting(served.story, "963004").begins("Secret subject", {"a": "Anna"}))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/")
        await expect(look.page.get_by_text("Secret subject")).to_be_visible()
        await asyncio.to_thread(served.dismiss_all)
        await served.stop()
        await served.start()
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("Log in")
        await expect(look.page.get_by_text("Secret subject")).to_have_count(0)


async def test_the_list_is_asked_for_until_it_comes(browser: Browser, served: Served) -> None:
    """Where the list cannot be had though the line stays open, the page asks again by itself, and needs no new line."""
    served.story.tell(*Meeting(served.story, "963005").begins("Morning", {"a": "Anna"}))
    failed: list[str] = []
    opened: list[str] = []

    async def fail_twice(route: Route) -> None:
        if len(failed) == 2:
            await route.continue_()
        else:
            failed.append(route.request.url)
            await route.fulfill(status=503, json={"error": "unavailable", "message": ""})

    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.page.route("**/api/v1/meetings", fail_twice)
        look.page.on(
            "request", lambda request: opened.append(request.url) if request.url.endswith("/api/v1/live") else None
        )
        await look.go("/#/")
        await expect(look.page.locator(".meetings .row")).to_have_count(1)

    assert (len(failed), len(opened)) == (2, 1)


async def test_a_meeting_that_is_over_cuts_no_line(browser: Browser, served: Served) -> None:
    """Who opens an old address is told so, and not that the server is away; if it is on again, it shows."""
    meeting = Meeting(served.story, "963006")
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go(f"/#/meetings/{meeting.id}")
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("This meeting is over, or there was none.")
        await expect(look.page.locator(".state")).to_have_text("live")
        assert await look.page.locator("link[rel=icon]").get_attribute("href") == "/page/icon.svg"
        served.story.tell(*meeting.begins("Again", {"a": "Anna"}))
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("Again")


async def test_the_tab_tells_of_trouble_wherever_one_begins(browser: Browser, served: Served) -> None:
    """Also where nothing changes any more, and others have looked before."""
    meeting = Meeting(served.story, "963007")
    served.story.tell(*meeting.begins("Budget", {"a": "Anna"}), meeting.alert())
    async with (
        looking(browser, served.url, cookies=served.cookies) as other,
        looking(browser, served.url, cookies=served.cookies) as look,
    ):
        await other.go("/#/")
        await expect(other.page).to_have_title("(1) Meetings on now · meetwire")
        await look.go(f"/#/meetings/{meeting.id}")
        await expect(look.page).to_have_title("(1) Budget · meetwire")


_HIDE = """Object.defineProperty(Document.prototype, "hidden", { get: () => window.away ?? true });"""
_SHOW = """(away) => { window.away = away; document.dispatchEvent(new Event("visibilitychange")); }"""


async def test_tabs_in_the_background_hold_no_line(browser: Browser, served: Served) -> None:
    """A browser has six to a server: more meetings than that lie beside each other, and who looks at one sees it live.

    Tests' windows are never in the background: here each says that it is.
    """
    meetings = [Meeting(served.story, f"96301{number}") for number in range(8)]
    for number, meeting in enumerate(meetings):
        served.story.tell(*meeting.begins(f"Meeting {number}", {"a": "Anna"}))
    served.story.tell(meetings[0].alert())
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.context.add_init_script(_HIDE)
        pages = [await look.context.new_page() for _ in meetings]
        for page, meeting in zip(pages, meetings, strict=True):
            await page.goto(f"{served.url}/#/meetings/{meeting.id}")
        for number, page in enumerate(pages):
            await expect(page).to_have_title(f"(1) Meeting {number} · meetwire")
        last = pages[-1]
        await last.evaluate(_SHOW, False)
        served.story.tell(meetings[-1].says("a", "now", line="1"))
        await expect(last.get_by_role("log")).to_contain_text("now")
        await last.evaluate(_SHOW, True)
        served.story.tell(meetings[-1].says("a", "meanwhile", line="2"))
        await last.evaluate(_SHOW, False)
        await expect(last.get_by_role("log")).to_contain_text("meanwhile")


async def test_what_was_missed_between_is_not_passed_over(browser: Browser, served: Served) -> None:
    """Where more was said than the server keeps, what was said before does not stand as if the rest followed it."""
    meeting = Meeting(served.story, "963008")
    served.story.tell(*meeting.begins("Morning", {"a": "Anna"}), meeting.says("a", "before", line="before"))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go(f"/#/meetings/{meeting.id}")
        log = look.page.get_by_role("log")
        await expect(log).to_contain_text("before")
        await served.stop()
        await expect(look.page.locator(".state")).to_have_text("disconnected")
        served.story.tell(*(meeting.says("a", f"sentence {number}", line=f"{number}") for number in range(230)))
        await served.start()
        await expect(log).to_contain_text("sentence 229")
        await expect(log).not_to_contain_text("before")
        await expect(log.locator("> div")).to_have_count(200)
