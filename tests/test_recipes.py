from dataclasses import replace

import pytest

from lrdemo.recipes import RECIPES, Along, inside, run_recipe
from lrdemo.trainer import Trainer

BY_NAME = {recipe.name: recipe for recipe in RECIPES}


@pytest.mark.parametrize("name", ["A step by step", "A with nn.Module", "B", "C"])
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
    assert len(RECIPES) == 7 and len(BY_NAME) == 7
    assert BY_NAME["C bonus: past 98 %"].range[0] == 98.2


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
    assert {name: recipe.settings.to_url() for name, recipe in BY_NAME.items()} == {
        "A step by step": {}, "A with nn.Module": {"init": "linear", "gradient": "autograd"}, "B": b,
        "C": {**c, "init": "xavier", "iterations": "937"}, "C MLP": mlp,
        "C bonus: past 98 %": {**mlp, "features": "normalised"}, "D": {**b, "gradient": "autograd"},
    }  # fmt: skip
