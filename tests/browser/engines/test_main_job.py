"""The main job in browsers other than Chromium: train, draw, race, and every page, on a laptop and on a dark phone."""

from __future__ import annotations

import pytest
from visitor import Visitor
from visits import wait_until

from lrdemo.ui.navigation import LAB, PLACES, Place, following

SEVEN = [(75, 60), (205, 60), (120, 230)]
THREE = [
    (85, 70), (110, 50), (150, 45), (185, 65), (185, 100), (160, 125), (130, 135),
    (165, 145), (190, 175), (180, 210), (145, 232), (110, 228), (82, 205),
]  # fmt: skip
PAINTED = """(find => {
  const canvas = find(".tile canvas");
  return [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data].join();
})(eyes.find)"""


def open_whole(visitor: Visitor, place: Place) -> None:
    """Open a page by its address, wait for its end, which comes last, and look for what is missing or cut off."""
    visitor.open("" if place is PLACES[0] else place.file.removesuffix(".py"))
    visitor.wait_for(".st-key-way_on a", f"^Next: {following(place).heading}")
    visitor.wait_for("[data-test-script-state=notRunning]", place.heading)
    if place.transport:
        visitor.wait_for(".strip .headline", r"0 of \d")
    assert visitor.text("h1") == place.heading
    assert visitor.ask("document.title") == f"{place.title} · lrdemo"
    assert visitor.text("[data-testid=stException]") == ""
    assert visitor.ask("eyes.cut()") == []
    if place.transport:
        line = "document.querySelector('.st-key-transport')"
        assert visitor.ask(f"{line}.scrollHeight") == visitor.ask(f"{line}.clientHeight") <= 56


def test_a_run_is_started_paused_stepped_and_finished(laptop: Visitor) -> None:
    laptop.open()
    laptop.state("^Untrained: press Start$")
    assert laptop.text(".strip .score") == "not trained yet"
    wait_until(lambda: bool(laptop.ask("Boolean(eyes.find('.tile canvas'))")))
    untrained = laptop.ask(PAINTED)

    laptop.command("Start")
    laptop.state("^Training$")
    wait_until(lambda: laptop.iteration() > 30)
    assert laptop.ask(PAINTED) != untrained

    laptop.command("Pause")
    laptop.state("^Paused$")
    stood = laptop.iteration()
    laptop.command("Step")
    laptop.press("button", "^Step 10$")
    wait_until(lambda: laptop.iteration() != stood)
    laptop.state("^Paused$")
    assert laptop.iteration() == stood + 10

    laptop.command("Resume")
    laptop.state("^Finished$")
    assert laptop.iteration() == 600
    assert 90.0 <= laptop.accuracy() <= 90.6


def test_drawn_digits_are_read_while_the_pen_moves(laptop: Visitor) -> None:
    laptop.open()
    laptop.state("^Untrained")
    laptop.press("header a", "^Draw$")
    laptop.wait_for("button", "^Clear$")  # The last part that comes, and moves what is below it.
    laptop.press("button", "Retrain to read drawings")
    laptop.state("^Finished$")

    for digit, stroke in ((7, SEVEN), (3, THREE)):
        laptop.begin_stroke(stroke)
        laptop.wait_for(".words", f": a {digit}, with")
        assert laptop.ask("window.lrdemoLink.last.pen") is True
        laptop.end_stroke()
        wait_until(lambda: laptop.ask("window.lrdemoLink.last.pen") is False)
        laptop.wait_for(".words", f": a {digit}, with")
        left, top, width, height = laptop.place("canvas.upper-canvas")
        x, y = stroke[0]
        assert laptop.look().getpixel((left + x * width / 280, top + y * height / 280)) < 50
        laptop.press("button", "^Clear$")
        laptop.wait_for(".words", r"^Draw a digit\.$")


def test_a_race_has_a_winner(laptop: Visitor) -> None:
    laptop.open("race?pace=0")
    laptop.wait_for(".winner", "Which one do you bet on")
    laptop.command("Start race")
    laptop.state("^Finished$")
    laptop.wait_for(".winner", "is ahead")
    assert laptop.ask("eyes.find('.lanes tr.best') !== undefined")


@pytest.mark.parametrize("place", LAB, ids=lambda place: place.file)
def test_every_page_opens_whole_on_a_laptop(laptop: Visitor, place: Place) -> None:
    """Those of the lesson are opened on a phone."""
    open_whole(laptop, place)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.file)
def test_every_page_fits_a_phone_and_is_legible_in_the_dark(phone: Visitor, place: Place) -> None:
    """The window of WebKitGTK is 447 px wide at least, that of Firefox 390 px."""
    open_whole(phone, place)

    assert phone.ask("matchMedia('(prefers-color-scheme: dark)').matches")
    assert phone.ask("innerWidth") in (390, 447)
    assert phone.ask("eyes.dim()") == []
    assert phone.look().crop((0, 0, 300, 8)).getextrema()[1] < 60
