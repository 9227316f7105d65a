"""axe-core, put into a page: what of it a person with a screen reader, or without a mouse, would stumble over."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page

SCRIPT: Final = Path(__file__).parents[2] / ".parts" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
_GRAVE: Final = ("serious", "critical")


async def stumbles(page: Page) -> list[str]:
    """Return what axe finds serious or critical: the rule, and the first element that breaks it."""
    # Through the inspector, which the page's policy does not bind.
    inspector = await page.context.new_cdp_session(page)
    await inspector.send("Runtime.evaluate", {"expression": SCRIPT.read_text("utf-8")})
    found: dict[str, Any] = await inspector.send(
        "Runtime.evaluate",
        {
            "expression": "axe.run(document, {resultTypes: ['violations']}).then((all) => all.violations)",
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    await inspector.detach()
    violations: list[dict[str, Any]] = found["result"]["value"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in violations if one["impact"] in _GRAVE]
