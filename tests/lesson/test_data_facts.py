import numpy as np
import pytest

from lrdemo.data import Digits
from lrdemo.lesson.data_facts import count_facts, flattened, minibatch, random_indices


def test_the_first_labels_are_the_known_ones(digits: Digits) -> None:
    assert [int(digits.train_labels[i]) for i in (0, 1, 3)] == [5, 0, 1]
    assert [int(digits.test_labels[i]) for i in (0, 1)] == [7, 2]


def test_counts_averages_and_the_67_pixels_without_ink(digits: Digits) -> None:
    facts = count_facts(digits.train_images, digits.train_labels)
    assert facts.counts.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert facts.never_inked.sum() == 67
    ones = digits.train_images[digits.train_labels == 1] / 255
    assert np.allclose(facts.averages[1], ones.mean(axis=0), atol=1e-6)
    assert np.allclose((facts.counts[:, None, None] * facts.averages).sum(axis=0) / 60_000, facts.overall_average)


def test_a_minibatch_has_the_shapes_of_the_lesson(digits: Digits) -> None:
    indices = random_indices(60_000, 100, seed=1)
    images, labels = minibatch(digits.train_images, digits.train_labels, indices)
    assert images.shape == (100, 1, 28, 28) and labels.shape == (100,)
    assert images.min() >= 0 and images.max() <= 1
    assert flattened(images).shape == (100, 784)
    assert np.array_equal(flattened(images)[3, 28:56], images[3, 0, 1])
    assert len(set(indices.tolist())) == 100
    assert np.array_equal(indices, random_indices(60_000, 100, seed=1))
    assert not np.array_equal(indices, random_indices(60_000, 100, seed=2))
    assert np.array_equal(images[0, 0], digits.train_images[indices[0]] / np.float32(255))
    assert labels.tolist() == digits.train_labels[indices].tolist()


def test_facts_of_four_images_by_hand() -> None:
    """Two of a 1, one of an 8 and one of a 9, two pixels of which the second is never inked."""
    images = np.zeros((4, 28, 28), np.uint8)
    images[:, 0, 0] = 255, 51, 102, 255
    facts = count_facts(images, np.array([1, 1, 8, 9], np.uint8))
    assert facts.counts.tolist() == [0, 2, 0, 0, 0, 0, 0, 0, 1, 1]
    assert facts.averages[:, 0, 0].tolist() == pytest.approx([0, 0.6, 0, 0, 0, 0, 0, 0, 0.4, 1])
    assert facts.overall_average[0, 0] == pytest.approx(2.6 / 4)
    assert not facts.never_inked[0, 0] and facts.never_inked[0, 1] and facts.never_inked.sum() == 783
