"""What a visitor does without a mouse, and where the focus is meanwhile."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Page

MOST_STOPS = 90
FOCUS = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  if (!element || element === document.body) return null;
  // A table is painted, with a mark on the cell that has the focus; what stands in its canvas is there for readers.
  const table = element.parentElement?.closest("canvas");
  element = table ?? element;
  const around = [];
  for (let node = element; node; node = node.parentElement ?? node.getRootNode().host) around.push(node);
  const mark = around.slice(0, 4).find((node) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(node);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && node.clientWidth > 4 && node.clientHeight > 4;
  });
  const { top, bottom, left, right } = (mark ?? element).getBoundingClientRect();
  // What stays in view above the page must not cover it.
  const stays = ".stAppHeader, .st-key-transport, .st-key-frame, [data-testid=stSkipToContent]";
  const lowest = document.querySelector(".st-key-transport") ?? document.querySelector(".stAppHeader");
  const free = element.matches(".stMain") || around.some((node) => node.matches(stays));
  const above = free ? 0 : lowest.getBoundingClientRect().bottom;
  const name = element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.innerText;
  return {
    name: element.matches(".stMain") ? "the page" : name.trim().replace(/\\s+/g, " "), marked: Boolean(mark ?? table),
    seen: top >= above - 1 && bottom <= innerHeight + 1 && left >= 0 && right <= innerWidth,
  };
}"""


@dataclass(frozen=True)
class Stop:
    """What has the focus: its name, whether it is marked, and whether all of it can be seen."""

    name: str
    marked: bool
    seen: bool


def focus(page: Page) -> Stop | None:
    """Return what has the focus, if anything."""
    found = page.evaluate(FOCUS)
    return Stop(**found) if found else None


def tab(page: Page, key: str = "Tab") -> Stop:
    """Go on to what comes next; from the end of the page the browser begins anew."""
    page.keyboard.press(key)
    stop = focus(page)
    return stop if stop is not None else tab(page, key)


def tab_to(page: Page, name: str) -> None:
    """Go on to the next thing whose name matches a pattern, and see on the way that the focus is marked."""
    passed = []
    for _ in range(MOST_STOPS):
        stop = tab(page)
        assert stop.marked, stop
        passed.append(stop.name)
        if re.search(name, stop.name):
            return
    raise AssertionError(f"{name} is not among {passed}")


def press(page: Page, name: str, key: str = "Enter") -> None:
    """Go on to the thing whose name matches a pattern, and press a key there."""
    tab_to(page, name)
    page.keyboard.press(key)
