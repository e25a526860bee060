"""Wait until a page stands still, and what has jumped on it.

Both need looking.js, and what has jumped is seen only where it is there before the page is.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect
from visits import wait_until

LOOKING = Path(__file__).with_name("looking.js")


def settle(page: Page) -> None:
    """Wait until all is drawn and stands still."""
    page.evaluate("document.fonts.ready")
    expect(page.locator(".stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.locator("[data-testid=stSpinner], [data-testid=stSkeleton]")).to_have_count(0)
    seen = [""]

    def stands_still() -> bool:
        seen.append(page.evaluate("looking.arrangement()"))
        return len(set(seen[-4:])) == 1

    wait_until(stands_still)


def shifts(page: Page, since: float) -> list[str]:
    """Return what has jumped since a moment of the page's clock, not counting what a click may move."""
    found: list[str] = page.evaluate("since => looking.shifts(since)", since)
    return found
