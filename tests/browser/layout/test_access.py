"""Can everyone read it? axe-core on every page, light and dark, wide and narrow, and what it does not look at."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from app_server import Server
from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from visits import DEEP, click, draw, wait_for_state, wait_until, walk

WIDE, NARROW = (1366, 768), (390, 844)
STREAMLITS_OWN = {
    # In its list of pages the name of a section and a line stand between the items, and these in boxes.
    "list": "[data-testid=stSidebarNavItems]",
    "listitem": "[data-testid=stSidebarNavItems] li",
}
FINDINGS = """async (excepted) => {
  const { violations } = await axe.run({ resultTypes: ["violations"], elementRef: true });
  const grave = ({ id, impact }) => ["serious", "critical"].includes(impact) || /heading/.test(id);
  return violations.filter(grave).flatMap(({ id, nodes }) =>
    nodes.filter(({ element }) => !(id in excepted && element.matches(excepted[id])))
      .map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}"""
SAID = f"""() => {{ {DEEP}
  window.said = [];
  for (const region of deep().filter((one) => one.matches("output, [role=status], [role=alert], [aria-live]"))) {{
    new MutationObserver(() => region.getAttribute("aria-live") !== "off" && window.said.push(region.textContent))
      .observe(region, {{ childList: true, characterData: true, subtree: true }});
  }}
}}"""


def findings(page: Page, *looks: tuple[str, tuple[int, int]]) -> list[str]:
    """Return what axe finds serious or critical, and headings out of order, as the page looks each time."""
    found = []
    # Where the pointer rests since the last click, a tooltip may be about to open.
    page.mouse.move(0, 0)
    expect(page.get_by_test_id("stTooltipContent")).to_have_count(0)
    for scheme, (width, height) in looks:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(f"getComputedStyle(document.querySelector('.stApp')).colorScheme === '{scheme}'")
        # Colours that are still on their way from the other scheme are nobody's choice.
        page.wait_for_function("!document.getAnimations().some((one) => one instanceof CSSTransition)")
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        found += [f"{page.title()}, {scheme}, {width}: {one}" for one in page.evaluate(FINDINGS, STREAMLITS_OWN)]
    return found


def trained(page: Page, server: Server) -> None:
    """Open the first page and train a short run to its end."""
    page.goto(f"{server.url}/?iterations=100&pace=0")
    wait_for_state(page, "Untrained")
    click(page, "Start")
    wait_for_state(page, "Finished")


def open_draw(page: Page) -> None:
    draw(page, [(70, 60), (205, 58), (120, 230)])
    expect(page.locator(".words")).to_have_text(re.compile(": an? [0-9], with"))
    page.get_by_role("tab", name="Teach it my handwriting").click()
    page.get_by_role("radiogroup", name="My drawing is a").get_by_text("7").click()
    page.get_by_role("button", name="Add for teaching").click()
    expect(page.get_by_role("button", name="Delete")).to_be_visible()
    page.locator(".bars .touchable").nth(8).click()
    expect(page.locator(".why h2")).to_have_text(re.compile("not 8|for 8|Why 8"))


def open_race(page: Page) -> None:
    click(page, "Start race")
    expect(page.locator(".of-race .state")).to_have_text("Finished")


def open_what_breaks_it(page: Page) -> None:
    page.get_by_role("slider", name="Turn").press("PageUp")
    expect(page.locator(".reason")).not_to_have_text(re.compile("^Move a slider"))


def open_mistakes(page: Page) -> None:
    page.locator(".confusion .correct button").first.click()
    expect(page.locator(".found h2")).to_contain_text("The zeros it reads")


def open_one_step(page: Page) -> None:
    click(page, "Take the step")
    expect(page.get_by_role("button", name="Next minibatch")).to_be_enabled()


OPENED: dict[str, Callable[[Page], None]] = {
    "draw.py": open_draw, "race.py": open_race, "what_breaks_it.py": open_what_breaks_it,
    "one_step.py": open_one_step, "mistakes.py": open_mistakes,
}  # fmt: skip


def test_axe_finds_nothing_on_any_page_as_it_opens(page: Page) -> None:
    wait_for_state(page, "Untrained")
    assert [one for _ in walk(page) for one in findings(page, ("light", WIDE))] == []


def test_axe_finds_nothing_on_any_page_after_a_run_with_all_of_it_open(page: Page, server: Server) -> None:
    trained(page, server)
    found = []
    for place in walk(page):
        OPENED.get(place.file, lambda _: None)(page)
        closed = page.locator("details:not([open]) > summary").filter(visible=True)
        while closed.count():
            closed.first.click()
        found += findings(page, ("light", NARROW), ("dark", WIDE))
    assert found == []


def test_axe_finds_nothing_in_what_opens_above_the_page(page: Page) -> None:
    wait_for_state(page, "Untrained")
    found = []
    for name in ("Step", "More", "Recipe: good (A): 90\u00a0%", "Lesson"):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator("[role=dialog], [role=menu]")).to_be_visible()
        found += findings(page, ("dark", WIDE), ("light", WIDE))
        page.keyboard.press("Escape")
        expect(page.locator("[role=dialog], [role=menu]")).to_have_count(0)
    assert found == []


def test_a_screen_reader_is_told_little_while_it_trains(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?iterations=300")
    wait_for_state(page, "Untrained")
    page.evaluate(SAID)
    click(page, "Start")
    wait_for_state(page, "Finished")
    said = page.evaluate("window.said")
    assert {"Training", "Finished"} <= {*said} and len(said) <= 8, said


def test_the_words_of_a_chart_can_be_read_on_white(browser: Browser, server: Server) -> None:
    # Enlarged, so that a letter has pixels of its own colour alone.
    context = browser.new_context(viewport={"width": 1366, "height": 768}, device_scale_factor=4, color_scheme="light")
    page = context.new_page()
    page.goto(f"{server.url}/the_answer")
    chart = page.locator(".st-key-softmax_chart svg").last
    chart.scroll_into_view_if_needed()

    def legible() -> bool:
        seen = Image.open(io.BytesIO(chart.screenshot())).convert("L")
        name_of_the_axis = seen.crop((0, round(seen.height * 0.85), seen.width, seen.height))
        # 4.5:1 on white.
        return int(name_of_the_axis.getextrema()[0]) <= 118

    wait_until(legible)
    context.close()
