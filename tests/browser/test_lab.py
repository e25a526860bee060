"""The lab as a visitor uses it: train, watch, draw, in a real browser against a real server."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest
from app_server import Server
from playwright.sync_api import Browser, Page, expect
from visits import accuracy, click, draw, iteration, open_page, shade, state_of, wait_for_state, wait_until

from lrdemo.ui.navigation import PLACES, Place, following


def test_training_passes_88_percent_and_stands_still_when_paused(page: Page) -> None:
    wait_for_state(page, "Untrained")
    expect(page.locator(".strip .score")).to_have_text("not trained yet")
    click(page, "Start")
    wait_for_state(page, "Training")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.wait_for_function("window.lrdemoLink.last.testAccuracy > 0.88")
    click(page, "Pause")
    wait_for_state(page, "Paused")
    stood = iteration(page)
    click(page, "Step 10")
    page.wait_for_function(f"window.lrdemoLink.last.iteration === {stood + 10}")
    click(page, "Resume")
    wait_for_state(page, "Finished")
    assert 90.0 <= accuracy(page) <= 90.6
    assert "92.5\N{NO-BREAK SPACE}%" in page.locator(".strip .note").inner_text()
    expect(page.get_by_role("button", name="Start again")).to_be_visible()


def test_the_learning_rate_moves_during_a_run(page: Page) -> None:
    wait_for_state(page, "Untrained")
    click(page, "Start")
    page.wait_for_function("window.lrdemoLink.last.iteration > 20")
    page.get_by_role("slider", name="Learning rate").press("ArrowRight")
    page.wait_for_function("Math.abs(window.lrdemoLink.last.learningRate - 0.12) < 1e-9")
    assert state_of(page) == "Training"
    expect(page).to_have_url(re.compile(r"changes=\d+%3A0.12"))


def test_training_goes_on_while_pages_are_switched_and_a_drawn_one_is_read(page: Page) -> None:
    wait_for_state(page, "Untrained")
    page.get_by_role("slider", name=re.compile("^Iterations")).press("End")
    page.wait_for_function("window.lrdemoLink.last.iterations === 30000")
    click(page, "Start")
    page.wait_for_function("window.lrdemoLink.last.iteration > 150")
    before = iteration(page)
    open_page(page, "Draw")
    draw(page, [(140, 50), (138, 150), (136, 230)])
    expect(page.locator(".words")).to_have_text(re.compile(r": a 1, with"))
    page.wait_for_function("!window.lrdemoLink.last.pen")
    assert iteration(page) > before
    open_page(page, "Inside")
    expect(page.locator(".view.inside .tile")).to_have_count(10)
    open_page(page, "Draw")
    expect(page.locator(".words")).to_have_text(re.compile(r": a 1, with"))
    # The drawing itself is back on the canvas, too.
    wait_until(lambda: shade(page, (138, 140)) == 0 and shade(page, (60, 140)) == 255)
    click(page, "Clear")
    expect(page.locator(".words")).to_have_text("Draw a digit.")
    click(page, "Pause")
    wait_for_state(page, "Paused")


def test_reload_gives_a_fresh_run_with_the_settings_of_the_address(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?learning_rate=0.5&iterations=937&seed=3")
    page.wait_for_function("window.lrdemoLink?.last?.iterations === 937")
    click(page, "Start")
    page.wait_for_function("window.lrdemoLink.last.iteration > 10")
    page.reload()
    wait_for_state(page, "Untrained")
    assert page.evaluate("window.lrdemoLink.last.learningRate") == 0.5


def test_a_bad_address_is_explained_and_the_default_used(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/?learning_rate=banana&device=tpu")
    expect(page.get_by_text("“banana” is not a number from 0.0001 to 10")).to_be_visible()
    expect(page.get_by_text("“tpu” is not one of cpu, cuda, mps")).to_be_visible()
    wait_for_state(page, "Untrained")


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.file)
def test_every_page_opens_by_its_own_address_whole(page: Page, server: Server, place: Place) -> None:
    page.goto(f"{server.url}/{'' if place is PLACES[0] else place.file.removesuffix('.py')}")
    expect(page.get_by_role("link", name=f"Next: {following(place).heading}")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text([place.heading])
    expect(page).to_have_title(f"{place.title} · lrdemo")
    expect(page.locator(".st-key-transport")).to_have_count(0 if place.transport is None else 1)
    expect(page.locator('button[kind="primary"]')).to_have_count(0 if place.transport is None else 1)
    if place.transport:
        line = page.locator(".st-key-transport").bounding_box()
        assert line is not None and line["height"] <= 56
        page.mouse.wheel(0, 5000)
        wait_until(lambda: page.locator(".st-key-transport").bounding_box() == line)
    expect(page.get_by_test_id("stTopNav").get_by_role("link", name="Train", exact=True)).to_be_visible()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


def test_a_closed_tab_stops_its_run(browser: Browser, server: Server) -> None:
    context = browser.new_context()
    page = context.new_page()
    # Minutes of work, so that it cannot simply have come to its end.
    page.goto(f"{server.url}/?model=mlp&gradient=autograd&iterations=30000&pace=0")
    wait_for_state(page, "Untrained")
    click(page, "Start")
    page.wait_for_function("window.lrdemoLink.last.iteration > 100")
    context.close()
    readings = [1e9]

    def rests() -> bool:
        readings.append(sum(map(_processor_seconds, server.worker_pids())))
        return len(readings) > 20 and readings[-1] - readings[-20] < 0.05

    wait_until(rests)


def test_the_map_of_images_shows_the_one_that_is_picked(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/the_data")
    atlas = page.locator("canvas[role=application]")
    atlas.press("Enter", timeout=60_000)
    expect(page.locator(".picked span")).to_have_text(re.compile(r"digit \d, image \d+"))
    ink = "canvas => canvas.getContext('2d').getImageData(0, 0, 28, 28).data.filter((one) => one < 100).length"
    assert page.locator(".picked canvas").evaluate(ink) > 30


def test_the_same_seed_gives_the_same_picture(page: Page, server: Server) -> None:
    found = []
    for _ in range(2):
        page.goto(f"{server.url}/?pace=0&iterations=200")
        wait_for_state(page, "Untrained")
        click(page, "Start")
        wait_for_state(page, "Finished")
        found.append(page.evaluate("[window.lrdemoLink.last.testLoss, ...window.lrdemoLink.last.templates]"))
    assert found[0] == found[1]


def test_a_killed_worker_is_started_again_and_the_page_says_so(
    browser: Browser, tmp_path: Path, server: Server
) -> None:
    own = Server(tmp_path / "server.log")
    try:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{own.url}/?iterations=30000")
        wait_for_state(page, "Untrained")
        click(page, "Start")
        page.wait_for_function("window.lrdemoLink.last.iteration > 100")
        (worker,) = own.worker_pids()
        os.kill(worker, signal.SIGKILL)
        page.wait_for_function("window.lrdemoLink.last.rebuilt === 1 && window.lrdemoLink.last.iteration > 150",
                               timeout=30_000)  # fmt: skip
        expect(page.locator(".strip .note")).to_have_text(re.compile("started again"))
        assert own.worker_pids() != [worker]
        context.close()
        (worker,) = own.worker_pids()
    finally:
        own.stop()
    wait_until(lambda: not Path(f"/proc/{worker}").exists())


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
