import math
import random

import pytest

from lrdemo.errors import SettingsError
from lrdemo.optimiser import OPTIMISERS
from lrdemo.settings import DEFAULTS, MOST_CHANGES, TABLE, Settings, changed, from_mapping, planned, planned_text
from lrdemo.styles import MADE_UP


def test_settings_survive_the_url():
    settings = Settings(learning_rate=0.0123, batch_size=64, drop_last=True, init="xavier", seed=7)

    read, problems = from_mapping(settings.to_url())

    assert read == settings
    assert problems == []


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("learning_rate", 0.1234567, "0.1234567"), ("learning_rate", 0.5, "0.5"), ("learning_rate", 1.0, "1"),
        ("weight_decay", 1e-5, "1e-05"), ("drop_last", True, "true"), ("iterations", 30_000, "30000"),
        ("seed", 2**31 - 1, "2147483647"), ("model", "mlp", "mlp"),
    ],
)  # fmt: skip
def test_a_value_is_short_and_whole_in_the_url(name, value, text):
    settings = changed(Settings(), **{name: value})

    assert settings.to_url()[name] == text
    assert from_mapping({name: text}) == (settings, [])


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("TRUE", True), ("1", True), ("false", False), ("False", False), ("0", False)]
)
def test_a_switch_is_read_from_text(text, value):
    assert Settings(drop_last=text).drop_last is value


def test_values_take_the_type_of_their_setting():
    settings = Settings(learning_rate=1, iterations="50", batch_size=64.0)

    assert [type(value) for value in (settings.learning_rate, settings.iterations, settings.batch_size)] == [
        float, int, int,
    ]  # fmt: skip
    assert (settings.iterations, settings.batch_size) == (50, 64)


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


@pytest.mark.parametrize("name", [name for name, setting in TABLE.items() if setting.low is not None])
def test_the_limits_themselves_are_allowed_and_nothing_beyond(name):
    setting = TABLE[name]
    for limit, direction in ((setting.low, -1), (setting.high, 1)):
        assert getattr(Settings(**{name: limit}), name) == limit
        with pytest.raises(SettingsError):
            Settings(**{name: limit + direction * (1 if isinstance(DEFAULTS[name], int) else 1e-6)})


def test_the_limits_are_these():
    """Deep links, saved models and the lecture rely on them."""
    assert {name: (setting.low, setting.high) for name, setting in TABLE.items() if setting.low is not None} == {
        "learning_rate": (1e-4, 10), "iterations": (1, 30_000), "pace": (0, 10_000), "batch_size": (1, 10_000),
        "momentum": (0, 0.99), "weight_decay": (0, 0.1), "seed": (0, 2**31 - 1), "held_out": (0, 10_000),
    }  # fmt: skip
    assert {name: setting.choices for name, setting in TABLE.items() if setting.choices} == {
        "model": ("softmax", "mlp"), "gradient": ("by-hand", "autograd"),
        "features": ("pixels", "deskewed", "normalised", "directions"), "init": ("normal", "linear", "xavier", "zeros"),
        "optimiser": tuple(OPTIMISERS), "device": ("cpu", "cuda", "mps"),
    }  # fmt: skip


def test_the_defaults_are_recipe_a_watched_at_a_hundred_steps_a_second():
    assert DEFAULTS == {
        "learning_rate": 0.1, "iterations": 600, "pace": 100, "model": "softmax", "gradient": "by-hand",
        "features": "pixels", "batch_size": 100, "momentum": 0.0, "weight_decay": 0.0, "init": "normal", "seed": 0,
        "device": "cpu", "drop_last": False, "optimiser": "sgd", "changes": "", "held_out": 0, "styles": False,
    }  # fmt: skip


