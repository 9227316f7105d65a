"""Going from view to view faster than the server answers, and while it does not answer at all."""

from __future__ import annotations

import asyncio

from playwright.async_api import Browser, Route, expect

from .chromium import looking
from .serving import Served
from .story import Meeting


async def test_what_comes_after_one_has_left_shows_nowhere(browser: Browser, served: Served) -> None:
    """The answer to what was looked at before changes neither the page nor the tab's title."""
    slow, other = Meeting(served.story, "967001"), Meeting(served.story, "967002")
    served.story.tell(*slow.begins("Slow", {"a": "Anna"}), *other.begins("Other", {"b": "Bo"}))
    asked, released = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        asked.set()
        await released.wait()
        await route.fulfill(response=answer)

    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.page.route(f"**/api/v1/meetings/{slow.id}", late)
        await look.go("/#/")
        await look.page.get_by_role("link", name="Slow").click()
        await asked.wait()
        await look.page.go_back()
        await expect(look.page.locator(".meetings .row")).to_have_count(2)
        released.set()
        # What is told four times a second comes after that answer.
        served.story.tell(slow.speak("Anna"), other.speak("Bo"))
        await expect(look.page.locator(".meetings .row").filter(has_text="Other")).to_contain_text("Bo")
        await expect(look.page.locator(".meetings .row")).to_have_count(2)
        assert await look.page.title() == "Meetings on now · meetwire"
        await look.page.get_by_role("link", name="Other").click()
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("Other")


async def test_a_view_that_could_not_be_had_comes_by_itself(browser: Browser, served: Served) -> None:
    """Once the line is back; and not where one has gone elsewhere meanwhile."""
    meeting, other = Meeting(served.story, "967003"), Meeting(served.story, "967004")
    served.story.tell(*meeting.begins("Budget", {"a": "Anna"}), *other.begins("Other", {"b": "Bo"}))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/")
        await look.page.get_by_role("link", name="Other").click()
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("Other")
        await look.page.go_back()
        await expect(look.page.locator(".meetings .row")).to_have_count(2)
        await served.stop()
        await expect(look.page.locator(".state")).to_have_text("disconnected")
        await look.page.get_by_role("link", name="Budget").click()
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("The server does not answer.")
        await served.start()
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("Budget")
        await look.page.go_back()
        await served.stop()
        await expect(look.page.locator(".state")).to_have_text("disconnected")
        await look.page.get_by_role("link", name="Budget").click()
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("The server does not answer.")
        await look.page.go_back()
        await served.start()
        await expect(look.page.locator(".state")).to_have_text("live")
        served.story.tell(meeting.speak("Anna"))
        await expect(look.page.locator(".meetings .row").filter(has_text="Budget")).to_contain_text("Anna")
        await expect(look.page.locator(".persons")).to_have_count(0)


async def test_a_view_whose_files_did_not_come_comes_too(browser: Browser, served: Served) -> None:
    """A browser remembers of a module that it could not be had: the page begins anew, at the same address."""
    meeting = Meeting(served.story, "967005")
    served.story.tell(*meeting.begins("Budget", {"a": "Anna"}))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/")
        await expect(look.page.locator(".meetings .row")).to_have_count(1)
        await served.stop()
        await expect(look.page.locator(".state")).to_have_text("disconnected")
        await look.page.get_by_role("link", name="Budget").click()
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("The server does not answer.")
        await served.start()
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("Budget")
        await expect(look.page).to_have_url(f"{served.url}/#/meetings/{meeting.id}")


async def test_a_file_that_fails_once_holds_up_nobody(browser: Browser, served: Served) -> None:
    """While the server is there the page begins anew at once, and shows what was asked for."""
    meeting = Meeting(served.story, "967006")
    served.story.tell(*meeting.begins("Budget", {"a": "Anna"}))
    asked: list[str] = []

    async def fail_once(route: Route) -> None:
        asked.append(route.request.url)
        await (route.abort() if len(asked) == 1 else route.continue_())

    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.page.route("**/page/meeting.js", fail_once)
        await look.go("/#/")
        await expect(look.page.locator(".state")).to_have_text("live")
        await look.page.get_by_role("link", name="Budget").click()
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("Budget")

    assert len(asked) == 2


async def test_an_address_that_is_none_leads_to_the_list(browser: Browser, served: Served) -> None:
    """Whatever somebody made of it."""
    async with looking(browser, served.url, cookies=served.cookies) as look:
        for path in ("/#/toString", "/#/nowhere/%E0%A4%A", "/#//"):
            await look.go(path)
            await expect(look.page.get_by_text("No meeting is on.")).to_be_visible()
        await look.go("/#/meetings/%E0%A4%A")
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("This meeting is over, or there was none.")
