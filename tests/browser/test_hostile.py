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


# Where the first letter of each part stands: letters of a line that nothing turns round come one after the other.
_PLACES = """(element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), found = {};
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        for (let at = 0; at < node.length; at++) {
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + 1);
            const letter = node.data[at];
            if (/[A-Z0-9\\u05d0-\\u05ea]/.test(letter)) found[letter] ??= range.getBoundingClientRect().left;
        }
    }
    return Object.keys(found).sort((one, other) => found[one] - found[other]).join("");
}"""
TURNING = {
    "A\u202eQ": "AQ",
    "A\u2069\u2069\u202eQ": "AQ",
    "A\u05d0\u05d1": "A\u05d1\u05d0",
    "A\u2067Q": "AQ",
    "A\u202b\u2066Q": "AQ",
}


async def test_a_name_does_not_turn_round_what_stands_beside_it(browser: Browser, served: Served) -> None:
    """What is written from right to left, or says that all that follows is, ends where the name or the subject ends."""
    meetings = [Meeting(served.story, f"96300{number}") for number in range(len(TURNING))]
    for meeting, text in zip(meetings, TURNING, strict=True):
        served.story.tell(*meeting.begins(text, {"a": text}), meeting.speak(text, "1B"))
        served.story.tell(meeting.seen("lost", reason=text))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/")
        await expect(look.page.locator(".meetings .row")).to_have_count(len(TURNING))
        seen = [await one.evaluate(_PLACES) for one in await look.page.locator(".row .speaking").all()]
        happened = []
        for meeting in meetings:
            await look.page.goto(f"{served.url}/#/meetings/{meeting.id}")
            # Till then the one before is still there.
            await expect(look.page.locator(".meeting > header .facts").first).to_contain_text(meeting.meeting_id)
            lost = look.page.locator(".happened li span", has_text="Lost sight")
            happened.append(await lost.evaluate(_PLACES))
            assert "meetwire" in await look.page.title()

    assert sorted(seen) == sorted(f"{shown}1B" for shown in TURNING.values())
    assert happened == [f"L{shown}" for shown in TURNING.values()]
