"""Can everyone read it? axe-core on every page: light and dark, wide and narrow, as it opens and with all of it open."""

from __future__ import annotations

from collections.abc import Iterator

from app_server import Server
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page
from visits import wait_for_state, walk

WIDE, NARROW = (1366, 768), (390, 844)
STREAMLITS_OWN = {
    # In its list of pages a section's name and a line stand between the items, and the items of sections in boxes.
    "list": "[data-testid=stSidebarNavItems]",
    "listitem": "[data-testid=stSidebarNavItems] li",
}
FINDINGS = """async (excepted) => {
  const { violations } = await axe.run({ resultTypes: ["violations"], elementRef: true });
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical").flatMap(({ id, nodes }) =>
    nodes.filter(({ element }) => !(id in excepted && element.matches(excepted[id])))
      .map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}"""


def findings(page: Page, scheme: str, size: tuple[int, int]) -> Iterator[str]:
    """Yield what axe finds to be serious or critical."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_function("scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme === scheme", arg=scheme)
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    import time
    t = time.time()
    for finding in page.evaluate(FINDINGS, STREAMLITS_OWN):
        yield f"{page.title()}, {scheme}, {size[0]}: {finding}"
    print(page.title(), scheme, size, round(time.time()-t, 2))


def test_axe_finds_nothing_serious_on_any_page_as_it_opens(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?iterations=100&pace=0")
    wait_for_state(page, "Untrained")
    found = [finding for _ in walk(page) for finding in (*findings(page, "light", WIDE), *findings(page, "dark", NARROW))]
    assert found == []
