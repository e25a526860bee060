"""What the server keeps for one visitor: the picture as the model gets it, and runs that wait while he is away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from lrdemo.arrays import Bytes
from lrdemo.data import Digits
from lrdemo.digit import digit_from_rgba, draw_strokes
from lrdemo.drawings.doubts import FAR
from lrdemo.drawings.spaces import FAR_FROM_PIXELS, FAR_FROM_STROKES, DigitSpaces
from lrdemo.features import FEATURES, Features, prepare
from lrdemo.serving.service import Service
from lrdemo.settings import Settings
from lrdemo.ui.server import visitor as module
from lrdemo.ui.server.visitor import Picture, Visitor, shown, test_picture

SEVEN = np.array([[100.0, 90.0], [175.0, 90.0], [160.0, 130.0], [130.0, 195.0]])
test_picture.__test__ = False  # type: ignore[attr-defined]


def canvas() -> Bytes:
    ink = draw_strokes([SEVEN], 22)
    return np.dstack([ink, ink, ink, np.full_like(ink, 255)])


@pytest.mark.parametrize("features", FEATURES)
def test_a_drawing_is_read_from_its_strokes_where_they_are_known(features: Features) -> None:
    settings = Settings(features=features)
    by_strokes = shown(Picture("My drawing", canvas(), strokes=(SEVEN,)), settings)
    by_pixels = shown(Picture("My drawing", canvas()), settings)
    assert by_strokes is not None and by_pixels is not None
    expected = [digit_from_rgba(canvas(), features, strokes=strokes) for strokes in ((SEVEN,), None)]
    assert expected[0] is not None and expected[1] is not None
    assert np.array_equal(by_strokes.image, expected[0]) and np.array_equal(by_pixels.image, expected[1])
    assert not np.array_equal(expected[0], expected[1])


@pytest.mark.parametrize("features", FEATURES)
def test_a_test_image_is_prepared_as_those_of_the_training_were(digits: Digits, features: Features) -> None:
    found = shown(test_picture(3), Settings(features=features), threshold=0.7)
    assert found is not None
    expected = digits.test_images[3] / 255 if features == "pixels" else prepare(digits.test_images[3] / 255, features)
    np.testing.assert_allclose(found.image, expected, atol=1e-6)
    assert (found.title, found.temperature, found.warning) == ("Test image 3, a 0", 1, None)
    assert found.threshold == 0.7


def test_answers_to_drawings_are_tempered_for_softmax_regression_alone() -> None:
    drawing = Picture("My drawing", canvas())
    mlp = Settings(features="normalised", model="mlp", gradient="autograd")
    found = [shown(drawing, settings) for settings in (Settings(), Settings(features="normalised"), mlp)]
    assert [one.temperature for one in found if one is not None] == [1.1, 1.3, 1.0]


def test_a_drawing_far_from_all_digits_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read from strokes a drawing may be a little farther away; here it is between the two limits."""
    between = (FAR_FROM_PIXELS["pixels"] + FAR_FROM_STROKES["pixels"]) / 2

    def at(image: np.ndarray) -> DigitSpaces:
        means = np.tile(image.reshape(-1), (10, 1))
        means[:, 0] += np.sqrt(between)
        return DigitSpaces(means, np.zeros((10, 20, 784), np.float32))

    for strokes, warning in (((SEVEN,), None), (None, FAR)):
        picture = Picture("My drawing", canvas(), strokes=strokes)
        image = picture.prepared("pixels")
        assert image is not None
        spaces = at(image)
        monkeypatch.setattr(module, "kept_spaces", lambda digits, features, spaces=spaces: spaces)
        found = shown(picture, Settings())
        assert found is not None and found.warning == warning


def test_a_blank_drawing_shows_nothing() -> None:
    assert shown(Picture("My drawing", np.zeros((280, 280, 4), np.uint8)), Settings()) is None


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service(in_process=True)
    yield service
    service.close()


def test_the_picture_follows_the_features_of_the_run_and_the_threshold(service: Service) -> None:
    visitor = Visitor(service, Settings())
    woken: list[int] = []
    visitor.run.watchers.append(lambda: woken.append(visitor.shown_version))
    assert visitor.picture.title == "Test image 0, a 7"
    first = visitor.shown
    assert first is not None and first.threshold == 0 and visitor.shown is first

    visitor.picture = test_picture(5)
    visitor.set_threshold(0.8)
    assert len(set(woken)) == 2
    second = visitor.shown
    assert second is not None and (second.title, second.threshold) == ("Test image 5, a 1", 0.8)

    visitor.run.reset(Settings(features="normalised"))
    third = visitor.shown
    assert third is not None and not np.array_equal(third.image, second.image)


def test_the_draft_applies_at_the_next_start_but_rate_and_pace_at_once(service: Service) -> None:
    visitor = Visitor(service, Settings(iterations=40, pace=0))
    visitor.change(seed=5)
    assert visitor.run.settings == visitor.draft == Settings(iterations=40, pace=0, seed=5)
    visitor.start()
    first = visitor.run.wait(60, lambda snapshot: snapshot.state == "finished")

    visitor.change(learning_rate=0.5)
    visitor.change(pace=5_000)
    assert not visitor.pending
    visitor.change(batch_size=50)

    assert visitor.run.settings.batch_size == 100 and visitor.draft.batch_size == 50
    assert visitor.pending
    now = visitor.run.wait(60, lambda snapshot: (snapshot.lane.learning_rate, snapshot.pace) == (0.5, 5_000))
    assert np.array_equal(now.lane.loss, first.lane.loss)

    visitor.start()
    second = visitor.run.wait(60, lambda snapshot: snapshot.revision > now.revision and snapshot.state == "finished")
    assert visitor.run.settings == visitor.draft and not visitor.pending
    assert (visitor.draft.batch_size, visitor.draft.learning_rate, visitor.draft.pace) == (50, 0.5, 5_000)
    assert not np.array_equal(second.lane.loss, first.lane.loss)

    visitor.change(init="zeros")
    visitor.reset()
    third = visitor.run.wait(60, lambda snapshot: snapshot.revision > second.revision and snapshot.state == "ready")
    assert not third.lane.parameters.any() and visitor.run.settings.init == "zeros"


def test_run_and_race_stand_still_while_the_visitor_is_away(service: Service) -> None:
    settings = Settings(iterations=30_000, pace=200)
    visitor = Visitor(service, settings)
    visitor.race = service.open_run(settings, (0.01, 0.1))
    runs = [visitor.run, visitor.race]
    for run in runs:
        run.start()
        run.wait(60, lambda snapshot: snapshot.iteration > 0)
    assert visitor.away_seconds == 0

    visitor.leave()
    stopped = [run.wait(60, lambda snapshot: snapshot.state != "running").iteration for run in runs]
    assert visitor.away_seconds > 0
    visitor.leave()
    first = visitor.away_seconds
    assert visitor.away_seconds >= first > 0

    visitor.come_back()
    assert visitor.away_seconds == 0
    for run, iteration in zip(runs, stopped, strict=True):
        run.wait(60, lambda snapshot, iteration=iteration: snapshot.iteration > iteration)
        run.close()
