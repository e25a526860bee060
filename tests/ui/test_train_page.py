"""The frame with its transport and the Train page in it, as one visitor's session without a browser."""

import json
import re

import pytest

from lrdemo.formats import NO_BREAK_SPACE
from lrdemo.recipes import RECIPES
from lrdemo.settings import DEFAULTS, TABLE, Settings, changed
from lrdemo.ui.notice import plain
from lrdemo.ui.server.picture import BLANK

FRAME = "lrdemo/ui/main.py"
LONG = 60.0
SLOW = {"iterations": "30000", "pace": "5"}


def visitor_of(app):
    return app.session_state["visitor"]


def snapshot_of(app):
    return visitor_of(app).run.snapshot()


def again(app):
    app.run()
    assert not app.exception, app.exception
    return app


def click(app, label):
    app.button(key=f"transport_{label}").click()
    return again(app)


def until(app, reached):
    """Wait until the run is there, however late its process answers, and draw the page again."""
    visitor_of(app).run.wait(LONG, reached)
    return again(app)


def address_of(app):
    return {name: text if isinstance(text, str) else text[-1] for name, text in app.query_params.items()}


def labels(app):
    return [button.label for button in app.button if button.key.startswith("transport_")]


def widget(app, name):
    for kind in ("select_slider", "selectbox", "number_input", "checkbox", "text_input"):
        for found in app.get(kind):
            if found.key.rpartition("_")[0] == name:
                return found
    raise AssertionError(f"There is no widget for {name}.")


def test_the_frame_opens_on_the_train_page_with_an_untrained_run(open_app):
    app = again(open_app(FRAME))

    assert labels(app) == ["Start", "Step 1", "Step 10", "Step 100", "Reset", "Keep"]
    assert [title.value for title in app.title] == ["A model that learns to read digits, in front of you"]
    assert not app.warning
    assert visitor_of(app).draft == visitor_of(app).run.settings == Settings()
    assert (snapshot_of(app).state, snapshot_of(app).iteration) == ("ready", 0)
    assert address_of(app) == {}


def test_the_page_alone_shows_every_setting_of_the_table(open_app):
    app = open_app("pages/train.py")

    called = {name: TABLE[name].label for name in TABLE} | {"features": "Input"}
    assert {name: widget(app, name).label for name in TABLE} == called
    assert {name: widget(app, name).value for name in TABLE} == DEFAULTS


def test_the_pictures_to_choose_from_are_offered(open_app):
    app = again(open_app("pages/train.py"))

    told = [json.loads(part.proto.json) for part in app.get("bidi_component") if part.proto.json]
    (lab,) = [one for one in told if one.get("view") == "lab"]
    assert [one["name"].replace(NO_BREAK_SPACE, " ") for one in lab["pictures"]] == [
        "easy 7", "hard 2", "hard 5", "draw your own"
    ]  # fmt: skip


def test_who_left_the_pad_empty_watches_test_image_0(open_app):
    app = again(open_app("pages/train.py"))
    visitor_of(app).picture = BLANK

    again(app)

    assert visitor_of(app).shown.title == "Test image 0, a 7"
    assert visitor_of(app).undecided


def test_start_pause_resume_reset(open_app):
    app = again(open_app(FRAME, **SLOW))
    seen = []

    for label, state in (("Start", "running"), ("Pause", "paused"), ("Resume", "running"), ("Reset", "ready")):
        assert label in labels(app)
        click(app, label)
        until(app, lambda snapshot, state=state: snapshot.state == state)
        seen.append(labels(app)[0])

    assert seen == ["Pause", "Resume", "Pause", "Start"]


def test_steps_are_exact(open_app):
    app = again(open_app(FRAME))
    seen = []

    for count, there in ((1, 1), (10, 11), (100, 111)):
        click(app, f"Step {count}")
        until(app, lambda snapshot, there=there: snapshot.iteration >= there and snapshot.state == "paused")
        seen.append((snapshot_of(app).iteration, labels(app)[0]))

    assert seen == [(1, "Resume"), (11, "Resume"), (111, "Resume")]


