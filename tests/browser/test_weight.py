"""What a browser fetches until the page is there."""

from __future__ import annotations

from playwright.async_api import Browser, Request, expect

from .chromium import looking
from .serving import Served
from .story import Meeting


async def test_the_page_is_there_after_few_requests(browser: Browser, served: Served) -> None:
    """The overview needs 15 requests at most and 150 KiB at most, unpacked, and all of it comes from the server.

    With an alert that stands, so that the icon that says so is among them.
    """
    meeting = Meeting(served.story, "966001")
    served.story.tell(*meeting.begins("Budget", {"a": "Anna"}), meeting.alert())
    asked: list[Request] = []
    async with looking(browser, served.url, cookies=served.cookies) as look:
        look.page.on("request", lambda request: asked.append(request))
        await look.page.goto(f"{served.url}/#/")
        await expect(look.page.locator(".meetings .row").first).to_be_visible()
        await expect(look.page).to_have_title("(1) Meetings on now · meetwire")
        assert all(request.url.startswith(f"{served.url}/") for request in asked)
        assert 10 < len(asked) <= 15, "\n".join(request.url for request in asked)
        files = [request for request in asked if "/api/" not in request.url]
        answers = [await request.response() for request in files]
        assert sum([len(await answer.body()) for answer in answers if answer is not None]) <= 150 * 1024


async def test_the_policy_is_strict(browser: Browser, served: Served) -> None:
    """What somebody would put into the page does not run: no inline script, no other host, no string as markup."""
    async with looking(browser, served.url, cookies=served.cookies) as look:
        answer = await look.page.goto(f"{served.url}/")
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        tried = await look.page.evaluate(
            """() => {
                const done = [];
                const script = document.createElement("script");
                try { script.textContent = "ran = true"; document.head.append(script); } catch { done.push("text"); }
                try { document.body.innerHTML = "<b>x</b>"; } catch { done.push("markup"); }
                return [...done, !window.ran];
            }"""
        )
        assert tried == ["text", "markup", True]
        assert look.complaints
        look.complaints.clear()
