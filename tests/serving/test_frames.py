import json
import struct
from dataclasses import replace

import numpy as np
import pytest
import torch

from lrdemo.answers.predict import logits
from lrdemo.model import build_model
from lrdemo.serving.board import Board, Lane, Snapshot, shape_of
from lrdemo.serving.frames import Shown, encode, templates
from lrdemo.serving.job import Job, build
from lrdemo.serving.messages import Opening, Standing
from lrdemo.serving.why import Question
from lrdemo.settings import Settings
from lrdemo.shapes import layers
from lrdemo.symptoms import Symptom
from lrdemo.verdict import Verdict, judge

ALL = frozenset({"curves", "templates", "answer"})
STATUS = {"rebuilt": 0, "device": "cpu", "problem": None}
TYPES = {"float32": (4, "f"), "int8": (1, "b"), "uint8": (1, "B")}


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


def decode(frame):
    """Return header, arrays and their offsets, as the browser reads them."""
    (length,) = struct.unpack_from("<I", frame)
    header = json.loads(frame[4 : 4 + length], parse_constant=refuse)
    offset, arrays, offsets = 4 + length, {}, {}
    for name, kind, count in header["arrays"]:
        size, code = TYPES[kind]
        arrays[name] = np.array(struct.unpack_from(f"<{count}{code}", frame, offset))
        offsets[name] = offset
        offset += size * count
    assert offset == len(frame)
    return header, arrays, offsets


def trained(digits, tmp_path, steps, rates=(), **values):
    """Return the published snapshot of a run that has done so many iterations, and the run."""
    settings, path = Settings(**values), tmp_path / "1.run"
    shape = shape_of(settings, len(rates) or 1)
    path.write_bytes(bytes(shape.size))
    board, opening = Board(path, shape), Opening(str(path), settings, tuple(rates), (), Standing(), False)
    job = Job(board, lambda settings: build(settings, lambda _: digits, rates), opening)
    job.step(0.0, steps)
    while job.due(0.0):
        job.work(lambda: 0.0, 0.004)
    return board.read(), job.run


def long_snapshot(iteration, tests=1):
    loss = np.linspace(2.3, 0.3, iteration, dtype=np.float32)
    table = np.stack([np.linspace(0, iteration, tests), np.full(tests, 0.5), np.full(tests, 0.875)], axis=1)
    lane = Lane(0.1, np.zeros(7850, np.float32), loss, 1 - loss / 3, table.astype(np.float32))
    return Snapshot(4, "running", iteration, 30_000, 600, 0, 1234.5, float("nan"), (lane,))


def shown_image(digits, index=0):
    image = np.asarray(digits.test_images[index], np.float32) / 255
    return Shown(image, image.reshape(-1), f"Test image {index}")


def test_without_a_snapshot_the_frame_says_that_the_worker_is_starting():
    header, arrays, _ = decode(encode(None, {**STATUS, "rebuilt": 2}, ALL, None))

    assert header == {"state": "starting", "rebuilt": 2, "device": "cpu", "problem": None, "arrays": []}
    assert arrays == {}


def test_the_header_holds_the_numbers_of_the_run(digits, tmp_path):
    snapshot, trainer = trained(digits, tmp_path, 150, batch_size=200, iterations=400, learning_rate=0.25)

    header, arrays, _ = decode(encode(snapshot, STATUS, frozenset(), None))

    test = trainer.history.tests[-1]
    assert arrays == {}
    assert (header["state"], header["iteration"], header["iterations"]) == ("paused", 150, 400)
    assert (header["epoch"], header["iterationsPerEpoch"], header["learningRate"]) == (0.5, 300, 0.25)
    assert (header["revision"], header["pace"], header["device"], header["rebuilt"]) == (1, 100, "cpu", 0)
    assert (header["testIteration"], header["testAccuracy"]) == (150, pytest.approx(test.accuracy))
    assert header["testLoss"] == pytest.approx(test.loss)
    assert header["loss"] == pytest.approx(float(trainer.history.loss[-15:].mean()), abs=0.15)
    assert 0 <= header["gradientDifference"] < 1e-5


