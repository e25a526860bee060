"""The chapters as a reader meets them: no longer than six screens, the picture in view beside each of its steps."""

from __future__ import annotations

import re
from typing import Any

import pytest
from app_server import Server
from looking import settle
from playwright.sync_api import Browser, Page, expect
from test_screens import SIZES, go_to, main_button, visitor

from lrdemo.ui.navigation import APPENDIX, CHAPTERS

SCREENS = 6
SHARE = 0.55
SCENES = """() => [...document.querySelectorAll('[class*="st-key-scene_"]')].map((scene) => {
  const [picture, words] = scene.querySelectorAll(":scope > * > .stHorizontalBlock > .stColumn");
  const name = scene.className.match(/st-key-scene_(\\w+)/)[1];
  const steps = [...words.querySelectorAll('[class*="st-key-step_"]')];
  const inside = picture.firstElementChild.getBoundingClientRect();
  return {
    name, steps: steps.map((step) => step.className.match(/st-key-step_(\\w+)/)[1]),
    width: picture.getBoundingClientRect().width, all: scene.getBoundingClientRect().width,
    above: inside.bottom <= words.getBoundingClientRect().top + 1,
  };
})"""
READ = """([name, place]) => {
  const step = document.querySelector(`.st-key-step_${name}`);
  const main = document.querySelector(".stMain");
  main.scrollTo({ top: 0, behavior: "instant" });
  const bars = [".st-key-transport", "header"].map((found) => document.querySelector(found)).filter(Boolean);
  const line = bars[0].getBoundingClientRect().bottom;
  const box = (element) => element.getBoundingClientRect();
  const words = [...step.children];
  const picture = step.closest('[class*="st-key-scene_"]').querySelector(".stColumn").firstElementChild;
  const top = {
    high: box(words[0]).top - line - 8, low: box(words.at(-1)).bottom - window.innerHeight + 8,
    picture: box(picture).top - line - 8,
  }[place];
  main.scrollTo({ top, behavior: "instant" });
  const ends = (first, last) => [box(first).top, box(last).bottom];
  return { line, picture: ends(picture, picture), words: ends(words[0], words.at(-1)) };
}"""
"""Scroll until a step stands high or low on the screen, or its picture high; return where both are then."""


def scenes(page: Page) -> list[dict[str, Any]]:
    """Return the page's scenes, from top to bottom."""
    found: list[dict[str, Any]] = page.evaluate(SCENES)
    return found


def trained(page: Page) -> None:
    """Train the visitor's run, which is on its first page."""
    main_button(page, "^Start").click()
    main_button(page, "again")


@pytest.mark.parametrize("size", ["laptop", "projector"])
def test_the_picture_is_the_larger_part_and_in_view_with_each_step(browser: Browser, server: Server, size: str) -> None:
    found = []
    with visitor(browser, server, "wide" if size == "projector" else size, "?iterations=60&pace=0") as page:
        trained(page)
        if size == "projector":
            page.keyboard.press("f")
        for place in (*CHAPTERS, *APPENDIX):
            go_to(page, place)
            high = page.evaluate("window.innerHeight")
            length = page.evaluate("document.querySelector('.stMain').scrollHeight") / high
            if size == "laptop" and length > SCREENS:
                found.append(f"{place.title}: {length:.2f} screens")
            if place in APPENDIX:
                continue
            for scene in scenes(page):
                if scene["width"] < SHARE * scene["all"]:
                    found.append(f"{scene['name']}: {scene['width'] / scene['all']:.1%} of the width")
                for name in scene["steps"]:
                    places = [page.evaluate(READ, [name, at]) for at in ("high", "low", "picture")]
                    if not any(
                        min(*seen["picture"], *seen["words"]) >= seen["line"] - 1
                        and max(*seen["picture"], *seen["words"]) <= high + 1
                        for seen in places
                    ):
                        found.append(f"{name}: {places}")
    assert not found, "\n".join(found)


def test_on_a_phone_the_picture_stands_above_its_words_and_nothing_goes_sideways(
    browser: Browser, server: Server
) -> None:
    found = []
    with visitor(browser, server, "phone", "?iterations=60&pace=0") as page:
        trained(page)
        for place in CHAPTERS:
            go_to(page, place)
            found += [scene["name"] for scene in scenes(page) if not scene["above"]]
            if page.evaluate("document.querySelector('.stMain').scrollWidth") > SIZES["phone"][0]:
                found.append(f"{place.title} goes sideways")
    assert found == []


def test_the_step_that_is_read_lights_up_its_part_of_the_picture(browser: Browser, server: Server) -> None:
    with visitor(browser, server, "laptop", "scores?iterations=60&pace=0") as page:
        trained(page)
        settle(page)
        figure = page.locator("figure.machine")
        for step, lit in (("template", "W"), ("product", "xW"), ("score", "Wz")):
            page.evaluate(READ, [step, "high"])
            for part in "xWzpL":
                marked = re.compile(rf"\blit-{part}\b")
                if part in lit:
                    expect(figure).to_have_class(marked)
                else:
                    expect(figure).not_to_have_class(marked)


@pytest.mark.parametrize("size", ["tablet", "phone"])
def test_on_a_narrow_screen_the_picture_goes_before_its_words_come(browser: Browser, server: Server, size: str) -> None:
    with visitor(browser, server, size, "scores?iterations=60&pace=0") as page:
        trained(page)
        settle(page)
        for scene in scenes(page):
            for step in scene["steps"]:
                seen = page.evaluate(READ, [step, "high"])
                assert seen["picture"][1] <= seen["words"][0], step
