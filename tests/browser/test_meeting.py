"""One meeting, in full."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

from playwright.async_api import Browser, Route, expect

from .chromium import looking
from .serving import Served
from .story import Meeting, now

PEOPLE = {"a": "Anna Kowalska", "b": "王芳", "c": "Cy"}


async def test_its_people_are_there_the_worst_first(browser: Browser, served: Served) -> None:
    """Names, roles, and how each is connected in each direction."""
    meeting = Meeting(served.story, "961001")
    served.story.tell(
        *meeting.begins("Budget", PEOPLE), meeting.measured("b", loss=0.6), meeting.measured("a", loss=0.0)
    )
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go(f"/#/meetings/{meeting.id}")
        rows = look.page.locator(".persons .row")
        await expect(rows).to_have_count(3)
        await expect(rows.filter(has_text="王芳").locator(".quality")).to_have_text(["broken", "good"])
        await expect(rows.filter(has_text="Anna Kowalska")).to_contain_text("host")
        assert await rows.first.get_attribute("data-key") == "b"
        served.story.tell(meeting.speak("Anna Kowalska"), meeting.leaves("c"))
        await expect(rows.filter(has_text="Cy")).to_have_count(0)


async def test_a_person_in_full_has_an_address(browser: Browser, served: Served) -> None:
    """A person's figures open by the keyboard, stand in the address, and close by Escape to where one was."""
    meeting = Meeting(served.story, "961002")
    past = [meeting.measured("b", loss=0.02 * back, at=now() - timedelta(minutes=back)) for back in range(9, 0, -1)]
    served.story.tell(*meeting.begins("Budget", PEOPLE), *past, meeting.measured("b", loss=0.3))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go(f"/#/meetings/{meeting.id}")
        await look.page.get_by_role("button", name="王芳").focus()
        await look.page.keyboard.press("Enter")
        dialog = look.page.get_by_role("dialog")
        await expect(dialog.get_by_role("row").filter(has_text="Audio, sends")).to_contain_text("30%")
        await expect(dialog.get_by_role("img")).to_have_count(3)
        await expect(look.page).to_have_url(f"{served.url}/#/meetings/{meeting.id}?person=b")
        await look.page.reload()
        await expect(dialog).to_contain_text("王芳")
        await look.page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await expect(look.page).to_have_url(f"{served.url}/#/meetings/{meeting.id}")


async def test_captions_come_as_they_are_spoken(browser: Browser, served: Served) -> None:
    """An interim text is replaced in its place by what it becomes, in each language."""
    meeting = Meeting(served.story, "961003")
    served.story.tell(*meeting.begins("Budget", PEOPLE), meeting.says("a", "大家好", line="1", english="Hello"))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go(f"/#/meetings/{meeting.id}")
        log = look.page.get_by_role("log")
        await expect(log).to_contain_text("Hello")
        served.story.tell(meeting.says("b", "我们", line="2", final=False, english="We"))
        await expect(log.locator("> div")).to_have_count(2)
        await expect(log.locator(".is-interim")).to_contain_text("我们")
        served.story.tell(meeting.says("b", "我们开始", line="2", english="We begin"))
        await expect(log.locator("> div").last).to_contain_text("We begin")
        await expect(log.locator("> div")).to_have_count(2)
        await expect(log.locator(".is-interim")).to_have_count(0)
        await look.page.locator(".captions select").select_option("English")
        await expect(log).not_to_contain_text("我们开始")
        await expect(log).to_contain_text("We begin")