@pytest.mark.parametrize(("held_out", "said"), [(0, ("test", 10_000)), (2_000, ("held-out", 2_000))])
def test_the_header_says_which_images_a_run_is_tested_on(digits, tmp_path, held_out, said):
    snapshot, trainer = trained(digits, tmp_path, 5, held_out=held_out)

    header, _, _ = decode(encode(snapshot, STATUS, frozenset(), None))

    assert (header["testedOn"], header["testedImages"]) == said
    assert header["iterationsPerEpoch"] == (60_000 - held_out) // 100
    assert header["testAccuracy"] * said[1] == pytest.approx(round(header["testAccuracy"] * said[1]), abs=1e-3)


def test_only_the_wanted_parts_are_sent(digits, tmp_path):
    snapshot, _ = trained(digits, tmp_path, 30)
    shown = shown_image(digits)

    sent = {part: set(decode(encode(snapshot, STATUS, frozenset({part}), shown))[1]) for part in sorted(ALL)}

    assert sent == {
        "answer": {"image", "logits", "probabilities"},
        "curves": {"x", "rawLoss", "smoothLoss", "smoothAccuracy", "testX", "testLosses", "testAccuracies"},
        "templates": {"templates", "biases"},
    }


@pytest.mark.parametrize("title", ["7", "77", "777", "7777", "Ziffer – „sieben“"])
def test_every_float_starts_where_a_typed_array_may_start(digits, tmp_path, title):
    snapshot, _ = trained(digits, tmp_path, 30)

    header, arrays, offsets = decode(encode(snapshot, STATUS, ALL, replace(shown_image(digits), title=title)))

    floats = [name for name, kind, _ in header["arrays"] if kind == "float32"]
    assert len(floats) == 10 and {"image", "templates"} == set(arrays) - set(floats)
    assert [offsets[name] % 4 for name in floats] == [0] * 10
    assert header["shown"] == title


def test_short_curves_are_sent_whole(digits, tmp_path):
    snapshot, trainer = trained(digits, tmp_path, 120)

    _, arrays, _ = decode(encode(snapshot, STATUS, frozenset({"curves"}), None))

    assert arrays["x"].tolist() == list(range(1, 121))
    np.testing.assert_array_equal(arrays["rawLoss"], trainer.history.loss)
    (tests,) = trainer.tests
    assert arrays["testX"].tolist() == [point.iteration for point in tests] == [0, 10, 20, 30, 40, 50, 100, 120]
    np.testing.assert_allclose(arrays["testLosses"], [point.loss for point in tests], rtol=1e-6)
    np.testing.assert_allclose(arrays["testAccuracies"], [point.accuracy for point in tests])


@pytest.mark.parametrize("iteration", [1, 20, 21, 299, 301, 601, 12_345, 30_000])
def test_long_curves_are_thinned_to_about_300_points_and_keep_the_last(iteration):
    snapshot = long_snapshot(iteration, tests=603)

    frame = encode(snapshot, STATUS, frozenset({"curves"}), None)

    _, arrays, _ = decode(frame)
    assert min(iteration, 150) <= len(arrays["x"]) <= 301
    assert len(arrays["testX"]) <= 302
    assert arrays["x"][-1] == iteration
    assert arrays["testX"][-1] == iteration
    np.testing.assert_array_equal(arrays["rawLoss"], snapshot.lane.loss[arrays["x"].astype(int) - 1])
    # The mean of a straight line over the latest iterations is its value in the middle of them.
    middle = arrays["x"] - 1 - (np.minimum(21, np.ceil(arrays["x"] / 4)) - 1) / 2
    expected = 2.3 - 2 * middle / max(iteration - 1, 1)
    np.testing.assert_allclose(arrays["smoothLoss"], expected, atol=1e-5)
    np.testing.assert_allclose(arrays["smoothAccuracy"], 1 - expected / 3, atol=1e-5)
    assert len(frame) < 10_000


