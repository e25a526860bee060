"""The picture in question and its ten probabilities: which bar is whose, how long, and what is said of it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from known import answering, asked, hidden_parameters, lane, parameters, run
from stage import Scene

from lrdemo import pictures
from lrdemo.answers.confidence import is_sure
from lrdemo.drawings.doubts import FAR, OFF_THE_PAD, WORDS

SHARES = (0.02, 0.05, 0.08, 0.3, 0.11, 0.03, 0.21, 0.13, 0.06, 0.01)


def shares_of(digit: int, share: float) -> list[float]:
    """Return ten probabilities: one digit has this share, the others have equal parts of the rest."""
    return [share if one == digit else (1 - share) / 9 for one in range(10)]


def test_each_bar_belongs_to_its_digit_and_is_as_long_as_its_probability(scene: Scene) -> None:
    scene.mount("answer")
    scene.show(answering(*SHARES), asked())

    assert scene.texts(".bars tr:first-child th") == ["digit", "probability", "", "logit"]
    rows = scene.locate(".bars tr").all()[1:]
    found = []
    for row in rows:
        track, bar = row.locator(".all").bounding_box(), row.locator(".share").bounding_box()
        assert track and bar and bar["x"] == track["x"]
        texts = [" ".join(text.split()) for text in row.locator("th, .number").all_inner_texts()]
        found.append((track["y"], *texts, bar["width"] / track["width"]))
    assert [one[1] for one in sorted(found)] == [str(digit) for digit in range(10)]
    assert [one[2] for one in found] == [f"{100 * share:.1f} %" for share in SHARES]
    assert [one[3] for one in found] == [f"{np.log(share):.2f}".replace("-", "−") for share in SHARES]
    assert [one[4] for one in found] == pytest.approx(SHARES, abs=0.006)


def test_the_highest_bar_is_marked_and_the_mark_moves(scene: Scene) -> None:
    scene.mount("answer")
    for digit in (3, 8):
        scene.show(answering(*shares_of(digit, 0.5)), asked())

        assert [" ".join(text.split()) for text in scene.locate(".bars .best th").all_inner_texts()] == [str(digit)]
        bars = scene.locate(".bars .share").all()
        colours = [bar.evaluate("bar => getComputedStyle(bar).backgroundColor") for bar in bars]
        assert colours == ["rgb(217, 90, 0)" if one == digit else "rgb(28, 131, 225)" for one in range(10)]


@pytest.mark.parametrize(
    ("share", "words", "means"),
    [
        (0.599, "Unsure: a 3, with 59.9 %.", "Unsure: less than 60 %."),
        (0.6, "Probably: a 3, with 60.0 %.", "Probably: 60 to 90 %."),
        (0.899, "Probably: a 3, with 89.9 %.", "Probably: 60 to 90 %."),
        (0.9, "Sure: a 3, with 90.0 %.", "Sure: 90 % or more."),
    ],
)
def test_how_sure_the_answer_is_said_to_be(scene: Scene, share: float, words: str, means: str) -> None:
    scene.mount("answer")
    scene.show(answering(*shares_of(3, share)), asked())

    assert scene.text(".words") == words
    assert scene.text(".means") == means
    assert scene.text(".large") == "3"
    assert scene.text(".asked figcaption") == "what the model gets"


@pytest.mark.parametrize(
    ("answer", "nearest", "unusual", "words", "means"),
    [
        (3, 3, False, "Sure: a 3, with 97.0 %.", "Sure: 90 % or more."),
        (3, None, False, "Sure: a 3, with 97.0 %.", "Sure: 90 % or more."),
        (3, 3, True, "Probably: a 3, with 97.0 %.", "Its shape is unusual for a 3."),
        (3, 8, False, "Probably: a 3, with 97.0 %.", "Its shape is nearer to that of an 8."),
        (0, 0, False, "Probably: a 0, with 97.0 %.", "An O looks like a 0."),
        (1, 1, False, "Probably: a 1, with 97.0 %.", "An l, an I and a stroke look like a 1."),
    ],
)
def test_a_drawing_is_sure_only_where_its_shape_agrees_and_no_letter_looks_the_same(
    scene: Scene, answer: int, nearest: int | None, unusual: bool, words: str, means: str
) -> None:
    shares = shares_of(answer, 0.97)
    assert is_sure(np.array(shares), nearest, unusual) == words.startswith("Sure")
    scene.mount("answer")
    scene.show(answering(*shares), asked(factor=1.0, nearest=nearest, unusual=unusual))
    assert (scene.text(".words"), scene.text(".means")) == (words, means)

    scene.show(answering(*shares_of(answer, 0.8)), asked(factor=1.0, nearest=nearest, unusual=unusual))
    assert scene.text(".means") == "Probably: 60 to 90 %."
    scene.show(answering(*shares), asked())
    assert scene.text(".words").startswith("Sure")


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (None, "Probability = softmax(logits)."),
        (1.52, "Probability = softmax(logits / 1.22), so that on drawings 80 % is right about 80 times in 100."),
    ],
)
def test_the_temperature_is_said_beside_the_probabilities_it_makes(
    scene: Scene, factor: float | None, words: str
) -> None:
    scene.mount("answer")
    scene.show(replace(answering(*SHARES), temperature=0.8), asked(factor=factor))

    assert scene.text(".softmax") == words
    powers = np.asarray(SHARES) ** (1 if factor is None else 1 / (0.8 * factor))
    shown = [float(text.split()[0]) for text in scene.texts(".bars td.number:not(.logit)")]
    assert shown == pytest.approx(100 * powers / powers.sum(), abs=0.051)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.799, "I don’t know: 8 at 79.9 % is below your threshold."),
        (0.8, "Probably: an 8, with 80.0 %."),
    ],
)
def test_below_the_visitor_s_threshold_there_is_no_answer(scene: Scene, share: float, words: str) -> None:
    scene.mount("answer")
    scene.show(answering(*shares_of(8, share)), asked(threshold=0.8))

    assert scene.text(".words") == words


def test_an_untrained_model_guesses(scene: Scene) -> None:
    scene.mount("answer")
    scene.show(run(lane(numbers=parameters(bias=[0, 0, 0, 0, 0, 9, 0, 0, 0, 0])), iteration=0), asked(threshold=0.8))

    assert scene.text(".words") == "Untrained: this 5 is a guess."
    assert scene.locate(".start").is_visible()


def test_an_untrained_model_that_was_taught_does_not_guess(scene: Scene) -> None:
    scene.mount("answer")
    taught = run(lane(numbers=parameters(bias=[0, 0, 0, 0, 0, 9, 0, 0, 0, 0])), iteration=0)
    scene.show(taught, asked(), taught=True)

    assert scene.text(".words") == "Sure: a 5, with 99.9 %."
    assert scene.text(".means") == "Taught, not trained: it knows your drawings and little else."
    assert not scene.locate(".start").is_visible()


def test_an_empty_canvas_has_no_answer_and_says_so_until_something_is_drawn(scene: Scene) -> None:
    scene.mount("answer")
    scene.show(answering(*SHARES), asked(warning="It is small."))
    scene.show(answering(*SHARES), None)

    assert scene.text(".words") == "Draw a digit."
    assert [scene.text(place) for place in (".large", ".means", ".softmax", ".answer .warning")] == [""] * 4
    assert scene.texts(".bars td.number") == [""] * 20
    assert [bar.evaluate("bar => bar.style.width") for bar in scene.locate(".bars .share").all()] == ["0px"] * 10
    assert scene.locate(".bars .best").count() == 0
    assert (scene.painted(scene.locate(".asked canvas")) == 0).all()

    scene.show(answering(*SHARES), asked(title="Your drawing"))

    assert scene.text(".words") == "Unsure: a 3, with 30.0 %."
    assert scene.text(".large") == "3"


@pytest.mark.parametrize(("width", "column"), [(390, 358), (683, 363), (768, 704), (1366, 749)])
def test_nothing_moves_while_the_answer_changes(scene: Scene, width: int, column: int) -> None:
    def places() -> list[dict[str, float] | None]:
        fixed = (".asked canvas", ".large", ".bars", ".bars tr:last-child .all", ".why")
        return [scene.locate(place).bounding_box() for place in fixed]

    scene.page.set_viewport_size({"width": width, "height": 844})
    try:
        scene.mount("answer")
        scene.locate("#view").evaluate("(host, column) => (host.style.width = `${column}px`)", column)
        scene.show(answering(*SHARES), None)
        found = [places()]
        scene.show(run(lane(), iteration=0), asked())
        found.append(places())
        for share in (0.3, 0.7, 0.95):
            for warning in (None, *WORDS.values(), FAR):
                for advice in (None, OFF_THE_PAD):
                    shown = asked(warning=warning, threshold=0.5, factor=1.3, advice=advice)
                    scene.show(answering(*shares_of(8, share)), shown)
                    found.append(places())

        assert all(one == found[0] for one in found)
    finally:
        scene.page.set_viewport_size({"width": 1366, "height": 768})


def test_a_warning_stands_beside_the_answer_and_goes(scene: Scene) -> None:
    scene.mount("answer")
    scene.show(answering(*SHARES), asked(warning="That is hardly a digit."))
    assert scene.text(".answer .warning") == "That is hardly a digit."
    assert scene.locate(".answer .warning").is_visible()
    assert scene.text(".words").startswith("Doubtful: a 3, with")

    scene.show(answering(*SHARES), asked())
    assert scene.text(".answer .warning") == ""
    assert not scene.locate(".answer .warning").is_visible()


def test_advice_stands_where_the_meaning_stood_unless_there_is_a_warning(scene: Scene) -> None:
    scene.mount("answer")
    scene.show(answering(*SHARES), asked(advice="Draw it larger."))
    assert scene.text(".means") == "Draw it larger."

    scene.show(answering(*SHARES), asked(advice="Draw it larger.", warning="That is hardly a digit."))
    assert (scene.text(".means"), scene.text(".warning")) == ("", "That is hardly a digit.")


def test_the_same_words_are_not_said_twice(scene: Scene) -> None:
    scene.mount("answer")
    scene.show(answering(*SHARES), asked(warning="It is small."))
    scene.locate(".answer figure.answer").evaluate(
        """figure => {
            window.said = 0;
            for (const place of figure.querySelectorAll("[role=status]"))
              new MutationObserver(() => (window.said += 1)).observe(place, { childList: true, subtree: true });
        }"""
    )
    scene.show(answering(*SHARES), asked(warning="It is small."))

    assert scene.page.evaluate("window.said") == 0


def test_nothing_is_read_out_again_and_again_while_it_trains(scene: Scene) -> None:
    scene.mount("answer")
    for state, live in (("running", "off"), ("paused", "polite")):
        scene.show(replace(answering(*SHARES), state=state), asked())
        assert scene.locate(".words").get_attribute("aria-live") == live


def test_the_picture_is_black_ink_on_white_paper_and_stands_as_it_was_drawn(scene: Scene) -> None:
    image = np.random.default_rng(0).random((28, 28)).astype(np.float32)
    image[:14, :9] = 0
    scene.mount("answer")
    scene.show(answering(*SHARES), asked(image))

    seen = scene.cells(scene.locate(".asked canvas"), border=1)

    np.testing.assert_allclose(seen, pictures.ink(image, zoom=1)[..., None].repeat(3, axis=-1), atol=1)
    label = scene.locate(".asked canvas").get_attribute("aria-label")
    assert label == "Test image 3, as the 28×28 pixels that the model gets"


def test_a_hidden_layer_answers_in_the_same_words(scene: Scene) -> None:
    numbers = hidden_parameters(np.zeros((10, 28, 28), np.float32))
    numbers[-3] = 9.0
    scene.mount("answer")
    scene.show(run(lane(numbers=numbers), iteration=10), asked())

    assert scene.text(".words") == "Sure: a 7, with 99.9 %."


def test_a_model_that_diverged_gives_no_answer_and_no_nan(scene: Scene) -> None:
    scene.mount("lab")
    broken = lane([np.nan] * 30, tests=[(0, 2.3, 0.1), (30, np.nan, 0.1)], numbers=np.full(7850, np.nan, np.float32))
    scene.show(answering(*SHARES), asked())
    scene.show(run(broken, state="diverged"), asked())

    assert scene.text(".words") == "No answer: training has diverged."
    assert scene.texts(".bars td.number:not(.logit)") == ["–"] * 10
    assert scene.locate(".bars .best").count() == 0
    widths = [bar.evaluate("bar => bar.style.width") for bar in scene.locate(".bars .share").all()]
    assert widths == ["0px"] * 10
    assert scene.texts(".bias") == ["bias –"] * 10 or scene.locate(".bias:visible").count() == 0
    page = scene.locate("#view").evaluate(
        "host => host.shadowRoot.lastChild.innerText"
        " + [...host.shadowRoot.querySelectorAll('*')].flatMap((one) => [...one.attributes].map(({ value }) => value))"
    )
    assert not re.search("NaN|Infinity|undefined|null", page)


def test_the_numbers_keep_their_column_where_the_page_is_narrow(scene: Scene) -> None:
    scene.page.set_viewport_size({"width": 390, "height": 844})
    try:
        scene.mount("answer")
        row = scene.locate(".bars tr:nth-child(2)")
        bar, number = row.locator(".all"), row.locator(".number:not(.logit)")
        empty = bar.bounding_box(), number.bounding_box()
        scene.show(answering(0.9999, *[0.0001 / 9] * 9), asked())

        assert (bar.bounding_box(), number.bounding_box()) == empty
        assert number.evaluate("cell => cell.scrollWidth <= cell.clientWidth")
        assert not scene.locate(".bars .logit").first.is_visible()
    finally:
        scene.page.set_viewport_size({"width": 1366, "height": 768})