def test_a_finished_run_starts_again_and_takes_no_more_steps(open_app):
    app = again(open_app(FRAME, iterations="5", pace="0"))
    click(app, "Start")
    until(app, lambda snapshot: snapshot.state == "finished")
    first = snapshot_of(app)

    assert labels(app)[0] == "Start again"
    assert [app.button(key=f"transport_Step {count}").disabled for count in (1, 10, 100)] == [True] * 3
    click(app, "Start again")
    until(app, lambda snapshot: snapshot.state == "finished" and snapshot.revision > first.revision)
    second = snapshot_of(app)
    assert second.lane.loss.tolist() == first.lane.loss.tolist()

    widget(app, "batch_size").set_value(50)
    again(app)
    click(app, "Start again")
    until(app, lambda snapshot: snapshot.state == "finished" and snapshot.revision > second.revision)
    assert visitor_of(app).run.settings.batch_size == 50
    assert snapshot_of(app).lane.loss.tolist() != first.lane.loss.tolist()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 0.5), ("iterations", 937), ("pace", 0), ("model", "mlp"), ("gradient", "autograd"),
        ("features", "deskewed"), ("batch_size", 50), ("momentum", 0.9), ("weight_decay", 0.0001), ("init", "zeros"),
        ("seed", 7), ("drop_last", True), ("changes", "240:0.5,300:0.1"),
    ],
)  # fmt: skip
def test_a_widget_changes_the_draft_the_untrained_run_and_the_address(open_app, name, value):
    app = again(open_app(FRAME))
    expected = changed(Settings(), **{name: value})

    widget(app, name).set_value(value)
    again(app)
    until(app, lambda _snapshot: visitor_of(app).run.settings == expected)

    assert visitor_of(app).draft == expected
    assert address_of(app) == expected.to_url()
    assert widget(app, name).value == value
    assert snapshot_of(app).state == "ready"


def test_choices_and_marks_are_named_in_words(open_app):
    app = again(open_app(FRAME, pace="33", iterations="12345"))

    assert widget(app, "model").options == ["softmax regression", "multilayer perceptron"]
    assert widget(app, "gradient").options == ["by hand", "autograd"]
    assert widget(app, "optimiser").options == ["SGD", "Nesterov", "Adam"]
    assert widget(app, "init").options == ["normal / √784", "nn.Linear's", "Xavier uniform", "zeros"]
    paces = widget(app, "pace").options
    assert (paces[0], paces[-1]) == ("1 per second", "full speed")
    assert paces[4:7] == ["20 per second", "33 per second", "50 per second"]
    assert "12,345" in widget(app, "iterations").options
    assert {"0.0001", "0.1", "1", "10"} <= set(widget(app, "learning_rate").options)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "100 of the 60,000 images: 600 iterations × 100 images = 60,000 images = 1 epoch."),
        ({"iterations": "1"}, "1 iteration × 100 images = 100 images = 0.00167 epochs."),
        ({"iterations": "12345", "batch_size": "64"}, "12,345 iterations × 64 images = 790,080 images = 13.2 epochs."),
        ({"iterations": "937", "batch_size": "64", "drop_last": "true"}, "= 59,968 images = 1 epoch."),
        ({"iterations": "30000", "batch_size": "10000"}, "× 10,000 images = 300,000,000 images = 5,000 epochs."),
    ],
)
def test_how_long_the_run_is_in_epochs_is_said(open_app, query, words):
    app = again(open_app(FRAME, **query))

    (text,) = [text.value for text in app.markdown if "epoch" in text.value]
    assert words in text.replace(NO_BREAK_SPACE, " ")
    assert not re.search(r"\d (image|iteration|epoch)", text)


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        ("good (A): 90\N{NO-BREAK SPACE}%", {}), ("too slow", {"learning_rate": 0.001}),
        ("too high", {"learning_rate": 10.0}),
        ("B: 82\N{NO-BREAK SPACE}%", {"learning_rate": 0.001, "init": "linear", "iterations": 3000}),
        ("C: 90\N{NO-BREAK SPACE}%", {"learning_rate": 0.01, "momentum": 0.9, "batch_size": 64, "drop_last": True,
                                        "init": "xavier", "iterations": 937}),
    ],
)  # fmt: skip
def test_a_recipe_sets_all_but_seed_and_pace(open_app, recipe, expected):
    app = again(open_app(FRAME, model="mlp", seed="7", pace="50", weight_decay="0.001"))
    assert app.menu_button(key="recipe").label == "Recipe: your own"

    app.menu_button(key="recipe").click(recipe)
    again(app)

    assert visitor_of(app).draft == Settings(**{"seed": 7, "pace": 50, **expected})
    until(app, lambda _snapshot: visitor_of(app).run.settings == visitor_of(app).draft)
    assert app.menu_button(key="recipe").label == f"Recipe: {recipe}"
    assert {name: widget(app, name).value for name in expected} == expected
    widget(app, "batch_size").set_value(11)
    assert again(app).menu_button(key="recipe").label == "Recipe: your own"


