"""The hogs: their settings are legal, and as costly as is legal."""

from urllib.parse import parse_qsl, urlencode

import pytest

from lrdemo.bench.hog import HOGS
from lrdemo.settings import FULL_SPEED, TABLE, from_mapping


@pytest.mark.parametrize("kind", HOGS)
def test_the_address_of_a_hog_gives_its_settings_without_a_complaint(kind):
    settings, problems = from_mapping(dict(parse_qsl(urlencode(HOGS[kind].to_url()))))

    assert problems == []
    assert settings == HOGS[kind]


@pytest.mark.parametrize("kind", HOGS)
def test_a_hog_takes_the_largest_minibatches_for_the_longest_run_at_full_speed(kind):
    settings = HOGS[kind]

    assert (settings.batch_size, settings.iterations) == (TABLE["batch_size"].high, TABLE["iterations"].high)
    assert settings.pace == FULL_SPEED
    assert settings.momentum > 0 and settings.weight_decay > 0
    assert settings.model == ("softmax" if kind == "race" else "mlp")
