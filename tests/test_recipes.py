from dataclasses import replace

import numpy as np
import pytest

from lrdemo.recipes import RECIPES, Along, inside, places, recipe_of, run_all, run_recipe
from lrdemo.settings import changed
from lrdemo.trainer import Trainer

PUBLISHED = ["A step by step", "A with nn.Module", "B", "C", "C MLP", "C bonus: past 98 %", "D"]
BY_NAME = {recipe.name: recipe for recipe in RECIPES}


@pytest.mark.parametrize(
    "name",
    ["A step by step", "A with nn.Module", "B", "C", "all zeros", "linear 97 %", "linear 99 %", "MLP 98 %"],
)
def test_a_recipe_lands_in_its_range(digits, name):
    result = run_recipe(BY_NAME[name], digits)

    assert result["within"], result
    assert inside(result["final_test_accuracy"], result["range"])
    assert result["points"][-1]["test_accuracy"] == result["final_test_accuracy"]


def test_recipe_b_is_compared_at_the_published_iterations(digits):
    result = run_recipe(BY_NAME["B"], digits)

    assert [point["iteration"] for point in result["points"]] == [500, 1_000, 1_500, 2_000, 2_500, 3_000]
    for point in result["points"]:
        assert inside(point["test_accuracy"], point["range"])
        assert point["loss"] == pytest.approx(sum(point["published_loss"]) / 3, abs=0.25)


def test_the_same_seed_gives_the_same_figures(digits):
    recipe = replace(BY_NAME["C MLP"], settings=replace(BY_NAME["C MLP"].settings, iterations=100))

    assert run_recipe(recipe, digits, seed=3) == run_recipe(recipe, digits, seed=3)
    assert run_recipe(recipe, digits, seed=3) != run_recipe(recipe, digits, seed=4)


def test_a_figure_outside_the_range_is_not_within(digits):
    recipe = BY_NAME["A step by step"]
    short = replace(recipe, settings=replace(recipe.settings, iterations=20))

    assert not run_recipe(short, digits)["within"]


def test_the_points_of_a_recipe_lie_near_the_tenths_of_the_run(digits):
    recipe = BY_NAME["A step by step"]
    result = run_recipe(replace(recipe, settings=replace(recipe.settings, iterations=305)), digits)

    # Tested at 0, 10 … 50, 100 … 300, 305: the tenths are 30.5, 61, 91.5, 122, 152.5, 183, 213.5, 244, 274.5, 305
    assert [point["iteration"] for point in result["points"]] == [30, 50, 100, 150, 200, 250, 305]


def test_the_untrained_start_is_no_point_and_each_point_has_the_loss_of_its_iteration(digits):
    recipe = BY_NAME["A step by step"]
    settings = replace(recipe.settings, iterations=21)
    trainer = Trainer(settings, digits)
    trainer.advance(21)

    result = run_recipe(replace(recipe, settings=settings), digits)

    assert [(point["iteration"], point["loss"]) for point in result["points"]] == [
        (at, float(trainer.history.loss[at - 1])) for at in (10, 20, 21)
    ]


def test_one_point_outside_its_range_is_enough_for_the_recipe_not_to_be_within(digits):
    settings = replace(BY_NAME["B"].settings, iterations=500)
    for first, within in (((0.0, 100.0), True), ((99.0, 100.0), False)):
        along = {500: Along((1.85,), (70,), first)}
        recipe = replace(BY_NAME["B"], settings=settings, range=(0.0, 100.0), along=along)
        assert run_recipe(recipe, digits)["within"] is within


def test_all_published_recipes_are_there_and_one_passes_98():
    assert [recipe.name for recipe in RECIPES if recipe.published] == PUBLISHED
    assert BY_NAME["C bonus: past 98 %"].range == (98.2, 100.0)


def test_no_two_recipes_have_one_name_or_the_same_settings():
    for one in (lambda recipe: recipe.name, lambda recipe: recipe.label, lambda recipe: recipe.settings):
        assert len({one(recipe) for recipe in RECIPES}) == len(RECIPES)


def test_settings_are_known_as_a_recipe_whatever_seed_and_pace_and_no_others_are():
    for recipe in RECIPES:
        assert recipe_of(changed(recipe.settings, seed=77, pace=3)) is recipe
        assert recipe_of(changed(recipe.settings, weight_decay=0.01)) is None


def test_only_recipes_with_a_range_are_run(digits, monkeypatch):
    quick = replace(BY_NAME["too slow"].settings, iterations=5)
    chosen = tuple(replace(BY_NAME[name], settings=quick) for name in ("too slow", "all zeros", "too high"))
    monkeypatch.setattr("lrdemo.recipes.RECIPES", chosen)

    assert [result["recipe"] for result in run_all(digits)] == ["all zeros"]