@pytest.mark.parametrize(
    "recipe", [one for one in RECIPES if one.name in ("B", "linear 97 %", "MLP 98 %")], ids=lambda recipe: recipe.name
)
def test_a_link_opens_with_a_recipe_s_settings_and_the_menu_names_it(open_app, recipe):
    app = again(open_app(FRAME, **recipe.settings.to_url(), seed="5"))

    assert app.menu_button(key="recipe").label == f"Recipe: {recipe.label}"
    assert app.menu_button(key="recipe").options == [one.label for one in RECIPES]
    assert visitor_of(app).run.settings == changed(recipe.settings, seed=5)
    assert visitor_of(app).recipe is recipe


def test_a_run_is_no_recipe_any_more_once_its_learning_rate_is_moved(open_app):
    app = again(open_app(FRAME, iterations="3000", learning_rate="0.001", init="linear", pace="5"))
    click(app, "Start")
    assert visitor_of(app).recipe.name == "B"
    widget(app, "batch_size").set_value(50)
    assert visitor_of(again(app)).recipe.name == "B"

    widget(app, "learning_rate").set_value(0.002)
    until(again(app), lambda snapshot: snapshot.lane.learning_rate == 0.002)

    assert visitor_of(app).recipe is None


def test_what_else_stands_in_the_address_stays_there(open_app):
    app = again(open_app(FRAME, other="kept"))
    widget(app, "seed").set_value(7)
    again(app)

    assert address_of(again(app)) == {"seed": "7", "other": "kept"}


def test_who_comes_back_is_there_again(open_app):
    app = again(open_app(FRAME))
    visitor_of(app).leave()
    assert visitor_of(app).away_seconds > 0

    assert visitor_of(again(app)).away_seconds == 0


def test_a_diverged_run_takes_no_more_steps(open_app):
    app = again(open_app(FRAME, learning_rate="10", model="mlp", momentum="0.99", weight_decay="0.1", pace="0"))
    click(app, "Start")
    until(app, lambda snapshot: snapshot.state in ("diverged", "finished"))

    assert labels(app)[0] == "Start again"
    assert [app.button(key=f"transport_Step {count}").disabled for count in (1, 10, 100)] == [True] * 3


def test_the_settings_come_from_the_address(open_app):
    wanted = Settings(
        learning_rate=0.25, iterations=937, pace=0, model="mlp", gradient="autograd", features="normalised",
        batch_size=64, momentum=0.9, weight_decay=0.001, init="xavier", seed=42, device="cpu", drop_last=True,
    )  # fmt: skip

    app = again(open_app(FRAME, **wanted.to_url(), other="kept"))

    assert visitor_of(app).draft == visitor_of(app).run.settings == wanted
    assert {name: widget(app, name).value for name in TABLE} == {name: getattr(wanted, name) for name in TABLE}
    assert not app.warning
    assert address_of(app) == {**wanted.to_url(), "other": "kept"}


def extremes():
    for name, setting in TABLE.items():
        if setting.low is not None:
            yield name, type(DEFAULTS[name])(setting.low)
            yield name, type(DEFAULTS[name])(setting.high)


