"""The first link, logging in and out."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from ..consumers.dashboard.serving import PASSWORD
from .chromium import looking
from .serving import ADMIN, Served
from .story import Meeting


async def test_the_first_link_makes_the_first_administrator(browser: Browser, untouched: Served) -> None:
    """Who opens the printed link chooses a name and a password, is in, and the link is of no use any more."""
    link = untouched.first_link
    async with looking(browser, untouched.url) as look:
        await look.go(link)
        await expect(look.page.get_by_role("heading", name="Welcome")).to_be_visible()
        await look.page.get_by_label("Name").fill("anna")
        await look.page.get_by_label("Password", exact=True).fill("a sentence of her own")
        await look.page.get_by_label("The password again").fill("another sentence")
        await look.page.get_by_role("button", name="Begin").click()
        await expect(look.page.get_by_role("alert").filter(has_text="differ")).to_be_visible()
        await look.page.get_by_label("The password again").fill("a sentence of her own")
        await look.page.get_by_role("button", name="Begin").click()
        await expect(look.page.locator("form[role=search]")).to_be_visible()
        await expect(look.page).to_have_url(f"{untouched.url}/")
    async with looking(browser, untouched.url) as look:
        await look.go(link)
        await look.page.get_by_label("Name").fill("bo")
        for label in ("Password", "The password again"):
            await look.page.get_by_label(label, exact=True).fill("a sentence of his own")
        await look.page.get_by_role("button", name="Begin").click()
        await expect(look.page.get_by_text("This link was used already")).to_be_visible()


async def test_logging_in_leads_to_where_one_wanted(browser: Browser, served: Served) -> None:
    """An address is kept over the login; a wrong password says no more than that it is wrong."""
    meeting = Meeting(served.story, "964001")
    served.story.tell(*meeting.begins("Budget", {"a": "Anna"}))
    async with looking(browser, served.url) as look:
        await look.go(f"/#/meetings/{meeting.id}")
        await look.page.get_by_label("Name").fill(ADMIN)
        await look.page.get_by_label("Password").fill("something else")
        await look.page.get_by_role("button", name="Log in").click()
        await expect(look.page.get_by_text("Name or password is wrong.")).to_be_visible()
        await look.page.get_by_label("Password").fill(PASSWORD)
        await look.page.keyboard.press("Enter")
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("Budget")


async def test_logging_out_leaves_nothing(browser: Browser, served: Served) -> None:
    """After it neither the page nor its back button shows anything."""
    meeting = Meeting(served.story, "964002")
    served.story.tell(*meeting.begins("Secret subject", {"a": "Anna"}))
    async with looking(browser, served.url) as look:
        await look.go("/#/")
        await look.page.get_by_label("Name").fill(ADMIN)
        await look.page.get_by_label("Password").fill(PASSWORD)
        await look.page.keyboard.press("Enter")
        await look.page.get_by_role("link", name="Secret subject").click()
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("Secret subject")
        await look.page.get_by_role("button", name="Log out").click()
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("Log in")
        await look.page.go_back()
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("Log in")
        await expect(look.page.get_by_text("Secret subject")).to_have_count(0)
        assert await look.page.title() == "meetwire"
