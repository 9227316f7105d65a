"""The list of all meetings: what a person does there."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from .chromium import looking
from .serving import Served
from .story import Meeting


async def test_the_worst_stands_first_and_says_why(browser: Browser, served: Served) -> None:
    """Who opens the page sees at once which meeting is worst, in words as well as in colours."""
    good, bad = Meeting(served.story, "960001"), Meeting(served.story, "960002")
    served.story.tell(*good.begins("Board", {"a": "Anna"}), good.measured("a", loss=0.0))
    served.story.tell(
        *bad.begins("Budget", {"b": "Bo", "c": "Cy"}), bad.measured("b", loss=0.6), bad.measured("c", loss=0.0)
    )
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/")
        await expect(look.page.locator(".meetings .row")).to_have_count(2)
        await look.shows("Budget", "Board")
        await expect(look.page.locator(".meetings .row").first).to_contain_text("broken")


async def test_what_happens_is_seen_without_reload(browser: Browser, served: Served) -> None:
    """A meeting that begins, somebody who speaks, a meeting that ends: each shows by itself."""
    first, second = Meeting(served.story, "960003"), Meeting(served.story, "960004")
    served.story.tell(*first.begins("Morning", {"a": "Anna"}))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/")
        rows = look.page.locator(".meetings .row")
        await expect(rows).to_have_count(1)
        served.story.tell(first.speak("Anna Kowalska"))
        await expect(rows.first).to_contain_text("Anna Kowalska")
        served.story.tell(*second.begins("Later", {"b": "Bo"}))
        await expect(rows).to_have_count(2)
        served.story.tell(second.ends())
        await expect(rows.filter(has_text="Later")).to_contain_text("over")
        await expect(look.page.locator('[data-slot="meetings"] .figure')).to_have_text("1")


async def test_a_search_stays_in_the_address(browser: Browser, served: Served) -> None:
    """What was looked for is there again after a reload, and can be sent to somebody."""
    for number, subject in enumerate(("季度预算评审", "Weekly budget", "Board")):
        served.story.tell(*Meeting(served.story, f"96001{number}").begins(subject, {"a": "Anna"}))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/")
        await expect(look.page.locator(".meetings .row")).to_have_count(3)
        await look.page.keyboard.press("/")
        await look.page.keyboard.type("BUDGET")
        await expect(look.page.locator(".meetings .row")).to_have_count(1)
        await look.page.locator("select[name=order]").select_option("name")
        await expect(look.page).to_have_url(f"{served.url}/#/?query=BUDGET&order=name")
        await look.page.reload()
        await expect(look.page.locator(".meetings .row")).to_have_count(1)
        await look.shows("Weekly budget")
        await look.page.locator("input[name=query]").fill("预算")
        await expect(look.page.locator(".meetings .row a")).to_have_text(["季度预算评审"])
        await look.page.locator("input[name=query]").fill("nowhere")
        await expect(look.page.get_by_text("No meeting that is on fits.")).to_be_visible()


async def test_only_those_in_trouble(browser: Browser, served: Served) -> None:
    """The choice "in trouble" leaves those with somebody who is badly connected."""
    good, bad = Meeting(served.story, "960021"), Meeting(served.story, "960022", enterprise="globex")
    served.story.tell(*good.begins("Good", {"a": "Anna"}), good.measured("a", loss=0.0))
    served.story.tell(*bad.begins("Bad", {"b": "Bo"}), bad.measured("b", loss=0.3))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/?state=bad")
        await expect(look.page.locator(".meetings .row a")).to_have_text(["Bad"])
        await look.page.locator("select[name=state]").select_option("all")
        await look.page.locator("select[name=enterprise]").select_option("acme")
        await expect(look.page.locator(".meetings .row a")).to_have_text(["Good"])
        await look.page.go_back()
        await look.page.go_back()
        await expect(look.page.locator(".meetings .row a")).to_have_text(["Bad"])


async def test_no_row_moves_under_a_hand(browser: Browser, served: Served) -> None:
    """While the pointer is in the list its order stays, and a button puts it right."""
    one, other = Meeting(served.story, "960031"), Meeting(served.story, "960032")
    served.story.tell(*one.begins("One", {"a": "Anna"}), one.measured("a", loss=0.05))
    served.story.tell(*other.begins("Other", {"b": "Bo"}), other.measured("b", loss=0.0))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/")
        await look.shows("One", "Other")
        await look.page.locator(".meetings .row").first.hover()
        served.story.tell(other.measured("b", loss=0.6))
        await expect(look.page.locator(".meetings .row").filter(has_text="Other")).to_contain_text("broken")
        again = look.page.get_by_role("button", name="Put in order again")
        await expect(again).to_be_visible()
        assert await look.rows() == ["One", "Other"]
        await again.click()
        await expect(look.page.get_by_role("heading", level=1)).to_be_focused()
        await look.shows("Other", "One")


async def test_three_thousand_meetings(browser: Browser, served: Served) -> None:
    """With three thousand meetings a few dozen rows are elements, the keyboard reaches all, and back is back."""
    for start in range(0, 3_000, 500):
        records = [
            record
            for number in range(start, start + 500)
            for record in Meeting(served.story, f"{970_000_000 + number}").begins(f"Meeting {number:04}", {"a": "Anna"})
        ]
        served.story.tell(*records)
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/?order=name")
        await expect(look.page.get_by_text("3,000 meetings", exact=True)).to_be_visible()
        rows = look.page.locator(".meetings .row")
        assert await rows.count() < 50
        await rows.first.locator("a").focus()
        await look.page.keyboard.press("End")
        await expect(look.page.locator(".meetings .row a:focus")).to_have_text("Meeting 2999")
        assert await rows.count() < 50
        await look.page.keyboard.press("ArrowUp")
        await look.page.keyboard.press("Enter")
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("Meeting 2998")
        await look.page.get_by_role("link", name="All meetings").click()
        await expect(look.page.get_by_role("link", name="Meeting 2998")).to_be_in_viewport()
        await expect(look.page).to_have_url(f"{served.url}/#/?order=name")