@pytest.mark.parametrize(("name", "value"), list(extremes()))
def test_the_limits_themselves_can_be_trained_with(open_app, name, value):
    app = again(open_app(FRAME, **{name: f"{value}"}))

    click(app, "Step 1")

    until(app, lambda snapshot: snapshot.iteration == 1)
    assert not app.warning
    assert getattr(visitor_of(app).draft, name) == widget(app, name).value == value


@pytest.mark.parametrize("name", ["learning_rate", "iterations", "pace"])
def test_a_value_between_two_marks_of_a_slider_is_shown_exactly(open_app, name):
    value = {"learning_rate": 0.123, "iterations": 777, "pace": 33}[name]

    app = again(open_app(FRAME, **{name: str(value)}))

    assert widget(app, name).value == value
    widget(app, name).set_value(DEFAULTS[name])
    again(app)
    again(app)
    assert getattr(visitor_of(app).draft, name) == widget(app, name).value == DEFAULTS[name]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("learning_rate", "banana", "Learning rate: “banana” is not a number from 0.0001 to 10."),
        ("learning_rate", "nan", "Learning rate: “nan” is not a number from 0.0001 to 10."),
        ("learning_rate", "11", "Learning rate: “11” is not a number from 0.0001 to 10."),
        ("iterations", "0", "Iterations: “0” is not a whole number from 1 to 30000."),
        ("iterations", "1e3", "Iterations: “1e3” is not a whole number from 1 to 30000."),
        ("batch_size", "9" * 400, "Batch size: "),
        ("model", "<b>x</b>", "Model: “<b>x</b>” is not one of softmax, mlp."),
        ("device", "tpu", "Device: “tpu” is not one of cpu, cuda, mps."),
        ("drop_last", "perhaps", "Drop the last short minibatch: “perhaps” is not true or false."),
    ],
)
def test_a_bad_value_in_the_address_is_explained_and_the_default_used(open_app, name, text, sentence):
    app = open_app(FRAME, **{name: text, "seed": "3"})

    (warning,) = app.warning
    assert warning.value.startswith(plain(sentence)) and warning.value.endswith("The default is used instead.")
    assert visitor_of(app).draft == Settings(seed=3)
    assert not again(app).warning
    assert address_of(app) == {"seed": "3"}


def test_a_device_that_is_not_there_is_not_offered_and_the_cpu_is_used(open_app, lab):
    missing = next(device for device in ("mps", "cuda") if device not in lab.devices)

    app = open_app(FRAME, device=missing, seed="3")

    (warning,) = app.warning
    assert warning.value == f"Device: {missing} is not available on this machine. The CPU is used instead."
    assert visitor_of(app).draft == Settings(seed=3)
    assert len(widget(app, "device").options) == len(lab.devices)


def test_what_applies_at_the_next_start_waits_for_it(open_app):
    app = again(open_app(FRAME, **SLOW))
    click(app, "Start")
    until(app, lambda snapshot: snapshot.state == "running")
    used = visitor_of(app).run.settings
    assert not visitor_of(app).pending

    widget(app, "batch_size").set_value(50)
    again(app)
    again(app)

    assert visitor_of(app).pending
    assert visitor_of(app).run.settings == used
    assert snapshot_of(app).state == "running"
    click(app, "Reset")
    until(app, lambda snapshot: snapshot.iterations_per_epoch == 1200)
    assert visitor_of(app).run.settings == changed(used, batch_size=50)
    assert not visitor_of(app).pending


def test_learning_rate_and_pace_apply_while_it_runs(open_app):
    app = again(open_app(FRAME, **SLOW))
    click(app, "Start")
    until(app, lambda snapshot: snapshot.state == "running")
    revision = snapshot_of(app).revision

    widget(app, "learning_rate").set_value(0.5)
    again(app)
    widget(app, "pace").set_value(10)
    again(app)
    again(app)

    until(app, lambda snapshot: (snapshot.pace, snapshot.lane.learning_rate) == (10, 0.5))
    assert (snapshot_of(app).state, snapshot_of(app).revision) == ("running", revision)
    assert not visitor_of(app).pending