@pytest.mark.parametrize("iteration", [10, 40, 150])
def test_a_run_that_has_just_begun_has_no_test_to_report(iteration):
    header, arrays, _ = decode(encode(long_snapshot(iteration, tests=0), STATUS, ALL, None))

    assert (header["testLoss"], header["testAccuracy"], header["testIteration"]) == (None, None, None)
    assert len(arrays["testX"]) == 0


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_diverged_run_still_gives_valid_json_and_whole_arrays(digits, value):
    numbers = np.full(7850, value, np.float32)
    table = np.array([[0, value, 0.1]], dtype=np.float32)
    lane = Lane(10.0, numbers, np.full(30, value, np.float32), np.full(30, value, np.float32), table)
    snapshot = Snapshot(1, "diverged", 30, 600, 600, 0, 0.0, value, (lane,))

    header, arrays, _ = decode(encode(snapshot, STATUS, ALL, shown_image(digits)))

    assert (header["state"], header["loss"], header["testLoss"]) == ("diverged", None, None)
    assert header["gradientDifference"] is None
    assert header["limit"] == 0.1
    assert len(arrays["templates"]) == 7840


@pytest.mark.parametrize("value", [3e38, np.inf, np.nan])
@pytest.mark.parametrize("size", [7_850, 227_670])
def test_a_model_that_has_exploded_is_shown_without_a_warning(digits, value, size):
    parameters = np.full(size, value, np.float32)
    parameters[::3] *= -1
    lane = replace(long_snapshot(200).lane, parameters=parameters, loss=np.full(200, 3e38, np.float32))

    header, arrays, _ = decode(encode(replace(long_snapshot(200), lanes=(lane,)), STATUS, ALL, shown_image(digits)))

    expected = [0, 0, 0] if np.isnan(value) else [-127, 127, 127]
    assert header["limit"] == 0.1 and arrays["templates"][:3].tolist() == expected
    assert len(arrays["probabilities"]) == 10


@pytest.mark.parametrize("values", [{}, {"model": "mlp", "gradient": "autograd"}])
def test_templates_are_the_weights_within_one_step_of_the_scale(digits, tmp_path, values):
    snapshot, trainer = trained(digits, tmp_path, 60, **values)
    layer = next(module for module in trainer.model.modules() if isinstance(module, torch.nn.Linear))
    weight = layer.weight.detach().numpy()[:10]

    header, arrays, _ = decode(encode(snapshot, STATUS, frozenset({"templates"}), None))

    step = header["limit"] / 127
    clipped = weight.reshape(-1).clip(-header["limit"], header["limit"])
    assert np.abs(arrays["templates"] * step - clipped).max() <= step / 2 + 1e-7
    assert np.abs(weight).max() > 20 * step
    np.testing.assert_array_equal(arrays["biases"], layer.bias.detach().numpy()[:10])
    assert header["hiddenUnits"] == (len(values) > 0)


def test_templates_of_known_weights_by_hand():
    parameters = np.zeros(7850, np.float32)
    parameters[:100] = 0.25
    parameters[100:103] = (-0.15, 9.0, -9.0)

    limit, found = templates(parameters)

    # −0.15 · 127 / 0.25 = −76.2; what is beyond the limit has full colour.
    assert limit == pytest.approx(0.25)
    assert found[[0, 99, 100, 101, 102, 103]].tolist() == [127, 127, -76, 127, -127, 0]


@pytest.mark.parametrize("values", [{}, {"model": "mlp", "gradient": "autograd"}])
def test_the_answer_is_that_of_the_torch_model(digits, tmp_path, values):
    snapshot, trainer = trained(digits, tmp_path, 60, **values)
    shown = shown_image(digits, 3)
    trainer.model.eval()
    with torch.no_grad():
        expected = trainer.model(torch.from_numpy(shown.image).reshape(1, -1))[0]

    header, arrays, _ = decode(encode(snapshot, STATUS, frozenset({"answer"}), shown))
    drawn, tempered, _ = decode(encode(snapshot, STATUS, frozenset({"answer"}), replace(shown, factor=1.3, nearest=8)))
    divisor = 1.3 * trainer.tests[0][-1].temperature

    np.testing.assert_allclose(arrays["logits"], expected, atol=1e-5)
    np.testing.assert_allclose(arrays["probabilities"], torch.softmax(expected, 0), atol=1e-6)
    np.testing.assert_allclose(tempered["probabilities"], torch.softmax(expected / divisor, 0), atol=1e-6)
    assert drawn["temperature"] == pytest.approx(divisor) and header["temperature"] == 1 != divisor
    assert [(one["drawn"], one["nearest"], one["unusual"]) for one in (header, drawn)] == [
        (False, None, False), (True, 8, False)
    ]  # fmt: skip
    np.testing.assert_array_equal(arrays["image"], np.asarray(digits.test_images[3]).reshape(-1))
    assert (header["shown"], header["warning"], header["threshold"]) == ("Test image 3", None, 0.0)


