import numpy as np
import pytest

from lrdemo.data import Digits
from lrdemo.lesson.output import read_output
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer


@pytest.fixture(scope="module")
def trainer(digits: Digits) -> Trainer:
    trainer = Trainer(Settings(), digits)
    trainer.advance(600)
    return trainer


def test_the_first_test_images_are_read_as_7_and_2(trainer: Trainer) -> None:
    seen = read_output(trainer, 0)
    assert seen["scores"].shape == (100, 10)
    assert seen["answers"][:2].tolist() == seen["labels"][:2].tolist() == [7, 2]
    assert np.array_equal(seen["answers"], seen["scores"].argmax(axis=1))


def test_the_batches_add_up_to_the_accuracy_of_the_run(trainer: Trainer) -> None:
    last = read_output(trainer, 99)
    assert last["matches"].sum() == round(trainer.history.tests[-1].accuracy * 10_000)
    assert last["matches"][99] == (last["answers"] == last["labels"]).sum()
    assert last["accuracy"] == pytest.approx(trainer.history.tests[-1].accuracy)


def test_the_multilayer_perceptron_is_read_without_dropout(digits: Digits) -> None:
    trainer = Trainer(Settings(model="mlp", gradient="autograd"), digits)
    assert np.array_equal(read_output(trainer)["scores"], read_output(trainer)["scores"])
    assert trainer.model.training