def test_the_mlp_shows_the_gradient_that_it_goes_with(open_app):
    app = again(open_app(FRAME))

    widget(app, "model").set_value("mlp")
    again(app)

    assert widget(app, "gradient").value == visitor_of(app).run.settings.gradient == "autograd"
    assert widget(app, "gradient").disabled
    widget(app, "model").set_value("softmax")
    again(app)
    assert widget(app, "gradient").value == visitor_of(app).run.settings.gradient
    assert not widget(app, "gradient").disabled


def test_a_new_seed_is_shown_and_used_and_nothing_is_logged(open_app, capfd):
    app = again(open_app(FRAME))
    seeds = {0}

    for _ in range(3):
        app.button(key="new_seed").click()
        again(app)
        seeds.add(widget(app, "seed").value)
        assert widget(app, "seed").value == visitor_of(app).draft.seed == visitor_of(app).run.settings.seed

    assert len(seeds) > 2
    assert "created with a default value" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "mark"),
    [("learning_rate", 0.5, "0.5"), ("iterations", 937, "937"), ("pace", 50, "50 per second"),
     ("batch_size", 64, None), ("held_out", 500, None), ("momentum", 0.5, None)],
)  # fmt: skip
def test_the_default_of_a_widget_is_the_draft_s_value_and_not_its_lowest(open_app, name, value, mark):
    app = again(open_app(FRAME))
    widget(app, name).set_value(value)
    again(app)

    found = widget(again(app), name)
    if mark is None:
        assert found.proto.default == value
    else:
        assert found.options[int(found.proto.default[0])] == mark


def test_two_visitors_have_each_their_own_run(open_app):
    one, other = again(open_app(FRAME, **SLOW)), again(open_app(FRAME))

    click(one, "Start")
    click(other, "Step 10")

    until(one, lambda snapshot: snapshot.state == "running")
    until(other, lambda snapshot: (snapshot.state, snapshot.iteration) == ("paused", 10))
    assert visitor_of(one).run.token != visitor_of(other).run.token


def test_what_cannot_be_done_is_said_once(open_app):
    app = again(open_app(FRAME))
    visitor_of(app).run.close()

    click(app, "Step 1")

    assert [warning.value for warning in app.warning] == ["This run has ended. Reload the page to begin a new one."]
    assert not again(app).warning


def test_a_link_after_a_change_of_the_learning_rate_gives_that_very_run(open_app):
    app = again(open_app(FRAME, iterations="60", seed="4"))
    click(app, "Step 10")
    until(app, lambda snapshot: snapshot.iteration == 10)
    widget(app, "learning_rate").set_value(0.5)
    again(app)
    until(app, lambda snapshot: snapshot.lane.learning_rate == 0.5)
    click(app, "Step 10")
    until(app, lambda snapshot: snapshot.iteration == 20)
    address = address_of(again(app))
    assert address == {"iterations": "60", "seed": "4", "changes": "10:0.5"}
    assert visitor_of(app).draft == Settings(iterations=60, seed=4, learning_rate=0.5)

    other = again(open_app(FRAME, **address))
    for there in (10, 20):
        click(other, "Step 10")
        until(other, lambda snapshot, there=there: snapshot.iteration == there)

    assert snapshot_of(other).lane.loss.tolist() == snapshot_of(app).lane.loss.tolist()
    assert snapshot_of(other).lane.parameters.tolist() == snapshot_of(app).lane.parameters.tolist()
    assert address_of(again(other)) == address


def test_start_uses_the_draft(open_app):
    app = again(open_app(FRAME, **SLOW))
    click(app, "Step 1")
    until(app, lambda snapshot: snapshot.iteration == 1)
    for name, value in (("batch_size", 500), ("learning_rate", 0.02), ("iterations", 20_000)):
        widget(app, name).set_value(value)
        again(app)
    click(app, "Reset")
    until(app, lambda snapshot: snapshot.iterations == 20_000)
    click(app, "Start")

    until(app, lambda snapshot: snapshot.state == "running" and snapshot.iterations_per_epoch == 120)
    assert visitor_of(app).run.settings == visitor_of(app).draft
    assert snapshot_of(app).lane.learning_rate == 0.02
