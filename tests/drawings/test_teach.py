"""Teaching: steps against PyTorch's own SGD, undone to the last digit, rebuilt, and real strangers' sevens learnt."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lrdemo.answers.predict import logits
from lrdemo.answers.robustness import parameters_vector
from lrdemo.data import Digits
from lrdemo.drawings.own import MOST_POINTS, OwnDrawing, from_json, own_drawing, to_json
from lrdemo.drawings.teach import parameters_of, put_back, teach
from lrdemo.errors import ServiceError
from lrdemo.serving.handle import RunHandle
from lrdemo.serving.service import Service
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer


def odd_seven(turn: float = 0.0) -> OwnDrawing:
    """A seven with a long foot, which models take for a 2, turned by so many radians and placed a little otherwise."""
    strokes = [
        np.array([[70, 70], [140, 62], [200, 66], [170, 130], [120, 215], [80, 240]], np.float64),
        np.array([[80, 240], [140, 235], [215, 240]], np.float64),
    ]
    wobble = np.random.default_rng(round(1000 * turn) + 100).normal(0, 4, 2)
    cosine, sine = np.cos(turn), np.sin(turn)
    matrix = np.array([[cosine, sine], [-sine, cosine]])
    moved = [(stroke - 140) @ matrix + 140 + wobble for stroke in strokes]
    return own_drawing(7, moved, np.zeros((280, 280), np.uint8))


def read(parameters: np.ndarray, drawing: OwnDrawing, features: str) -> int:
    return int(logits(parameters, drawing.prepared(features).reshape(1, -1)).argmax())  # type: ignore[arg-type]


@pytest.fixture
def trainer(digits: Digits) -> Trainer:
    trainer = Trainer(Settings(iterations=600, pace=0), digits, tests=False)
    trainer.advance(300)
    return trainer


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    service = Service(in_process=True)
    yield service
    service.close()


@pytest.fixture
def run(service: Service) -> Iterator[RunHandle]:
    run = service.open_run(Settings(iterations=300, pace=0, momentum=0.5))
    run.start()
    run.wait(60, lambda snapshot: snapshot.state == "finished")
    yield run
    run.close()


def lesson() -> tuple[np.ndarray, np.ndarray]:
    images = odd_seven().variations("pixels")
    return images, np.full(len(images), 7)


@pytest.mark.parametrize("batch_size", [100, 3_000])
def test_steps_are_those_of_pytorch_on_the_mixed_minibatches(digits: Digits, batch_size: int) -> None:
    """Seed 2 at iteration 4, at a rate changed since the start: which images are used follows from seed and iteration.

    Large minibatches are worked off in parts and come to the same.
    """
    settings = Settings(batch_size=batch_size, weight_decay=0.01, learning_rate=0.5, seed=2, iterations=50)
    taught, plain = (Trainer(settings, digits, tests=False) for _ in range(2))
    for trainer in (taught, plain):
        trainer.advance(4)
        trainer.set_learning_rate(0.3)
    images = np.concatenate([odd_seven().variations("pixels")[:3], odd_seven(0.2).variations("pixels")[:2]])
    labels = np.array([7, 7, 7, 2, 2])
    teach(taught, images, labels, steps=3, copies=20)

    generator = torch.Generator().manual_seed(1_000_003 + 31 * 2 + 4)
    optimiser = torch.optim.SGD(plain.model.parameters(), lr=0.3, weight_decay=0.01)
    for _ in range(3):
        chosen = torch.randint(60_000, (batch_size,), generator=generator)
        own = torch.randint(5, (20,), generator=generator)
        x = torch.cat([plain.tensors.train_images[chosen], torch.from_numpy(images)[own].float() / 255])
        y = torch.cat([plain.tensors.train_labels[chosen], torch.from_numpy(labels)[own]])
        optimiser.zero_grad()
        F.cross_entropy(plain.model(x), y).backward()
        optimiser.step()
    for one, other in zip(taught.model.parameters(), plain.model.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-5)
    assert taught.iteration == 4 and len(taught.history.loss) == 4


def test_the_perceptron_is_taught_without_dropout_and_keeps_its_mode(digits: Digits) -> None:
    settings = Settings(model="mlp", gradient="autograd", init="linear", learning_rate=0.2, batch_size=200)
    taught, plain = (Trainer(settings, digits, tests=False) for _ in range(2))
    images, labels = lesson()
    teach(taught, images, labels, steps=1, copies=10)

    generator = torch.Generator().manual_seed(1_000_003)
    chosen = torch.randint(60_000, (200,), generator=generator)
    own = torch.randint(len(labels), (10,), generator=generator)
    x = torch.cat([plain.tensors.train_images[chosen], torch.from_numpy(images)[own].float() / 255])
    y = torch.cat([plain.tensors.train_labels[chosen], torch.full((10,), 7)])
    optimiser = torch.optim.SGD(plain.model.parameters(), lr=0.2)
    F.cross_entropy(plain.model.eval()(x), y).backward()
    optimiser.step()
    for one, other in zip(taught.model.parameters(), plain.model.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-4)
    assert taught.model.training


def test_a_test_that_was_due_is_one_of_before_the_teaching(digits: Digits) -> None:
    taught, plain = (Trainer(Settings(iterations=20), digits) for _ in range(2))
    for trainer in (taught, plain):
        trainer.advance(9)
        assert trainer.work(1) == 1 and trainer.busy
    plain.advance(0)
    teach(taught, *lesson(), steps=2, copies=10)

    assert taught.history.tests == plain.history.tests and not taught.busy


def test_as_much_as_this_can_be_taught(digits: Digits) -> None:
    trainer = Trainer(Settings(batch_size=1), digits, tests=False)
    images, labels = lesson()
    teach(trainer, images, np.arange(len(labels)), steps=1, copies=100)
    teach(trainer, images, labels + 2, steps=500, copies=1)
    for steps, copies in ((501, 1), (0, 1), (1, 101), (1, 0)):
        with pytest.raises(ValueError, match="Steps go from 1 to 500, copies from 1 to 100"):
            teach(trainer, images, labels, steps, copies)


def test_the_ink_appears_in_the_template(trainer: Trainer) -> None:
    before = parameters_of(trainer)[0][7]
    drawing = odd_seven()
    teach(trainer, *lesson(), steps=20, copies=50)
    change = (parameters_of(trainer)[0][7] - before).numpy()
    assert np.corrcoef(change, drawing.prepared("pixels").reshape(-1))[0, 1] > 0.5


@pytest.mark.parametrize(
    "settings",
    [Settings(), Settings(gradient="autograd", momentum=0.9), Settings(model="mlp", gradient="autograd")],
)
def test_a_run_put_back_goes_on_as_if_never_taught(digits: Digits, settings: Settings) -> None:
    taught, plain = (Trainer(settings, digits, tests=False) for _ in range(2))
    for trainer in (taught, plain):
        trainer.advance(5)
    kept = parameters_of(taught)
    teach(taught, *lesson(), steps=3, copies=10)
    assert not np.array_equal(parameters_vector(taught), parameters_vector(plain))
    put_back(taught, kept)
    for trainer in (taught, plain):
        trainer.advance(5)
    assert np.array_equal(parameters_vector(taught), parameters_vector(plain))


@pytest.mark.parametrize("features", ["pixels", "normalised"])
def test_three_odd_sevens_make_the_fourth_read_right(digits: Digits, features: str) -> None:
    trainer = Trainer(Settings(iterations=600, pace=0, features=features), digits, tests=False)
    trainer.advance(600)
    sevens = [odd_seven(turn) for turn in (-0.06, 0.0, 0.07, 0.03)]
    before = parameters_vector(trainer)
    assert read(before, sevens[3], features) != 7
    images = np.concatenate([seven.variations(features) for seven in sevens[:3]])  # type: ignore[arg-type]
    teach(trainer, images, np.full(len(images), 7), steps=100, copies=20)
    after = parameters_vector(trainer)
    assert read(after, sevens[3], features) == 7
    test_images, labels = trainer.tensors.test_images.numpy(), digits.test_labels
    old, new = ((logits(part, test_images).argmax(axis=1) == labels).mean() for part in (before, after))
    assert new > old - 0.02


@pytest.mark.parametrize(
    ("images", "labels", "steps", "copies"),
    [
        (np.zeros((0, 784), np.uint8), np.zeros(0, int), 1, 1),
        (np.zeros((1, 784), np.float32), np.zeros(1, int), 1, 1),
        (np.zeros((1, 783), np.uint8), np.zeros(1, int), 1, 1),
        (np.zeros((1, 784, 1), np.uint8), np.zeros(1, int), 1, 1),
        (np.zeros((1, 784), np.uint8), np.array([10]), 1, 1),
        (np.zeros((1, 784), np.uint8), np.zeros(2, int), 1, 1),
        (np.zeros((1, 784), np.uint8), np.zeros(1, int), 0, 1),
        (np.zeros((1, 784), np.uint8), np.zeros(1, int), 1, 101),
    ],
)
def test_what_cannot_be_taught(
    trainer: Trainer, images: np.ndarray, labels: np.ndarray, steps: int, copies: int
) -> None:
    before = parameters_vector(trainer)
    with pytest.raises(ValueError, match="label|uint8|Steps"):
        teach(trainer, images, labels, steps, copies)
    assert np.array_equal(parameters_vector(trainer), before)


def test_undo_puts_a_run_back_to_the_last_digit(run: RunHandle) -> None:
    before = run.board.read()
    assert before is not None
    for _ in range(2):
        run.teach(*lesson(), steps=5, copies=20)
    assert run.taught == 2
    taught = run.board.read()
    assert taught is not None and not np.array_equal(taught.lane.parameters, before.lane.parameters)
    for left in (1, 0):
        run.undo_teaching()
        assert run.taught == left
    after = run.board.read()
    assert after is not None and np.array_equal(after.lane.parameters, before.lane.parameters)
    assert (after.state, after.iteration) == ("finished", 300)
    with pytest.raises(ServiceError, match="no teaching"):
        run.undo_teaching()


def test_undo_after_training_on_is_the_run_without_the_teaching(service: Service, run: RunHandle) -> None:
    expected = run.board.read()
    assert expected is not None
    run.reset()
    run.step(100)
    run.set_learning_rate(0.1)
    run.teach(*lesson(), steps=5, copies=20)
    run.step(200)
    taught = run.wait(20, lambda snapshot: snapshot.iteration == 300)
    assert not np.array_equal(taught.lane.parameters, expected.lane.parameters)
    run.undo_teaching()
    after = run.wait(20, lambda snapshot: snapshot.iteration == 300 and snapshot.state != "running")
    assert np.array_equal(after.lane.parameters, expected.lane.parameters)


def test_a_race_cannot_be_taught(service: Service) -> None:
    race = service.open_run(Settings(iterations=20), [0.1, 0.2])
    with pytest.raises(ServiceError, match="race"):
        race.teach(*lesson(), steps=1, copies=1)
    race.close()


def test_drawings_come_back_from_their_file_exactly() -> None:
    ink = np.zeros((200, 300), np.uint8)
    ink[50:150, 100:120] = 200
    drawings = [odd_seven(), own_drawing(1, None, ink, held_back=True)]
    found = from_json(to_json(drawings).encode())
    assert [(one.label, one.held_back) for one in found] == [(7, False), (1, True)]
    for one, other in zip(found, drawings, strict=True):
        for features in ("pixels", "normalised"):
            assert np.array_equal(one.variations(features), other.variations(features))  # type: ignore[arg-type]


def test_long_scribbles_are_thinned_to_what_a_file_may_hold() -> None:
    long = own_drawing(3, [np.random.default_rng(0).uniform(0, 280, (9_000, 2))], np.zeros((1, 1), np.uint8))
    assert sum(map(len, long.strokes)) <= MOST_POINTS
    from_json(to_json([long]).encode())
