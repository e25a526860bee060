from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lrdemo.data import Digits
from lrdemo.errors import ServiceError
from lrdemo.serving.questions import QUESTIONS
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer
from lrdemo.ui import state
from lrdemo.ui.lesson.page import PAGES as LESSONS

PAGES = Path(__file__).parents[2] / "pages"


class OwnRun:
    """Stand in for the visitor's run: the same trainer, in this process."""

    def __init__(self, digits: Digits, settings: Settings) -> None:
        self.digits, self.settings = digits, settings
        self.reset()

    def ask(self, question: str, **details: Any) -> dict[str, Any]:
        return QUESTIONS[question](self.trainer, **details)

    def reset(self) -> None:
        self.trainer = Trainer(self.settings, self.digits)

    def step(self, count: int = 1) -> None:
        self.trainer.advance(count)

    def wait(self, seconds: float, until: Any) -> Trainer:
        assert until(self.trainer)
        return self.trainer


@pytest.fixture
def run(digits: Digits, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnRun]:
    st.cache_resource.clear()
    run = OwnRun(digits, Settings())
    monkeypatch.setattr(state, "run", lambda: run)
    monkeypatch.setattr(state, "ask", lambda question, **details: run.ask(question, **details))
    yield run
    st.cache_resource.clear()


def opened(file: str) -> AppTest:
    page = AppTest.from_file(str(PAGES / file), default_timeout=30).run()
    assert not page.exception
    return page


def again(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception
    return page


def text(page: AppTest) -> str:
    return "\n".join(element.value for kind in ("markdown", "caption", "info", "warning") for element in page.get(kind))


def latex(page: AppTest) -> str:
    return "\n".join(element.value for element in page.latex)


def button(page: AppTest, label: str) -> Any:
    return next(button for button in page.button if button.label == label)


@pytest.mark.parametrize("file, title", LESSONS)
def test_every_lesson_page_opens_alone(run: OwnRun, file: str, title: str) -> None:
    page = opened(file)
    assert [heading.value for heading in page.title] == [title]
    assert len((PAGES / file).read_text(encoding="utf-8").splitlines()) <= 140


def test_an_outlier_breaks_the_line_and_not_the_curve(run: OwnRun) -> None:
    page = opened("line_to_probability.py")
    assert [metric.value for metric in page.metric][:2] == ["9 of 9 right", "9 of 9 right"]
    page.slider(key="fever_outlier").set_value(300)
    assert [metric.value for metric in again(page).metric][:2] == ["6 of 9 right", "9 of 9 right"]
    page.slider(key="fever_threshold").set_value(0.35)
    assert [metric.value for metric in again(page).metric][:2] == ["9 of 9 right", "9 of 9 right"]


def test_softmax_of_the_four_scores_and_of_edited_ones(run: OwnRun) -> None:
    page = opened("line_to_probability.py")
    assert "0.017 + 0.015 + 0.412 + 0.556 = 1.000" in latex(page)
    page.number_input(key="softmax_1").set_value(4.8)
    page.slider(key="softmax_temperature").set_value(10.0)
    assert "= 1.000" in latex(again(page)) and "0.412" not in latex(page)


def test_nearly_wrong_costs_eleven_and_a_half(run: OwnRun) -> None:
    page = opened("line_to_probability.py")
    page.select_slider(key="cost_chance").set_value(0.00001)
    assert again(page).metric[2].value == "11.51"
    page.select_slider(key="cost_chance").set_value(0.99999)
    assert again(page).metric[2].value == "0.00001"


def test_the_data_shows_the_known_labels_and_the_67_pixels(run: OwnRun) -> None:
    page = opened("the_data.py")
    assert "label **5**" in text(page) and "**67 of the 784 pixels" in text(page)
    page.number_input(key="image_index").set_value(3)
    assert "label **1**" in text(again(page))
    page.number_input(key="image_index").set_value(59_999)
    page.segmented_control(key="image_set").set_value("test")
    assert "label **6**" in text(again(page))
    page.number_input(key="image_index").set_value(1)
    assert "label **2**" in text(again(page))
    assert "gives [100, 784]" in text(page)


def test_one_step_moves_the_run_once_and_lowers_the_loss(run: OwnRun) -> None:
    page = opened("one_step_by_hand.py")
    iteration, before, after = (metric.value for metric in page.metric[:3])
    assert (iteration, after) == ("0", "–")
    assert abs(float(before) - 2.303) < 0.25
    assert "**exactly −0.1 · g**" in text(page)
    button(page, "Take the step").click()
    iteration, _, after = (metric.value for metric in again(page).metric[:3])
    assert iteration == "1" and float(after) < float(before)
    assert run.trainer.iteration == 1
    assert button(page, "Take the step").disabled
    button(page, "Next minibatch").click()
    iteration, second, after = (metric.value for metric in again(page).metric[:3])
    assert (iteration, after) == ("1", "–") and second != before
    button(page, "Start over").click()
    assert [metric.value for metric in again(page).metric[:2]] == ["0", before]


def test_backward_twice_doubles_and_zeroing_clears(run: OwnRun) -> None:
    page = opened("one_step_by_hand.py")
    assert "backward() once" in text(page)
    button(page, "backward() again").click()
    assert "backward() twice: doubled" in text(again(page))
    button(page, "zero_grad()").click()
    assert "b.grad now (zeroed)" in text(again(page))


def test_a_run_that_went_on_by_itself_is_looked_at_anew(run: OwnRun) -> None:
    page = opened("one_step_by_hand.py")
    run.step(10)
    assert again(page).metric[0].value == "10"


def test_another_model_and_a_silent_worker_are_told_in_a_sentence(
    run: OwnRun, digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.settings = Settings(model="mlp", gradient="autograd")
    run.reset()
    assert "another model" in text(opened("one_step_by_hand.py"))

    def silent(question: str, **details: Any) -> dict[str, Any]:
        raise ServiceError("The training process does not answer.")

    monkeypatch.setattr(state, "ask", silent)
    for file in ("one_step_by_hand.py", "three_ways.py", "read_the_output.py"):
        assert "does not answer" in text(opened(file))


def test_the_three_ways_name_their_parameters(run: OwnRun) -> None:
    shown = text(opened("three_ways.py"))
    assert "W [784, 10], b [10]" in shown and "linear.weight [10, 784], linear.bias [10]" in shown
    assert "**7,850**" in shown


def test_the_output_of_a_trained_run_is_read(run: OwnRun) -> None:
    run.step(600)
    page = opened("read_the_output.py")
    assert "the answer: **7**. The label is **7**: ✓" in text(page)
    page.number_input(key="output_row").set_value(1)
    assert "the answer: **2**. The label is **2**: ✓" in text(again(page))
    assert rf"{run.trainer.history.tests[-1].accuracy:.2%}".replace("%", r"\,\%") in latex(page)