def test_only_the_learning_rate_and_the_pace_apply_at_once():
    assert {name for name, setting in TABLE.items() if setting.applies == "now"} == {"learning_rate", "pace"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("batch_size", 0, "a whole number from 1 to 10000"), ("iterations", 1.5, "a whole number from 1 to 30000"),
        ("momentum", 1, "a number from 0 to 0.99"), ("drop_last", "perhaps", "true or false"),
        ("init", "random", "one of normal, linear, xavier, zeros"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_may_be(name, value, said):
    with pytest.raises(SettingsError) as refusal:
        Settings(**{name: value})

    assert said in str(refusal.value).replace(",000", "000")


def test_a_bad_url_value_keeps_the_default_and_is_said():
    read, problems = from_mapping({"learning_rate": "-3", "utm_source": "mail", "batch_size": "50"})

    assert read == Settings(batch_size=50)
    assert len(problems) == 1 and "Learning rate" in problems[0]


def test_the_perceptron_goes_with_autograd():
    assert changed(Settings(), model="mlp").gradient == "autograd"
    assert changed(Settings(model="mlp", gradient="autograd"), gradient="by-hand").gradient == "autograd"
    assert changed(Settings(), batch_size=50) == Settings(batch_size=50)
    assert from_mapping({"model": "mlp"})[0].gradient == "autograd"
    with pytest.raises(SettingsError, match="autograd"):
        Settings(model="mlp", gradient="by-hand")


def test_other_ways_to_write_go_with_normalised_images_and_directions_only():
    assert all(Settings(features=features, styles=True).styles for features in ("normalised", "directions"))
    for features in ("pixels", "deskewed"):
        with pytest.raises(SettingsError, match="Other ways to write go with"):
            Settings(features=features, styles=True)
    styled = Settings(features="directions", styles=True)
    assert not changed(styled, features="pixels").styles and changed(styled, features="normalised").styles
    settings, problems = from_mapping({"styles": "true"})
    assert (settings, len(problems)) == (Settings(), 1) and "They are left out" in problems[0]
    assert from_mapping({"styles": "true", "features": "directions"}) == (styled, [])


def test_an_epoch_counts_the_images_with_other_ways_to_write():
    plain, styled = (Settings(features="directions", styles=one, held_out=5_000) for one in (False, True))

    assert (plain.train_size, styled.train_size) == (55_000, 55_000 + MADE_UP)
    assert MADE_UP > 0 and styled.iterations_per_epoch == -(-(55_000 + MADE_UP) // 100)


def test_another_optimiser_goes_with_autograd():
    settings, problems = from_mapping({"optimiser": "adam", "gradient": "by-hand"})

    assert (settings.optimiser, settings.gradient, problems) == ("adam", "autograd", [])
    assert changed(Settings(), optimiser="nesterov").gradient == "autograd"
    assert changed(settings, gradient="by-hand").gradient == "autograd"
    assert changed(settings, optimiser="sgd", gradient="by-hand").gradient == "by-hand"
    with pytest.raises(SettingsError, match="plain SGD"):
        Settings(optimiser="adam")


@pytest.mark.parametrize(
    ("changes", "possible"),
    [({}, True), ({"momentum": 0.9}, True), ({"model": "mlp"}, False), ({"optimiser": "adam"}, False)],
)
def test_by_hand_is_for_softmax_regression_with_sgd(changes, possible):
    assert changed(Settings(gradient="autograd"), **changes).by_hand_possible is possible


def test_any_number_survives_the_url():
    draw = random.Random(1)
    for _ in range(300):
        settings = Settings(
            learning_rate=10 ** draw.uniform(-4, 1),
            momentum=draw.uniform(0, 0.99),
            weight_decay=draw.uniform(0, 0.1),
            seed=draw.randrange(2**31),
            batch_size=draw.randint(1, 10_000),
        )
        assert from_mapping(settings.to_url()) == (settings, [])


def test_text_from_outside_is_quoted_short():
    _, (problem,) = from_mapping({"seed": "![x](https://example.org/" + 5_000 * "y" + ")"})

    assert len(problem) < 200 and "“![x](https" in problem


@pytest.mark.parametrize(
    ("name", "limits"),
    [("seed", "0…2147483647"), ("learning_rate", "0.0001…10"), ("init", "normal|linear|xavier|zeros")],
)
def test_limits_are_written_in_full(name, limits):
    assert TABLE[name].limits == limits


@pytest.mark.parametrize(
    ("batch_size", "drop_last", "expected"), [(100, False, 600), (100, True, 600), (64, True, 937), (64, False, 938)]
)
def test_an_epoch_counts_the_short_minibatch(batch_size, drop_last, expected):
    assert Settings(batch_size=batch_size, drop_last=drop_last).iterations_per_epoch == expected


def test_an_epoch_is_once_through_what_is_not_held_out():
    found = [Settings(batch_size=64, held_out=5_000, drop_last=drop).iterations_per_epoch for drop in (True, False)]

    # 859 · 64 = 54,976
    assert found == [859, 860] and Settings(held_out=5_000).iterations_per_epoch == 550


def test_every_default_is_allowed():
    assert {name: getattr(Settings(), name) for name in TABLE} == DEFAULTS


@pytest.mark.parametrize(
    ("text", "rates", "written"),
    [
        ("", {}, ""),
        ("240:0.5", {240: 0.5}, "240:0.5"),
        ("300:0.1,240:0.5", {240: 0.5, 300: 0.1}, "240:0.5,300:0.1"),
        (" 1 : 1e-3,30000:10", {1: 0.001, 30_000: 10.0}, "1:0.001,30000:10"),
        ("5:0.1,5:0.2", {5: 0.2}, "5:0.2"),
        ("7:0.12345678901", {7: 0.12345678901}, "7:0.12345678901"),
    ],
)
def test_planned_changes_are_read_and_written(text, rates, written):
    assert planned(text) == rates
    assert Settings(changes=text).changes == planned_text(rates) == written
    assert from_mapping(Settings(changes=text).to_url()) == (Settings(changes=text), [])


@pytest.mark.parametrize(
    "text",
    ["240", "240:", ":0.5", "240:0.5,", "0:0.5", "30001:0.5", "240:11", "240:nan", "2.5:0.1", "a:b", "1:1:1", 7,
     ",".join(f"{at}:0.1" for at in range(1, MOST_CHANGES + 2))],
)  # fmt: skip
def test_a_plan_that_cannot_be_followed_is_refused(text):
    with pytest.raises(SettingsError, match="Changes of the learning rate: .* is not a list such as 240:0.5,300:0.1"):
        Settings(changes=text)


def test_as_many_changes_as_a_link_holds_are_read():
    text = ",".join(f"{at}:0.1" for at in range(1, MOST_CHANGES + 1))

    assert len(planned(Settings(changes=text).changes)) == MOST_CHANGES
