"""Recipe B chosen from the menu and run at full speed: its table beside the curves is the run's own."""

from __future__ import annotations

import re
from typing import Any

from app_server import Server
from playwright.sync_api import Page, expect
from visits import click, wait_for_state

from lrdemo.recipes import RECIPES, run_recipe

(B,) = [recipe for recipe in RECIPES if recipe.name == "B"]


def held(page: Page) -> list[list[str]]:
    return [row.locator("td").all_inner_texts() for row in page.locator(".held tr").all()[1:]]


def test_b_from_the_menu_is_held_against_what_was_published(page: Page, server: Server, digits: Any) -> None:
    page.goto(f"{server.url}/?pace=0")
    wait_for_state(page, "Untrained")
    page.get_by_role("button", name=re.compile("^Recipe")).press("Enter")
    expect(page.get_by_role("menuitem")).to_have_count(len(RECIPES))
    page.get_by_role("menuitem", name=B.label, exact=True).press("Enter")
    expect(page.locator(".recipe summary")).to_have_text("Recipe: compared at 500")
    page.locator(".recipe summary").press("Enter")
    expect(page.locator(".recipe .panel")).to_contain_text(B.shows)
    assert [row[0] for row in held(page)] == ["500", "1,000", "1,500", "2,000", "2,500", "3,000"]
    assert {row[2] for row in held(page)} == {"not yet"}
    click(page, "Start")
    wait_for_state(page, "Finished")
    expect(page.locator(".recipe summary")).to_have_text(re.compile("range at 3,000"))

    for row, point in zip(held(page), run_recipe(B, digits)["points"], strict=True):
        low, high = point["range"]
        assert row[1] == ", ".join(f"{loss:.2f}" for loss in point["published_loss"])
        assert row[2:3] + row[4:5] == [f"{point['loss']:.2f}", f"{point['test_accuracy']:.2f}"]
        assert row[5] == f"{low:g} to {high:g}: {'inside' if point['within'] else 'outside'}"

    page.keyboard.press("Escape")
    page.get_by_role("slider", name="Learning rate").press("ArrowRight")
    expect(page.locator(".recipe")).to_be_hidden()
