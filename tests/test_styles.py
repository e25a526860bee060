import numpy as np
import pytest
import torch

from lrdemo import styles
from lrdemo.features import inputs
from lrdemo.minibatches import resident
from lrdemo.settings import Settings
from lrdemo.shapes import IMAGE
from lrdemo.styles import COPIES, MADE_UP, STYLES, VARIANTS, Style, as_designed, styled_digits, variants
from lrdemo.trainer import Trainer

BAR = Style(7, "corner", (((0.0, 0.0), (1.0, 0.0), (1.0, 0.0), (0.4, 1.0)), ((0.3, 0.5), (0.9, 0.5))))


def test_each_style_has_its_variants_in_order_with_its_label():
    images, labels = styled_digits()

    assert images.shape == (len(STYLES) * VARIANTS, 28, 28) and images.dtype == np.uint8
    assert labels.tolist() == [style.label for style in STYLES for _ in range(VARIANTS)]
    place = 5 * VARIANTS
    assert np.array_equal(images[place : place + 3], IMAGE.packed(variants(STYLES[5], 3)))
    assert (images.reshape(len(images), -1).max(axis=1) == 255).all()


def test_the_same_seed_gives_the_same_drawings_and_another_seed_others():
    one, again, other = (variants(STYLES[0], 2, seed) for seed in (1, 1, 2))

    assert np.array_equal(one, again) and not np.array_equal(one, other)
    assert not np.array_equal(one[0], one[1])


def test_variants_look_like_what_was_designed():
    """On average they are more like their own style than like those of other digits."""
    designed = np.stack([as_designed(style).reshape(-1) for style in STYLES])
    for place, style in enumerate(STYLES):
        mean = variants(style, 6).reshape(6, -1).mean(axis=0)
        likeness = designed @ mean / np.linalg.norm(designed, axis=1)
        others = [likeness[k] for k, other in enumerate(STYLES) if other.label != style.label]
        assert likeness[place] > max(others), style.name


def test_a_curve_goes_through_its_points_and_keeps_its_corners():
    stroke = np.array(BAR.strokes[0])
    path = styles._through(stroke)

    for point in stroke:
        assert np.linalg.norm(path - point, axis=1).min() < 1e-12
    # From corner to corner it is straight.
    assert len(path) == 4
    bend = styles._through(np.array([(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)]))
    assert np.allclose(bend, bend[::-1] * [-1, 1] + [2, 0], atol=0.2) and (bend[:, 1] <= 1 + 1e-9).all()


def test_both_points_of_a_corner_move_alike():
    moved = styles._jittered(np.array(BAR.strokes[0]), np.random.default_rng(3))

    assert np.array_equal(moved[1], moved[2]) and not np.array_equal(moved[0], BAR.strokes[0][0])


def test_another_table_is_kept_in_another_file(monkeypatch):
    monkeypatch.setattr(styles, "VARIANTS", 1)
    monkeypatch.setattr(styles, "STYLES", STYLES[:2])
    images, labels = styled_digits()

    assert (len(images), labels.tolist()) == (2, [9, 9])


def test_the_training_images_are_mnist_and_then_the_made_up_ones_threefold(digits):
    plain, styled = (resident(digits, "cpu", "directions", with_styles) for with_styles in (False, True))
    images, labels = styled_digits()

    assert plain.train_bytes.data_ptr() == styled.train_bytes.data_ptr(), "they are in memory twice"
    assert MADE_UP == COPIES * len(images) and len(styled.train_labels) == 60_000 + MADE_UP
    assert torch.equal(styled.train_bytes[:60_000], plain.train_bytes)
    assert torch.equal(styled.test_bytes, plain.test_bytes)
    assert np.array_equal(styled.train_labels[60_000:].numpy(), np.tile(labels, COPIES))
    packed = styled.form.packed(inputs(IMAGE.unpacked(images), "directions"))
    assert np.array_equal(styled.train_bytes[60_000:].numpy(), np.tile(packed, (COPIES, 1)))
    places = np.array([0, 59_999, 60_000, 60_000 + len(images) + 7])
    wanted = [*styled.pictures.train_images[[0, 59_999]], images[0], images[7]]
    assert np.array_equal(styled.train_pictures(places), wanted)


def test_what_is_held_out_comes_from_mnist_and_the_made_up_ones_stay_in(digits):
    trainer = Trainer(Settings(features="normalised", styles=True, held_out=1_000), digits)
    plain = Trainer(Settings(features="normalised", held_out=1_000), digits)

    used = trainer.trained_on.tolist()
    assert used == [*range(59_000), *range(60_000, 60_000 + MADE_UP)]
    assert torch.equal(trainer.tensors.judged_on(1_000)[0], plain.tensors.judged_on(1_000)[0])
    assert torch.equal(trainer.tensors.judged_on(1_000)[1], plain.tensors.judged_on(1_000)[1])
    dealt = trainer._minibatches.take(10_000).reshape(-1).tolist()
    assert len({*dealt}) == len(dealt) and {*dealt} <= {*used}


@pytest.mark.parametrize("features", ["normalised", "directions"])
def test_with_them_a_model_reads_such_digits_and_loses_little_on_mnist(digits, features):
    unseen = np.concatenate([variants(style, 5, seed=1) for style in STYLES])
    labels = np.repeat([style.label for style in STYLES], 5)
    read, mnist = {}, {}
    for with_styles in (False, True):
        trainer = Trainer(Settings(features=features, styles=with_styles, iterations=600), digits)
        trainer.advance(600)
        with torch.no_grad():
            answers = trainer.model(torch.from_numpy(inputs(unseen, features))).argmax(dim=1).numpy()
        read[with_styles], mnist[with_styles] = (answers == labels).mean(), trainer.history.tests[-1].accuracy

    assert read[False] < 0.6 and read[True] > {"normalised": 0.8, "directions": 0.92}[features]
    assert mnist[True] > mnist[False] - 0.006
