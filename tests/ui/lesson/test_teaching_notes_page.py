"""The teaching notes: each figure that they claim is what a run with the default settings gives."""

import re

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch.nn import functional as F

from lrdemo import race as race_module
from lrdemo.answers.breaking import broken
from lrdemo.formats import count, fixed, percent, short
from lrdemo.lesson import line
from lrdemo.probability import sigmoid
from lrdemo.settings import Settings, changed
from lrdemo.trainer import Trainer
from lrdemo.ui.lesson.teaching_notes import BEFORE, FIGURES, PARTS, TROUBLE
from lrdemo.ui.navigation import CHAPTERS, PLACES
from lrdemo.ui.race_control import HELD_OUT
from lrdemo.verdict import DEFAULT_RATES

NOTES = """
import streamlit as st
from lrdemo.ui.lesson.teaching_notes import notes
from lrdemo.ui.navigation import pages
st.navigation(pages(), position="hidden")
notes()
"""


def scores_of(trainer, images):
    with torch.no_grad():
        return F.linear(images, trainer.model.weight, trainer.model.bias)


def right(trainer):
    scores = scores_of(trainer, trainer.tensors.test_images)
    return (scores.argmax(dim=1) == trainer.tensors.test_labels).numpy()


def correct(answers, t):
    return f"{((answers > 0.5) == (t > 0.5)).sum()} of 9"


def accuracy_under(trainer, **change):
    pieces = broken(trainer, np.zeros((28, 28), np.float32), change)
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            return percent(end.value["changed"]["accuracy"])


@pytest.fixture(scope="module")
def found(digits):
    """Compute every figure anew, from the untrained run on."""
    trainer = Trainer(Settings(), digits)
    tensors = trainer.tensors
    minibatch = trainer.peek()
    figures = {
        "untrained answer": str(int(scores_of(trainer, tensors.test_images[:1]).argmax())),
        "untrained": percent(right(trainer).mean()),
        "cost at 0.01": fixed(-np.log(0.01)),
        "cost at 0.00001": fixed(-np.log(0.00001)),
        "guessing": fixed(np.log(10), 3),
    }
    x, t = line.patients(300)
    slope, start = np.polyfit(x, t, 1)
    w, b = line.logistic_fit(x, t)
    figures |= {"line at 300": correct(slope * x + start, t), "curve at 300": correct(sigmoid(w * x + b), t)}

    def loss_on_the_minibatch():
        scores = scores_of(trainer, tensors.train_images[minibatch])
        return fixed(float(F.cross_entropy(scores, tensors.train_labels[minibatch])), 3)

    figures["loss before the step"] = loss_on_the_minibatch()
    trainer.advance(1)
    figures["loss after the step"] = loss_on_the_minibatch()
    trainer.advance(99)
    figures["after 100 steps"] = percent(right(trainer).mean())
    trainer.advance(500)

    scores = scores_of(trainer, tensors.test_images)
    best, second = scores[0].topk(2).indices.tolist()
    assert (best, second, int(scores[362].argmax()), digits.test_labels[362]) == (7, 9, 7, 2)
    matches = right(trainer)
    loss = F.cross_entropy(scores[:100], tensors.test_labels[:100])
    figures |= {
        "score of 7": fixed(float(scores[0, 7])),
        "score of 9": fixed(float(scores[0, 9])),
        "sure of 7": percent(float(scores[0].softmax(0)[7])),
        "sure of the hard 2": percent(float(scores[362].softmax(0)[7])),
        "first batch": f"{matches[:100].sum()} of 100",
        "correct": f"{count(matches.sum())} of 10,000",
        "trained": percent(matches.mean()),
        "loss of the first 100": fixed(float(loss), 3),
        "shifted by 4": accuracy_under(trainer, right=4),
        "inverted": accuracy_under(trainer, invert=True),
    }
    race = race_module.Race(changed(Settings(), held_out=HELD_OUT), DEFAULT_RATES, digits)
    race.advance(600)
    ends = {rate: lane.tests[-1].accuracy for rate, lane in zip(race.learning_rates, race.histories, strict=True)}
    figures["winner"] = short(max(ends, key=ends.get))
    figures |= {f"race of {short(rate)}": percent(ends[rate]) for rate in (0.001, 0.1, 1.0)}
    # So large a step makes rounding matter: its last digit differs from processor to processor.
    figures["race of 10"] = percent(ends[10.0], 0)
    return figures, trainer


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_what_the_default_run_gives(found, name):
    assert FIGURES[name] == found[0][name]


def test_ink_in_the_middle_speaks_against_a_0(found):
    template = found[1].model.weight[0].detach().reshape(28, 28)

    assert template[10:18, 10:18].mean() < -0.1


def test_there_are_about_6000_handwritten_3s(digits):
    assert round((digits.train_labels == 3).sum(), -3) == 6_000
    assert any("About 6,000 handwritten 3s" in part.see for part in PARTS)


def test_every_figure_is_in_the_notes_and_the_notes_have_no_other_results():
    text = "\n".join(part.see for part in PARTS)
    for value in FIGURES.values():
        assert f"**{value}**" in text
    results = re.findall(r"\d[\d,.]*\N{NO-BREAK SPACE}%|\d+\.\d{2,}", text)
    rates = {short(rate) for rate in DEFAULT_RATES}
    assert set(results) - rates <= set(FIGURES.values())


def test_they_take_45_minutes_and_go_through_the_whole_lesson_in_its_order():
    files = [part.file for part in PARTS]

    assert sum(part.minutes for part in PARTS) == 45
    assert files == [
        "train.py", *(place.file for place in CHAPTERS), "train.py", "race.py", "draw.py", "what_breaks_it.py",
    ]  # fmt: skip


def test_each_part_shows_its_minutes_a_link_to_its_page_and_what_to_do(lab):
    app = AppTest.from_string(NOTES, default_timeout=30).run()
    assert not app.exception
    texts, links = [text.value for text in app.markdown], [link.proto for link in app.get("page_link")]

    begins = np.cumsum([0, *(part.minutes for part in PARTS)]).tolist()
    minutes = [f"**{begin}–{end}**\N{NO-BREAK SPACE}min" for begin, end in zip(begins, begins[1:], strict=False)]
    assert [text for text in texts if text.endswith("min")] == minutes
    named = {place.file: place.title for place in PLACES}
    assert [link.label for link in links] == [named[part.file] for part in PARTS]
    for part in PARTS:
        assert {f"*Press.* {part.press}", f"*Ask.* {part.ask}", f"*See.* {part.see}"} <= {*texts}
    assert [head.value for head in app.header] == ["Before the lesson", "Minute by minute", "If something goes wrong"]
    assert len(BEFORE) == len(TROUBLE) == 3
