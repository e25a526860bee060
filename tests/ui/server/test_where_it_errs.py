"""What the page Mistakes is told of a live run, of drawings and of another model, held to the core's own answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix

from lrdemo.answers.mistakes import Answers
from lrdemo.candidates import Candidate
from lrdemo.data import Digits
from lrdemo.drawings.own import own_drawing
from lrdemo.serving.service import Service
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer
from lrdemo.ui.server import visitors
from lrdemo.ui.server.choice import take
from lrdemo.ui.server.mistakes import PAGE, Mistakes, Moment, Wanted, told
from lrdemo.ui.server.other_models import other_models
from lrdemo.ui.server.picture import shown
from lrdemo.ui.server.visitor import Visitor

LONG = 60.0
SHORT = Settings(iterations=300, pace=0)
SEVEN = [1.5 * np.array([[70, 70], [140, 62], [200, 66], [170, 130], [120, 215], [80, 240]], np.float64)]
ONE = [np.array([[200, 80], [210, 200], [205, 340]], np.float64)]
FROM_INK = np.pad(np.full((100, 20), 255, np.uint8), 90)

Until = Callable[[Callable[[dict[str, Any]], Any]], Awaitable[dict[str, Any]]]


@pytest.fixture
def visitor(lab: Service) -> Iterator[Visitor]:
    visitor = visitors.arrive(SHORT)
    visitor.run.wait(LONG, lambda snapshot: snapshot.state == "ready")
    yield visitor
    visitors.close_comparison(visitor)
    visitor.run.close()


def looking(visitor: Visitor, act: Callable[[Mistakes, Until], Awaitable[None]]) -> None:
    """Have somebody look while `act` chooses and waits for what is found."""

    async def look() -> None:
        news = asyncio.Event()
        mistakes = Mistakes(visitor, visitor.run, news.set)
        work = asyncio.create_task(mistakes.work())

        async def until(true: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
            async with asyncio.timeout(LONG):
                while mistakes.found is None or not true(mistakes.found):
                    news.clear()
                    await news.wait()
            return mistakes.found

        await act(mistakes, until)
        work.cancel()

    asyncio.run(look())


def at(iteration: int) -> Callable[[dict[str, Any]], bool]:
    return lambda found: found.get("iteration") == iteration


@pytest.fixture(scope="module")
def beside(digits: Digits) -> torch.Tensor:
    """The probabilities of all test images at the end of such a run, [10000, 10]."""
    trainer = Trainer(SHORT, digits)
    trainer.advance(300)
    with torch.no_grad():
        return torch.softmax(trainer.model(trainer.tensors.test_images), dim=1)


def test_it_follows_the_run_and_shows_what_is_chosen(visitor: Visitor, digits: Digits, beside: torch.Tensor) -> None:
    labels, said = digits.test_labels, beside.argmax(dim=1).numpy()

    async def act(mistakes: Mistakes, until: Until) -> None:
        mistakes.choose({})
        first = await until(at(0))
        assert sum(map(sum, first["matrix"])) == first["of"] == 10_000 and first["others"] == []
        await asyncio.to_thread(visitor.run.start)
        last = await until(at(300))
        assert last["matrix"] == confusion_matrix(labels, said).tolist()
        assert last["cell"] is None and last["among"] == (labels != said).sum()
        order = sorted(np.flatnonzero(labels != said), key=lambda index: -beside[index].max())
        assert [image["value"] for image in last["images"]] == [str(index) for index in order[:PAGE]]

        mistakes.choose({"cell": [4, 9], "start": PAGE})
        cell = sorted(np.flatnonzero((labels == 4) & (said == 9)), key=lambda index: -beside[index].max())
        assert mistakes.found is not None and mistakes.found["cell"] == (4, 9)
        assert mistakes.found["matrix"] == last["matrix"] and mistakes.found["among"] == len(cell)
        page = cell[PAGE : 2 * PAGE]
        assert [image["title"] for image in mistakes.found["images"]] == [f"Test image {index}" for index in page]
        assert {(image["label"], image["answer"]) for image in mistakes.found["images"]} == {(4, 9)}
        shares = mistakes.arrays["mistakeShares"].reshape(-1, 10)
        np.testing.assert_allclose(shares, beside[page], atol=1e-5)
        pictures = mistakes.arrays["mistakePictures"].reshape(-1, 28, 28)
        np.testing.assert_array_equal(pictures, digits.test_images[page])

        mistakes.choose({"cell": [4, 9], "start": 10_000})
        assert mistakes.found["start"] == (len(cell) - 1) // PAGE * PAGE and mistakes.found["images"]
        mistakes.choose(None)
        assert mistakes.found is None and mistakes.arrays == {}

    looking(visitor, act)


def test_while_it_trains_all_that_is_shown_is_of_one_iteration(visitor: Visitor, digits: Digits) -> None:
    trainer = Trainer(SHORT, digits)
    labels = digits.test_labels

    async def act(mistakes: Mistakes, until: Until) -> None:
        mistakes.choose({})
        await until(at(0))
        await asyncio.to_thread(visitor.run.set_pace, 100)
        await asyncio.to_thread(visitor.run.start)
        seen = 0
        for cell in ([4, 9], [3, 5], [9, 9]):
            mistakes.choose({"cell": cell})
            before = seen
            found = await until(lambda found: found["iteration"] > before)  # noqa: B023
            seen = found["iteration"]
            trainer.advance(seen - trainer.iteration)
            with torch.no_grad():
                theirs = torch.softmax(trainer.model(trainer.tensors.test_images), dim=1)
            assert found["matrix"] == confusion_matrix(labels, theirs.argmax(dim=1)).tolist()
            assert found["among"] == found["matrix"][cell[0]][cell[1]]
            indices = [int(image["value"]) for image in found["images"]]
            shares = mistakes.arrays["mistakeShares"].reshape(-1, 10)
            np.testing.assert_allclose(shares, theirs[indices], atol=1e-5)

    visitor.change(pace=100)
    looking(visitor, act)


def test_own_drawings_are_as_the_page_draw_has_them(visitor: Visitor) -> None:
    blank = np.zeros((420, 420), np.uint8)
    visitor.drawings = [own_drawing(7, SEVEN, blank), own_drawing(8, ONE, blank), own_drawing(1, None, FROM_INK)]
    visitor.run.start()
    visitor.run.wait(LONG, lambda snapshot: snapshot.state == "finished")

    async def act(mistakes: Mistakes, until: Until) -> None:
        mistakes.choose({"source": "own"})
        found = await until(at(300))
        assert (found["of"], found["drawings"], found["source"]) == (3, 3, "own")
        assert sum(map(sum, found["matrix"])) == 3 and [sum(row) for row in found["matrix"]][8] == 1
        (eight,) = [image for image in found["images"] if image["label"] == 8]
        assert (eight["title"], eight["value"], eight["answer"]) == ("Drawing 2", "drawing-1", 1)
        place = found["images"].index(eight)
        shares = mistakes.arrays["mistakeShares"].reshape(-1, 10)[place]

        take(visitor, eight["value"])
        asked = shown(visitor.picture, visitor.run.settings)
        snapshot = visitor.run.snapshot()
        assert asked is not None and asked.factor is not None and snapshot is not None
        weight, bias = np.split(snapshot.lane.parameters, [7840])
        scores = torch.from_numpy(weight.reshape(10, 784) @ asked.inputs + bias)
        wanted = torch.softmax(scores / (asked.factor * snapshot.temperature), dim=0)
        np.testing.assert_allclose(shares, wanted, atol=2e-3)

        mistakes.choose({"source": "own", "cell": [1, 1]})
        assert mistakes.found is not None
        for image in mistakes.found["images"]:
            assert (image["title"], image["value"]) == ("Drawing 3", None)

    looking(visitor, act)


def test_a_visitor_without_drawings_is_told_so(visitor: Visitor) -> None:
    async def act(mistakes: Mistakes, until: Until) -> None:
        mistakes.choose({"source": "own"})
        found = await until(lambda found: found["source"] == "own")
        assert found["of"] == 0 and "matrix" not in found and mistakes.arrays == {}

    looking(visitor, act)


def test_a_kept_drawing_goes_back_on_the_pad_and_what_was_there_is_not_lost(visitor: Visitor) -> None:
    visitor.drawings = [own_drawing(7, SEVEN, np.zeros((420, 420), np.uint8))]
    take(visitor, "drawing-0")
    former = visitor.drawing
    assert former is not None and visitor.picture.drawn and visitor.picture.strokes is not None
    np.testing.assert_array_equal(visitor.picture.strokes[0], SEVEN[0])
    assert [step[1:] for step in former["objects"][0]["path"]] == SEVEN[0].tolist()

    visitor.drawings.append(own_drawing(1, ONE, np.zeros((420, 420), np.uint8)))
    take(visitor, "drawing-1")
    assert visitor.cleared is former and visitor.drawing is not former
    picture = visitor.picture
    take(visitor, "drawing-2")
    take(visitor, "drawing-x")
    assert visitor.picture is picture


def test_another_model_is_compared_with_image_by_image(
    visitor: Visitor, digits: Digits, beside: torch.Tensor
) -> None:
    candidates = (Candidate("softmax", "pixels"), Candidate("softmax", "directions"))
    visitor.run.start()
    comparison = visitors.open_comparison(visitor, Settings(iterations=60, pace=0), candidates)
    assert other_models(visitor) == []
    comparison.start()
    comparison.wait(LONG, lambda snapshot: snapshot.state == "finished")
    assert [one.name for one in other_models(visitor)] == ["pixels", "directions"]
    trainer = Trainer(candidates[1].settings(comparison.settings), digits)
    trainer.advance(60)
    with torch.no_grad():
        theirs = trainer.model(trainer.tensors.test_images).argmax(dim=1).numpy()
    said, labels = beside.argmax(dim=1).numpy(), digits.test_labels

    async def act(mistakes: Mistakes, until: Until) -> None:
        mistakes.choose({"other": "directions"})
        found = await until(lambda found: found["other"] and found["iteration"] == 300)
        other = found["other"]
        assert (other["name"], other["iteration"]) == ("directions", 60)
        assert other["beside"] == [
            [((said == labels) & (theirs == labels)).sum(), ((said == labels) & (theirs != labels)).sum()],
            [((said != labels) & (theirs == labels)).sum(), ((said != labels) & (theirs != labels)).sum()],
        ]
        assert [image["other"] for image in found["images"]] == [theirs[int(one["value"])] for one in found["images"]]

    looking(visitor, act)


def test_a_kept_run_is_another_model_and_the_run_as_it_was_has_mistakes_of_its_own(
    visitor: Visitor, digits: Digits, beside: torch.Tensor
) -> None:
    visitor.run.start(Settings(iterations=40, pace=0, features="directions"))
    visitor.run.wait(LONG, lambda snapshot: snapshot.state == "finished" and snapshot.iteration == 40)
    kept = visitor.keep()
    theirs, early = (
        Trainer(Settings(iterations=iterations, features=features), digits)
        for iterations, features in ((40, "directions"), (75, "pixels"))
    )
    for one in (theirs, early):
        one.advance(75)
    with torch.no_grad():
        their, then = (one.model(one.tensors.test_images).argmax(dim=1).numpy() for one in (theirs, early))
    said, labels = beside.argmax(dim=1).numpy(), digits.test_labels
    visitor.run.start(SHORT)
    visitor.run.wait(LONG, lambda snapshot: snapshot.state == "finished" and snapshot.iteration == 300)

    async def act(mistakes: Mistakes, until: Until) -> None:
        mistakes.choose({"other": f"kept {kept.number}"})
        found = await until(lambda found: found.get("other") and found["iteration"] == 300)
        assert (found["other"]["name"], found["other"]["iteration"]) == ("kept: iterations 40, directions", 40)
        assert found["other"]["beside"][1][0] == ((said != labels) & (their == labels)).sum()
        assert [image["other"] for image in found["images"]] == [their[int(one["value"])] for one in found["images"]]

        visitor.run.look_at(75)
        found = await until(at(75))
        assert found["matrix"] == confusion_matrix(labels, then).tolist()
        visitor.run.look_at(None)
        found = await until(at(300))
        assert found["matrix"] == confusion_matrix(labels, said).tolist()

    looking(visitor, act)


def test_a_run_that_has_diverged_has_no_answers(digits: Digits) -> None:
    lost = Answers(40, digits.test_labels, np.full((10_000, 10), np.nan, np.float32))
    moment = Moment("test", digits.test_images, lost, 0, "pixels", 0, (), (), None, None)

    found, arrays = told(moment, Wanted())

    assert (found["iteration"], found["known"]) == (40, False)
    assert "matrix" not in found and arrays == {}


@pytest.mark.parametrize(
    "message",
    [
        3, [], {"source": "train"}, {"start": -1}, {"start": 1.5}, {"start": True}, {"cell": [1]}, {"cell": [1, 10]},
        {"cell": [1, 2, 3]}, {"cell": "12"}, {"cell": [1.0, 2]}, {"other": 3},
    ],
    ids=str,
)  # fmt: skip
def test_what_no_page_asks_is_refused(message: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        Wanted.read(message)


def test_what_is_not_said_is_all_mistakes_on_the_test_images() -> None:
    assert Wanted.read({}) == Wanted("test", None, 0, None)
