"""Names, subjects and captions that would like to be more than text."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from .chromium import looking
from .serving import Served
from .story import Meeting

_STRANGE = """document.querySelectorAll(
    "img, iframe, object, script:not([src]), main [onload], main [onerror], a[href^='javascript']"
).length"""
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(2)</script>",
    '"><svg onload=alert(3)>',
    "javascript:alert(4)",
    "{{constructor.constructor('alert(5)')()}}",
    "</template><iframe srcdoc='<script>alert(6)</script>'>",
    "‮gnp.exe ﷽ \x00\x07 ￿",
    "a" * 5_000,
]


async def test_whatever_it_holds_it_is_text(browser: Browser, served: Served) -> None:
    """It stands on the page as it was said, makes no element, runs nothing, and breaks no layout."""
    meetings = [Meeting(served.story, f"96200{number}") for number in range(len(HOSTILE))]
    for meeting, text in zip(meetings, HOSTILE, strict=True):
        served.story.tell(
            *meeting.begins(text, {text[:40]: text}),
            meeting.says(text[:40], text, line=text[:20], english=text),
            meeting.speak(text),
            meeting.seen("lost", reason=text[:200]),
        )
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/")
        await expect(look.page.locator(".meetings .row")).to_have_count(len(HOSTILE))
        assert {*await look.rows()} == {*HOSTILE}
        assert await look.page.evaluate(_STRANGE) == 0
        for meeting, text in zip(meetings, HOSTILE, strict=True):
            await look.page.goto(f"{served.url}/#/meetings/{meeting.id}")
            await expect(look.page.locator(".persons .row")).to_have_attribute("data-key", text[:40])
            assert await look.page.get_by_role("log").locator("p").first.text_content() == text
            await look.page.locator(".persons .row button").click()
            await expect(look.page.get_by_role("dialog")).to_be_visible()
            assert await look.page.evaluate(_STRANGE) == 0
            assert await look.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