def test_a_model_of_edges_answers_from_them_and_sends_them_and_their_picture(digits):
    parameters = np.random.default_rng(0).normal(0, 0.1, 8_010).astype(np.float32)
    lane = replace(long_snapshot(200).lane, parameters=parameters)
    image = shown_image(digits, 3).image
    numbers = np.random.default_rng(1).uniform(0, 2, 800).astype(np.float32)

    _, arrays, _ = decode(encode(replace(long_snapshot(200), lanes=(lane,)), STATUS, ALL, Shown(image, numbers, "3")))

    expected = numbers.astype(float) @ parameters[:8_000].reshape(10, 800).T + parameters[8_000:]
    np.testing.assert_allclose(arrays["logits"], expected, atol=1e-4)
    np.testing.assert_array_equal(arrays["image"], np.rint(100 * numbers))
    np.testing.assert_array_equal(arrays["picture"], digits.test_images[3].reshape(-1))
    assert len(arrays["templates"]) == 8_000


@pytest.mark.parametrize("kind", ["softmax", "mlp"])
def test_logits_from_numbers_alone_are_those_of_the_torch_model(digits, kind):
    model = build_model(kind, "linear", seed=5).eval()
    parameters = torch.nn.utils.parameters_to_vector(model.parameters()).detach().numpy()
    images = np.asarray(digits.test_images[:200], np.float32).reshape(200, 784) / 255

    found = logits(parameters, images)

    assert found.shape == (200, 10) and found.dtype == np.float32
    np.testing.assert_allclose(found, model(torch.from_numpy(images)).detach(), atol=1e-5)
    shapes = [(weight.shape, bias.shape) for weight, bias in layers(parameters)]
    expected = [(10, 784)] if kind == "softmax" else [(256, 784), (100, 256), (10, 100)]
    assert shapes == [(shape, shape[:1]) for shape in expected]


def test_a_blank_picture_is_said_to_be_blank(digits, tmp_path):
    snapshot, _ = trained(digits, tmp_path, 1)

    header, arrays, _ = decode(encode(snapshot, STATUS, frozenset({"answer"}), None))

    assert header["blank"] is True and arrays == {}


def test_a_picture_prepared_for_the_model_to_come_has_no_answer_yet(digits, tmp_path):
    snapshot, _ = trained(digits, tmp_path, 3)
    shown = Shown(np.zeros((28, 28), np.float32), np.zeros(800, np.float32), "Test image 0, a 7")

    header, arrays, _ = decode(encode(snapshot, STATUS, frozenset({"answer", "templates"}), shown))

    assert "templates" in arrays and not {"image", "logits", "probabilities"} & set(arrays)
    assert "blank" not in header and header["iteration"] == 3


def test_a_warning_and_a_threshold_go_with_the_answer(digits, tmp_path):
    snapshot, _ = trained(digits, tmp_path, 1)
    shown = replace(shown_image(digits), warning="That is hardly a digit.", threshold=0.8)

    header, _, _ = decode(encode(snapshot, STATUS, frozenset({"answer"}), shown))

    assert (header["warning"], header["threshold"]) == ("That is hardly a digit.", 0.8)


def test_where_the_pixels_are_on_the_pad_is_sent_to_who_asks_for_it(digits, tmp_path):
    snapshot, _ = trained(digits, tmp_path, 1)
    back = np.array([[0.25, 0.125, 0.5], [0, 2, -3], [0, 0, 1]])
    shown = replace(shown_image(digits), back=back)

    def sent(shown, **asked):
        return decode(encode(snapshot, STATUS, frozenset({"answer"}), shown, Question("evidence", **asked)))[0]

    a, b, c, d, e, f = sent(shown, on_pad=True)["onPad"]
    x, y, _ = back @ [3, 4, 1]
    assert (a * 3 + c * 4 + e, b * 3 + d * 4 + f) == (x, y)
    assert "onPad" not in sent(shown) and "onPad" not in sent(shown_image(digits), on_pad=True)


