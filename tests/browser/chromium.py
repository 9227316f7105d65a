"""Chromium, as the tests start it: Debian's, which asks nobody anything but this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from typing import Any, Final, Literal

from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
DESKTOP: Final = (1280, 820)
PHONE: Final = (360, 740)

# Of the page, not of the machine: that one may be busy with other tests.
expect.set_options(timeout=60_000)

# Rows stand where they are put, not where they come in the document.
_ROWS: Final = """() => [...document.querySelectorAll(".meetings .row")]
    .toSorted((one, other) => one.ariaRowIndex - other.ariaRowIndex)
    .map((row) => row.querySelector("a").textContent)"""

Scheme = Literal["light", "dark"]


def executable() -> str:
    """Return where Chromium lies. requirements/tools.sh installs it."""
    found = os.environ.get("MEETWIRE_TEST_CHROMIUM") or shutil.which("chromium")
    if found is None:
        raise RuntimeError("the tests need Chromium: run requirements/tools.sh, or set MEETWIRE_TEST_CHROMIUM")
    return found


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Give one browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


class Look:
    """One person's window, and what went wrong in it."""

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self.context, self.page, self.url = context, page, url
        self.complaints: list[str] = []
        page.on("console", lambda message: self._said(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))

    def _said(self, kind: str, text: str) -> None:
        # The browser itself notes each answer that is not 200, and each line that is cut.
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
            self.complaints.append(text)

    async def go(self, path: str) -> None:
        """Open an address anew."""
        await self.page.goto("about:blank")
        await self.page.goto(self.url + path)

    async def rows(self) -> list[str]:
        """Return the names of the meetings in sight, from above."""
        found: list[str] = await self.page.evaluate(f"({_ROWS})()")
        return found

    async def shows(self, *names: str) -> None:
        """Return once these are the meetings in sight, from above."""
        condition = f"(wanted) => JSON.stringify(({_ROWS})()) === JSON.stringify(wanted)"
        await self.page.wait_for_function(condition, arg=list(names))


@contextlib.asynccontextmanager
async def looking(
    browser: Browser,
    url: str,
    *,
    language: str = "en-GB",
    scheme: Scheme = "light",
    size: tuple[int, int] = DESKTOP,
    cookies: list[Any] | None = None,
) -> AsyncIterator[Look]:
    """Give a window of its own: nobody else's cookies, words or colours. Fails where the page complained."""
    context = await browser.new_context(
        locale=language,
        color_scheme=scheme,
        viewport={"width": size[0], "height": size[1]},
        reduced_motion="reduce",
    )
    context.set_default_timeout(60_000)
    if cookies:
        await context.add_cookies(cookies)
    try:
        look = Look(context, await context.new_page(), url)
        yield look
        assert look.complaints == []
    finally:
        await context.close()
