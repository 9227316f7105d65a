"""The archive: search, read in context, hand out."""

from __future__ import annotations

import zipfile
from pathlib import Path

from playwright.async_api import Browser, expect

from .chromium import looking
from .desks import Whole


async def test_what_was_said_is_found_and_read_in_its_context(browser: Browser, whole: Whole) -> None:
    """A search shows what fits with what was said around it, marked; it leads to the sentence in its meeting."""
    async with looking(browser, whole.url, cookies=whole.cookies) as look:
        await look.go("/#/")
        await look.page.get_by_role("link", name="Archive").click()
        await expect(look.page.get_by_text("1 meeting is kept")).to_be_visible()
        await look.page.get_by_label("Words").fill("预算")
        await look.page.keyboard.press("Enter")
        await expect(look.page.locator(".hit mark")).to_have_text("预算")
        await expect(look.page).to_have_url(f"{whole.url}/#/archive?words=%E9%A2%84%E7%AE%97")
        await look.page.get_by_role("link", name="Read in context").click()
        sentences = look.page.locator(".transcript .sentence")
        await expect(sentences).to_have_count(5)
        await expect(look.page.locator(".transcript .is-hit")).to_contain_text("预算还没有批准")
        await look.page.get_by_role("link", name="Back to the archive").click()
        await expect(look.page.get_by_label("Words")).to_have_value("预算")
        await expect(look.page.locator(".hit")).to_have_count(1)


async def test_nothing_is_said_to_be_nothing(browser: Browser, whole: Whole) -> None:
    """What fits nothing, and what is not kept, is said in a sentence."""
    async with looking(browser, whole.url, cookies=whole.cookies) as look:
        await look.go("/#/archive?words=nowhere")
        await expect(look.page.get_by_text("Nothing fits.")).to_be_visible()
        await look.go(f"/#/archive/{'0' * len(whole.archived)}")
        await expect(look.page.get_by_role("heading", level=1)).to_have_text(
            "This meeting is not kept, or its words were erased."
        )


async def test_what_cannot_be_read_is_said_above_what_is_found(browser: Browser, whole: Whole, tmp_path: Path) -> None:
    """Nothing that fits is another thing where something could not be searched; put back, it is found."""
    (cues,) = (tmp_path / "archive").rglob("captions.jsonl")
    aside = cues.rename(tmp_path / "aside")
    async with looking(browser, whole.url, cookies=whole.cookies) as look:
        await look.go("/#/archive?words=预算")
        await expect(look.page.get_by_text("Nothing fits.")).to_be_visible()
        await expect(look.page.get_by_role("alert")).to_contain_text("1 kept meeting cannot be read")
        await look.go("/#/archive")
        await expect(look.page.get_by_text("No meeting is kept that fits.")).to_be_visible()
        await expect(look.page.get_by_role("alert")).to_contain_text("1 kept meeting cannot be read")
        aside.rename(cues)
        await look.go("/#/archive?words=预算")
        await expect(look.page.locator(".hit")).to_have_count(1)
        await expect(look.page.get_by_role("alert")).to_be_hidden()
        await expect(look.page.get_by_role("link", name="Export")).to_be_hidden()


async def test_a_meeting_is_handed_out(browser: Browser, whole: Whole) -> None:
    """Export downloads the package of the meeting that is read."""
    async with looking(browser, whole.url, cookies=whole.cookies) as look:
        await look.go(f"/#/archive/{whole.archived}")
        async with look.page.expect_download() as coming:
            await look.page.get_by_role("link", name="Export").click()
        download = await coming.value
        assert download.suggested_filename.endswith(".zip")
        with zipfile.ZipFile(await download.path()) as package:
            assert package.testzip() is None
            assert any(name.endswith("captions.jsonl") for name in package.namelist())
