import math

import pytest

from lrdemo.errors import SettingsError
from lrdemo.settings import DEFAULTS, TABLE, Settings, changed, from_mapping


def test_settings_survive_the_url():
    settings = Settings(learning_rate=0.0123, batch_size=64, drop_last=True, init="xavier", seed=7)

    read, problems = from_mapping(settings.to_url())

    assert read == settings
    assert problems == []


def test_defaults_need_no_url():
    assert Settings().to_url() == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 0), ("learning_rate", math.nan), ("learning_rate", math.inf), ("learning_rate", "fast"),
        ("iterations", 0), ("iterations", 1.5), ("batch_size", 10_001), ("momentum", 1.0), ("weight_decay", -1),
        ("model", "cnn"), ("seed", -1), ("drop_last", "perhaps"), ("device", "tpu"), ("iterations", None),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(name, value):
    with pytest.raises(SettingsError, match=TABLE[name].label):
        Settings(**{name: value})


def test_a_bad_url_value_keeps_the_default_and_is_said():
    read, problems = from_mapping({"learning_rate": "-3", "batch_size": "50", "utm_source": "mail"})

    assert read == Settings(batch_size=50)
    assert len(problems) == 1 and "Learning rate" in problems[0]


def test_the_perceptron_goes_with_autograd():
    assert changed(Settings(), model="mlp").gradient == "autograd"
    assert from_mapping({"model": "mlp"})[0].gradient == "autograd"
    with pytest.raises(SettingsError, match="autograd"):
        Settings(model="mlp", gradient="by-hand")


@pytest.mark.parametrize(
    ("batch_size", "drop_last", "expected"), [(100, False, 600), (64, True, 937), (64, False, 938)]
)
def test_an_epoch_counts_the_short_minibatch(batch_size, drop_last, expected):
    assert Settings(batch_size=batch_size, drop_last=drop_last).iterations_per_epoch == expected


def test_every_default_is_allowed():
    assert {name: getattr(Settings(), name) for name in TABLE} == DEFAULTS
