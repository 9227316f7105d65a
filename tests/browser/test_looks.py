"""How each page looks: in both languages and themes, on a phone, and to a screen reader. Screenshots are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page, expect

from .chromium import DESKTOP, PHONE, Scheme, looking
from .desks import Whole
from .scene import hours, play
from .serving import Served
from .stumbling import stumbles

SCREENSHOTS: Final = Path(__file__).parents[2] / ".parts" / "screenshots"
PAGES: Final = {
    "login": "/#/",
    "overview": "/#/",
    "meeting": "/#/meetings/{meeting}",
    "person": "/#/meetings/{meeting}?person=p3",
    "alerts": "/#/alerts",
    "archive": "/#/archive?words=预算",
    "transcript": "/#/archive/{archived}?cue=2&words=预算",
}
_THERE: Final = {
    "login": "input[name=password]",
    "overview": ".meetings .row:nth-child(5)",
    "meeting": ".persons .row:nth-child(5)",
    "person": "dialog .chart .line",
    "alerts": ".alert.is-critical",
    "archive": ".hit",
    "transcript": ".transcript .sentence",
}
LANGUAGES: Final = ("en-GB", "zh-CN")
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")


async def _shown(page: Page, name: str, *marks: str) -> None:
    await expect(page.locator(_THERE[name]).first).to_be_visible()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{'-'.join((name, *marks))}.png")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_nobody_stumbles_over_any_page(browser: Browser, whole: Whole, language: str, scheme: Scheme) -> None:
    """axe finds nothing serious on any page, and each is in the language that the browser asks for."""
    meeting = play(whole.story)
    await whole.decide()
    whole.past(hours)
    async with looking(browser, whole.url, language=language, scheme=scheme) as look:
        for name, path in PAGES.items():
            await look.context.add_cookies(whole.cookies if name != "login" else [])
            if name == "overview":
                await look.page.reload()
            await look.page.goto(whole.url + path.format(meeting=meeting.id, archived=whole.archived))
            await _shown(look.page, name, language[:2], scheme)
            # Words go with the language, contrast with the theme: two of the four have each of them.
            if (language, scheme) in (("en-GB", "light"), ("zh-CN", "dark")):
                assert (name, await stumbles(look.page)) == (name, [])
        assert await look.page.locator("html").get_attribute("lang") == language


async def test_a_phone_shows_every_page(browser: Browser, whole: Whole) -> None:
    """At a phone's width nothing lies beyond the edge, what is pressed is large enough, and axe finds nothing."""
    meeting = play(whole.story)
    await whole.decide()
    whole.past(hours)
    async with looking(browser, whole.url, size=PHONE) as look:
        for name, path in PAGES.items():
            await look.context.add_cookies(whole.cookies if name != "login" else [])
            if name == "overview":
                await look.page.reload()
            await look.page.goto(whole.url + path.format(meeting=meeting.id, archived=whole.archived))
            await _shown(look.page, name, "phone")
            assert (name, await look.page.evaluate("document.documentElement.scrollWidth")) == (name, PHONE[0])
            small = await look.page.evaluate(
                """() => [...document.querySelectorAll("button:not(.link), .button, select, input:not([type])")]
                    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 24)
                    .map((one) => one.outerHTML)"""
            )
            assert (name, small) == (name, [])
            beyond = await look.page.evaluate(
                """() => [...document.querySelectorAll("main :is(input, select, button, a)")]
                    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth - 11)
                    .map((one) => one.outerHTML)"""
            )
            assert (name, beyond) == (name, [])
            assert (name, await stumbles(look.page)) == (name, [])


async def test_language_and_colours_are_chosen_and_kept(browser: Browser, served: Served) -> None:
    """The switches work at once, and hold after a reload."""
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/")
        await expect(look.page.get_by_text("No meeting is on.")).to_be_visible()
        await look.page.get_by_role("button", name="中文").click()
        await expect(look.page.get_by_text("当前没有会议。")).to_be_visible()
        await look.page.get_by_role("button", name="配色").click()
        await look.page.get_by_role("button", name="配色").click()
        await expect(look.page.locator("html")).to_have_attribute("data-theme", "dark")
        await look.page.reload()
        await expect(look.page.get_by_text("当前没有会议。")).to_be_visible()
        assert await look.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
        assert await look.page.locator("html").get_attribute("lang") == "zh-CN"


async def test_the_tab_tells_of_trouble(browser: Browser, served: Served) -> None:
    """How many alerts stand is in the tab's title, and its icon has a mark; when it is over, it is gone."""
    meeting = play(served.story)
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/")
        await expect(look.page).to_have_title("(1) Meetings on now · meetwire")
        assert await look.page.locator("link[rel=icon]").get_attribute("href") == "/page/icon-trouble.svg"
        served.story.tell(meeting.alert("resolved"))
        await expect(look.page).to_have_title("Meetings on now · meetwire")
        assert await look.page.locator("link[rel=icon]").get_attribute("href") == "/page/icon.svg"


async def test_the_keyboard_alone_suffices(browser: Browser, served: Served) -> None:
    """From the address bar to a person's figures and back, without a mouse."""
    meeting = play(served.story)
    async with looking(browser, served.url, cookies=served.cookies, size=DESKTOP) as look:
        await look.go("/#/")
        await expect(look.page.locator(".meetings .row").first).to_be_visible()
        await look.page.keyboard.press("Tab")
        await expect(look.page.locator(".skip")).to_be_focused()
        await look.page.keyboard.press("Enter")
        for _ in range(8):
            await look.page.keyboard.press("Tab")
            if await look.page.locator(".meetings .row a:focus").count():
                break
        await expect(look.page.locator(".meetings .row a:focus")).to_have_count(1)
        await look.page.keyboard.press("Home")
        await look.page.keyboard.press("Enter")
        await expect(look.page.get_by_role("heading", level=1)).to_be_focused()
        await expect(look.page).to_have_url(f"{served.url}/#/meetings/{meeting.id}")