async def test_a_late_answer_takes_nothing_back(browser: Browser, served: Served) -> None:
    """What the stream brought while an older answer was on its way stays; what the answer has goes before it."""
    meeting = Meeting(served.story, "961007")
    served.story.tell(*meeting.begins("Budget", PEOPLE), meeting.says("a", "before", line="1"))
    answered, released = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        answered.set()
        await released.wait()
        await route.fulfill(response=answer)

    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.page.route(f"**/api/v1/meetings/{meeting.id}", late)
        await look.go(f"/#/meetings/{meeting.id}")
        await answered.wait()
        served.story.tell(meeting.says("b", "meanwhile", line="2"), meeting.speak("王芳"), meeting.alert())
        # The stream tells in order: the count of alerts comes after the caption.
        await expect(look.page).to_have_title(re.compile(r"^\(1\) "))
        released.set()
        await expect(look.page.get_by_role("log").locator("> div")).to_contain_text(["before", "meanwhile"])
        await expect(look.page.locator(".is-speaking")).to_have_count(1)


async def test_who_reads_back_is_not_pulled_away(browser: Browser, served: Served) -> None:
    """While somebody reads earlier captions these stay in sight, and a button tells of new ones."""
    meeting = Meeting(served.story, "961004")
    said = [meeting.says("a", f"第 {number} 句", line=str(number)) for number in range(30)]
    served.story.tell(*meeting.begins("Budget", PEOPLE), *said)
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go(f"/#/meetings/{meeting.id}")
        log = look.page.get_by_role("log")
        await expect(log.get_by_text("第 29 句")).to_be_in_viewport()
        await log.evaluate("(list) => { list.scrollTop = 0; }")
        served.story.tell(meeting.says("a", "最新", line="new"))
        newest = look.page.get_by_role("button", name="1 new")
        await expect(newest).to_be_visible()
        await expect(log.get_by_text("第 0 句")).to_be_in_viewport()
        await newest.click()
        await expect(log).to_be_focused()
        await expect(log.get_by_text("最新")).to_be_in_viewport()


async def test_what_was_not_seen_is_said(browser: Browser, served: Served) -> None:
    """A lost subscription is told of at once, and its span stays when it is over."""
    meeting = Meeting(served.story, "961005")
    served.story.tell(*meeting.begins("Budget", PEOPLE))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go(f"/#/meetings/{meeting.id}")
        await expect(look.page.get_by_text("Everything was seen.")).to_be_visible()
        since = now() - timedelta(seconds=95)
        served.story.tell(meeting.seen("lost", reason="heartbeat_missed", unseen_since=since))
        await expect(look.page.get_by_text("We do not hear from this meeting now")).to_be_visible()
        meeting.epoch += 1
        served.story.tell(meeting.seen("opened", unseen_since=since))
        await expect(look.page.get_by_text("We do not hear from this meeting now")).to_be_hidden()
        await expect(look.page.locator(".spans li")).to_contain_text("no answer any more")
        await expect(look.page.locator(".happened")).to_contain_text("Lost sight: no answer any more")


async def test_captions_are_for_those_who_may(browser: Browser, served: Served) -> None:
    """A viewer sees the meeting, and is told that captions are not his to see."""
    meeting = Meeting(served.story, "961006")
    served.story.tell(*meeting.begins("Budget", PEOPLE), meeting.says("a", "confidential", line="1"))
    async with looking(browser, served.url, cookies=served.viewer) as look:
        await look.go(f"/#/meetings/{meeting.id}")
        await expect(look.page.get_by_text("Your role does not see captions.")).to_be_visible()
        served.story.tell(meeting.says("a", "confidential too", line="2"), meeting.speak("王芳"))
        await expect(look.page.locator(".is-speaking")).to_have_count(1)
        await expect(look.page.get_by_text("confidential")).to_have_count(0)
        await expect(look.page.get_by_role("link", name="Archive")).to_be_hidden()


async def test_a_meeting_that_is_gone_is_said_to_be(browser: Browser, served: Served) -> None:
    """An old address says so, and leads back."""
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go(f"/#/meetings/{'0' * 32}")
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("This meeting is over, or there was none.")
        await look.page.get_by_role("link", name="All meetings").click()
        await expect(look.page.locator("form[role=search]")).to_be_visible()