def test_a_race_tells_of_each_lane_how_it_does(digits, tmp_path):
    rates = (0.001, 0.1, 10.0)
    snapshot, race = trained(digits, tmp_path, 250, rates)
    verdicts = judge(race.settings, snapshot.state, snapshot.lanes)

    header, arrays, _ = decode(encode(snapshot, STATUS, frozenset({"race"}), None, verdicts=verdicts))

    lanes = header["lanes"]
    assert [lane["learningRate"] for lane in lanes] == list(rates)
    assert [lane["winner"] for lane in lanes] == [False, True, False]
    assert [lane["mark"] for lane in lanes] == ["slow", "ahead", "jumps"]
    for index, (lane, history, verdict) in enumerate(zip(lanes, race.histories, verdicts, strict=True)):
        assert lane["testAccuracy"] == pytest.approx(history.tests[-1].accuracy)
        assert lane["words"] == verdict.words != ""
        assert len(arrays[f"loss{index}"]) == len(arrays["x"])
        assert len(arrays[f"accuracy{index}"]) == len(arrays["testX"]) == len(history.tests)
        limit = header["limit"]
        clipped = race.weight(index).reshape(-1).clip(-limit, limit)
        assert np.abs(arrays[f"templates{index}"] * limit / 127 - clipped.numpy()).max() <= limit / 250


def test_a_race_is_not_shown_without_its_verdicts():
    with pytest.raises(ValueError):
        encode(long_snapshot(200), STATUS, frozenset({"race"}), None)


def test_what_is_sent_of_a_race_by_hand():
    """400 iterations are thinned to every fourth, the last one included."""
    calm, table = np.full(400, 0.5, np.float32), np.array([[0, 2.3, 0.1], [200, 0.4, 0.8], [400, 0.9, 0.7]], np.float32)
    better = table * np.array([1, 0.5, 1.25], np.float32)
    lanes = tuple(
        Lane(rate, np.zeros(7850, np.float32), calm * scale, calm, tests)
        for rate, scale, tests in ((0.1, 2, table), (0.2, 1, better))
    )
    snapshot = Snapshot(1, "running", 400, 600, 600, 0, 10.0, float("nan"), lanes)
    verdicts = (Verdict(False, Symptom.SLOW, "Slow."), Verdict(True, None, "First."))

    header, arrays, _ = decode(encode(snapshot, STATUS, frozenset({"race"}), None, verdicts=verdicts))

    assert arrays["x"].tolist() == [*range(1, 400, 4), 400] and arrays["testX"].tolist() == [0, 200, 400]
    for index, (scale, tests) in enumerate(((2, table), (1, better))):
        np.testing.assert_allclose(arrays[f"loss{index}"], 0.5 * scale, atol=1e-6)
        np.testing.assert_allclose(arrays[f"accuracy{index}"], tests[:, 2])
    assert [lane.pop("testAccuracy") for lane in header["lanes"]] == pytest.approx([0.7, 0.875])
    assert header["lanes"] == [
        {"learningRate": 0.1, "winner": False, "mark": "slow", "words": "Slow."},
        {"learningRate": 0.2, "winner": True, "mark": "ahead", "words": "First."},
    ]


def test_before_a_race_was_tested_no_accuracy_is_told():
    untested = tuple(
        Lane(0.1, np.zeros(7850, np.float32), np.zeros(0, np.float32), np.zeros(0, np.float32), np.zeros((0, 3), "f"))
        for _ in range(2)
    )
    snapshot = Snapshot(1, "ready", 0, 600, 600, 0, 0.0, float("nan"), untested)

    verdicts = judge(Settings(), "ready", untested)
    header, _, _ = decode(encode(snapshot, STATUS, frozenset({"race"}), None, verdicts=verdicts))

    assert [lane["testAccuracy"] for lane in header["lanes"]] == [None, None]


