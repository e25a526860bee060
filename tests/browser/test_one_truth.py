"""One truth: whatever a visitor does, every number on the page is the core's for the iteration that is said."""

from __future__ import annotations

import random

from app_server import Server
from playwright.sync_api import Page
from truth import check
from truth.acts import BEGIN, Acts
from truth.places import PAGES
from truth.visit import Visit

from lrdemo.data import Digits

SEED, MOMENTS = 1, 50
NEW_VISIT, ANOTHER_PAGE = 0.06, 0.4
"""How often the next thing is a new visit at a page's own address, or the way to another page; else it is an act."""


def test_at_fifty_random_moments_every_number_is_the_cores(page: Page, server: Server, digits: Digits) -> None:
    visit = Visit(page, server.url, digits)
    try:
        walk(visit, SEED, MOMENTS)
    except Exception as error:
        error.add_note(f"The visitor has done: {', '.join(visit.done)}.")
        raise


def test_looking_back_every_page_is_the_core_s_for_the_iteration_that_is_looked_at(
    page: Page, server: Server, digits: Digits
) -> None:
    visit = Visit(page, server.url, digits)
    acts = Acts(visit, random.Random(SEED))
    visit.open("Train", BEGIN)
    for act in (acts.step, acts.change_rate, acts.step, acts.step):
        act()
        check.page(visit)
    visit.back = visit.iteration // 2
    page.get_by_role("slider", name="Look back at iteration").evaluate(
        "(handle, to) => { handle.value = to; handle.dispatchEvent(new Event('input')); }", visit.back
    )
    check.page(visit)
    for title in PAGES:
        if title not in ("Train", "Race", "6 One step"):
            visit.go(title)
            check.page(visit)
    page.get_by_role("button", name="Back to now").click()
    visit.back = None
    visit.go("Train")
    check.page(visit)


def walk(visit: Visit, seed: int, moments: int) -> None:
    """Do one thing after the other by chance, and check all numbers after each."""
    chance = random.Random(seed)
    acts = Acts(visit, chance)
    visit.open("Train", BEGIN)
    for _ in range(moments):
        kind = chance.random()
        if kind < NEW_VISIT:
            title = chance.choice(list(PAGES))
            visit.done.append(f"open {title}")
            visit.open(title, BEGIN)
        elif kind < NEW_VISIT + ANOTHER_PAGE:
            title = chance.choice([title for title in PAGES if title != visit.title])
            visit.done.append(f"go to {title}")
            visit.go(title)
        else:
            act = chance.choice(acts.possible())
            visit.done.append(act.__name__)
            act()
        check.page(visit)
