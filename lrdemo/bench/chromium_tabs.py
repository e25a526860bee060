"""A few tabs of a real Chromium that join the simulated class, by clicking in the page.

Latency is taken inside the page, from the click until the read-out of the run shows its effect. Needs Playwright.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import time
from typing import Any

from lrdemo.bench.browsing import Problems
from lrdemo.bench.student import QUERY
from lrdemo.errors import LrdemoError

LOST_MILLISECONDS = 5000
OPEN_MILLISECONDS = 60_000
PAUSE_SECONDS = 1.5

# The live views lie in shadow roots; the read-out is the only section in one of them.
_PAGE = """
window.lrdemoStrip = () => {
  for (const host of document.querySelectorAll("*")) {
    const found = host.shadowRoot?.querySelector("section.strip") ?? (host.matches("section.strip") ? host : null);
    if (found) return found;
  }
  return null;
};
window.lrdemoPress = (button, state, limit) => new Promise((done) => {
  const began = performance.now();
  const shown = () => {
    if (window.lrdemoStrip()?.dataset.state !== state) return;
    watcher.disconnect();
    done(performance.now() - began);
  };
  const watcher = new MutationObserver(shown);
  watcher.observe(window.lrdemoStrip(), { attributes: true });
  setTimeout(() => { watcher.disconnect(); done(null); }, limit);
  button.click();
});
"""


class ChromiumTabs:
    """Open tabs, press Start, Pause and Resume in turn while the class goes on, and collect what was seen."""

    def __init__(self, base: str, problems: Problems) -> None:
        self.latencies: list[float] = []
        """Milliseconds from click to effect."""
        self.lost: list[str] = []
        self.refresh: list[float] = []
        """Frames per second of each tab while its run trained."""
        self._base, self._problems = base, problems

    async def follow(self, tabs: int, seconds: float) -> None:
        """Click through `tabs` tabs for so many seconds."""
        from playwright.async_api import Error, async_playwright

        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
                args=["--no-sandbox", "--disable-dev-shm-usage"],
            )
            try:
                pages = [await self._open(browser) for _ in range(tabs)]
                end = time.perf_counter() + seconds
                await asyncio.gather(*(self._use(page, end, place / tabs) for place, page in enumerate(pages)))
            except Error as error:
                self._problems.add(f"Chromium: {error.message.splitlines()[0]}")
            finally:
                await browser.close()

    async def _open(self, browser: Any) -> Any:
        page = await browser.new_page()
        page.on("pageerror", lambda error: self._problems.add(f"Chromium: {error}"))
        await page.goto(f"{self._base}/?{QUERY}", timeout=OPEN_MILLISECONDS)
        await page.get_by_role("button", name="Start").wait_for(timeout=OPEN_MILLISECONDS)
        await page.evaluate(f"() => {{{_PAGE}}}")
        await page.wait_for_function("window.lrdemoStrip()?.dataset.state === 'ready'", timeout=OPEN_MILLISECONDS)
        return page

    async def _use(self, page: Any, end: float, share: float) -> None:
        await asyncio.sleep(share * PAUSE_SECONDS)
        await self._press(page, "Start", "running")
        frames, training = 0, 0.0
        while time.perf_counter() < end:
            first, began = await page.evaluate("[window.lrdemoLink.frames, performance.now()]")
            await asyncio.sleep(PAUSE_SECONDS)
            last, ended = await page.evaluate("[window.lrdemoLink.frames, performance.now()]")
            frames, training = frames + last - first, training + (ended - began) / 1000
            if await self._press(page, "Pause", "paused"):
                await self._press(page, "Resume", "running")
        if training:
            self.refresh.append(frames / training)

    async def _press(self, page: Any, name: str, state: str) -> bool:
        button = page.get_by_role("button", name=name)
        try:
            await button.wait_for(timeout=LOST_MILLISECONDS)
            took = await button.evaluate(
                f"(button) => window.lrdemoPress(button, {state!r}, {LOST_MILLISECONDS})", timeout=2 * LOST_MILLISECONDS
            )
        except Exception as error:  # Playwright's own errors, which can only be named where it is installed.
            self.lost.append(f"Chromium: {name} ({type(error).__name__})")
            return False
        if took is None:
            self.lost.append(f"Chromium: {name}")
            return False
        self.latencies.append(took)
        return True


def check_chromium() -> None:
    """Raise LrdemoError with what to do when Playwright or Chromium is not there."""
    if importlib.util.find_spec("playwright") is None:
        raise LrdemoError("--chromium needs Playwright: pip install playwright")
    if not (os.environ.get("CHROMIUM") or shutil.which("chromium")):
        raise LrdemoError("--chromium needs Chromium: install it, or name its program in the variable CHROMIUM.")