def test_the_templates_of_a_race_have_one_scale_that_a_lane_in_trouble_does_not_set():
    """Lane 1 has the largest weights of those that learn, 0.4, which is full colour; lane 2 jumps, and is at 50."""
    table, calm = np.array([[0, 2.3, 0.1], [150, 0.9, 0.7]], np.float32), np.full(150, 0.5, np.float32)
    lanes = tuple(Lane(0.1, np.full(7850, size, np.float32), calm, calm, table) for size in (0.2, 0.4, 50))
    snapshot = Snapshot(1, "running", 150, 600, 600, 0, 10.0, float("nan"), lanes)
    symptoms = (Symptom.SLOW, None, Symptom.JUMPS)
    verdicts = [Verdict(False, symptom, "") for symptom in symptoms]

    header, arrays, _ = decode(encode(snapshot, STATUS, frozenset({"race"}), None, verdicts=verdicts))

    assert header["limit"] == pytest.approx(0.4)
    assert [arrays[f"templates{lane}"][0] for lane in range(3)] == [64, 127, 127]

    too_large = [Verdict(False, Symptom.ABOVE_START, "")] * 3
    header, _, _ = decode(encode(snapshot, STATUS, frozenset({"race"}), None, verdicts=too_large))
    assert header["limit"] == pytest.approx(0.2)


def test_a_test_image_as_it_is_goes_to_the_pad_alone(digits, tmp_path):
    snapshot, _ = trained(digits, tmp_path, 3)
    shown = replace(shown_image(digits, 4), index=4, pixels=digits.test_images[4])

    header, arrays, _ = decode(encode(snapshot, STATUS, frozenset({"answer", "pad"}), shown))
    assert header["testImage"] == 4
    assert np.array_equal(arrays["onPadPixels"].reshape(28, 28), digits.test_images[4])
    header, arrays, _ = decode(encode(snapshot, STATUS, frozenset({"answer"}), shown))
    assert header["testImage"] == 4 and "onPadPixels" not in arrays
    header, arrays, _ = decode(encode(snapshot, STATUS, frozenset({"answer", "pad"}), shown_image(digits)))
    assert header["testImage"] is None and "onPadPixels" not in arrays


def test_what_is_sent_of_a_comparison_by_hand():
    """Each lane has its own tests, its own limit of the templates, and its own answer to what it gets of the image."""
    generator = np.random.default_rng(0)
    table = np.array([[0, 2.3, 0.1], [50, 0.4, 0.8], [100, 0.3, 0.9]], np.float32)
    curve = np.full(100, 0.5, np.float32)
    sizes = (7_850, 8_010, 227_670)
    lanes = tuple(
        Lane(0.1, generator.normal(0, 0.1 + index, size).astype(np.float32), curve, curve, table[: 3 - index])
        for index, size in enumerate(sizes)
    )
    given = [generator.random(size).astype(np.float32) for size in (784, 800, 784)]
    snapshot = Snapshot(1, "running", 100, 600, 600, 0, 10.0, float("nan"), lanes)

    header, arrays, _ = decode(encode(snapshot, STATUS, frozenset({"comparison"}), None, given=given))

    assert [lane["testAccuracy"] for lane in header["lanes"]] == pytest.approx([0.9, 0.8, 0.1])
    assert [lane["testIteration"] for lane in header["lanes"]] == [100, 50, 0]
    assert arrays["x"].tolist() == [0, 50, 100]
    for index, (lane, image) in enumerate(zip(lanes, given, strict=True)):
        said = header["lanes"][index]
        assert said["digit"] == logits(lane.parameters, image[None])[0].argmax()
        white = 100 if len(image) == 800 else 255
        np.testing.assert_allclose(arrays[f"image{index}"] / white, image, atol=0.51 / white)
        assert arrays[f"accuracy{index}"].tolist() == lane.test_table[:, 2].tolist()
        first = layers(lane.parameters)[0][0][:10].reshape(-1)
        shown = arrays[f"templates{index}"] * said["limit"] / 127
        assert np.abs(shown - first.clip(-said["limit"], said["limit"])).max() <= said["limit"] / 250
    assert len({lane["limit"] for lane in header["lanes"]}) == 3

    header, arrays, _ = decode(encode(snapshot, STATUS, frozenset({"comparison"}), None, given=[None] * 3))
    assert [lane["digit"] for lane in header["lanes"]] == [None] * 3 and "image0" not in arrays