def test_the_learning_rates_too_low_and_too_high_do_what_they_say(digits):
    slow, high = Trainer(BY_NAME["too slow"].settings, digits), Trainer(BY_NAME["too high"].settings, digits)
    for trainer in (slow, high):
        trainer.advance(600)

    assert slow.history.tests[-1].accuracy < 0.7 and slow.history.tests[-1].loss < slow.history.tests[-5].loss - 0.05
    assert high.history.loss[300:].std() > 1 and high.history.loss[300:].mean() > 1


def test_from_zeros_templates_part_and_a_perceptron_learns_its_last_biases_only(digits):
    linear = Trainer(BY_NAME["all zeros"].settings, digits)
    mlp = Trainer(BY_NAME["all zeros, perceptron"].settings, digits)
    linear.advance(1)
    mlp.advance(60)

    weight = linear.model.weight.detach().numpy().reshape(10, -1)
    assert len(np.unique(weight.round(7), axis=0)) == 10
    *others, last = [parameter.detach() for parameter in mlp.model.parameters()]
    assert not any(parameter.any() for parameter in others) and last.shape == (10,) and last.any()
    assert mlp.history.tests[-1].accuracy < 0.12


def test_b_gets_where_a_is_after_about_30_iterations(digits):
    a = Trainer(BY_NAME["A step by step"].settings, digits)
    a.advance(30)

    assert inside(100 * a.history.tests[-1].accuracy, (81.5, 83))


def test_along_b_a_run_has_its_own_tests_and_minibatch_losses(digits):
    trainer = Trainer(changed(BY_NAME["B"].settings, seed=3), digits)
    trainer.advance(1_210)
    history = trainer.history
    tests = {point.iteration: point.accuracy for point in history.tests}

    found = places(BY_NAME["B"], history.loss, tests)

    assert [place.iteration for place in found] == [500, 1_000, 1_500, 2_000, 2_500, 3_000]
    assert [place.loss for place in found[:2]] == [float(history.loss[at - 1]) for at in (500, 1_000)]
    assert [place.accuracy for place in found[:2]] == [round(100 * tests[at], 2) for at in (500, 1_000)]
    assert all(place.within for place in found[:2])
    assert {(place.loss, place.accuracy, place.within) for place in found[2:]} == {(None, None, None)}
    assert (found[0].published, found[0].figures) == ("70, 64.44, 68.99", (70, 64.44, 68.99))
    assert found[0].losses == (1.85, 1.88, 1.86)


@pytest.mark.parametrize(
    ("name", "iteration", "figures", "accuracy", "within"),
    [
        ("A step by step", 600, (90.19, 90.2), 0.906, True), ("A step by step", 600, (90.19, 90.2), 0.9061, False),
        ("C", 937, (90.0,), 0.9, False), ("C MLP", 9_370, (97.0,), 0.98, True),
        ("all zeros", 600, (), 0.9, True), ("too high", 600, (), 0.9, None),
    ],
)  # fmt: skip
def test_of_other_recipes_the_end_is_compared(name, iteration, figures, accuracy, within):
    before, after = (places(BY_NAME[name], np.ones(iteration), tests) for tests in ({}, {iteration: accuracy}))

    assert [(one.iteration, one.figures, one.accuracy) for one in before] == [(iteration, figures, None)]
    assert [(one.published, one.accuracy, one.within) for one in after] == [
        (BY_NAME[name].published, pytest.approx(100 * accuracy), within)
    ]


def test_both_ends_of_a_range_belong_to_it():
    assert [inside(value, (90.0, 90.6)) for value in (89.99, 90.0, 90.6, 90.61)] == [False, True, True, False]


def test_the_published_figures_lie_in_our_ranges_and_their_losses_fall():
    along = BY_NAME["B"].along
    for place in along.values():
        assert all(inside(accuracy, place.range) for accuracy in place.accuracy)
    losses = [place.loss for place in along.values()]
    assert all(later < before for one, other in zip(losses[1:], losses, strict=False)
               for later, before in zip(one, other, strict=True))
    assert along[3_000].range == BY_NAME["B"].range


def test_the_recipes_are_these():
    c = {"learning_rate": "0.01", "momentum": "0.9", "batch_size": "64", "drop_last": "true"}
    mlp = {**c, "model": "mlp", "gradient": "autograd", "init": "linear", "iterations": "9370"}
    b = {"learning_rate": "0.001", "init": "linear", "iterations": "3000"}
    assert {name: BY_NAME[name].settings.to_url() for name in PUBLISHED} == {
        "A step by step": {}, "A with nn.Module": {"init": "linear", "gradient": "autograd"}, "B": b,
        "C": {**c, "init": "xavier", "iterations": "937"}, "C MLP": mlp,
        "C bonus: past 98 %": {**mlp, "features": "normalised"}, "D": {**b, "gradient": "autograd"},
    }  # fmt: skip
