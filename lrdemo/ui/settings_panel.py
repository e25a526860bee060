"""The settings as widgets, made from their table: what a first run needs in one bar, the others behind "More"."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from lrdemo.formats import NO_BREAK_SPACE, count, short
from lrdemo.recipes import OF_A_RECIPE, RECIPES, recipe_of
from lrdemo.settings import DEFAULTS, FULL_SPEED, TABLE, Settings
from lrdemo.ui import state
from lrdemo.ui.controls import guarded
from lrdemo.ui.live import live_view
from lrdemo.ui.server import visitors

LEARNING_RATES = tuple(
    float(f"{mantissa}e{power}") for power in range(-4, 1) for mantissa in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
) + (10.0,)
ITERATIONS = (1, 2, 5, 10, 20, 50, 100, 200, 300, 400, 500, 600, 800, 937, 1000, 1200, 1500, 2000, 2500, 3000, 4000,
              5000, 6000, 8000, 9370, 10000, 12000, 15000, 20000, 25000, 30000)  # fmt: skip
PACES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, FULL_SPEED)
NAMES = {
    "softmax": "softmax regression", "mlp": "multilayer perceptron", "by-hand": "by hand", "sgd": "SGD",
    "nesterov": "Nesterov", "adam": "Adam", "normal": "normal / √784",
    "linear": "nn.Linear's", "xavier": "Xavier uniform", "zeros": "zeros", "cpu": "CPU", "cuda": "CUDA", "mps": "MPS",
}  # fmt: skip
SHORT_LABELS = {"features": "Input"}
"""Where the bar has no room for the table's own label, or a first-year student would not know it."""
READY_MADE = {recipe.label: recipe.settings for recipe in RECIPES}
NUMBERS = "setting_widgets"


def settings_panel() -> None:
    """Draw a widget for each setting; each changes the draft."""
    st.html(Path(__file__).with_suffix(".css"))
    # Seen on small screens only, where the rest is folded under it.
    st.html('<details class="fold"><summary>Settings</summary></details>')
    draft = state.visitor().draft
    with st.container(key="choices", gap="small"):
        _recipe()
        _slider("learning_rate", LEARNING_RATES, short)
        _slider("iterations", ITERATIONS, count)
        _choice("model")
        _choice("features")
        _slider("pace", PACES, lambda value: f"{count(value)} per second" if value else "full speed")
        with st.popover("More", key="more_settings"):
            st.markdown(
                ":small[These apply at the next start, and so does a new number of iterations. You can change the "
                "learning rate and the pace while it trains.]"
            )
            _check("styles", disabled=not draft.styles_possible)
            _choice("optimiser")
            _choice("gradient", disabled=not draft.by_hand_possible)
            _number("batch_size", 10)
            _number("held_out", 1_000)
            _number("momentum", 0.05)
            _number("weight_decay", 0.0001)
            _choice("init")
            _text("changes")
            _number("seed", 1)
            st.button("New seed", icon=":material/casino:", key="new_seed", on_click=guarded, args=(_new_seed,))
            _choice("device", options=[name for name in TABLE["device"].choices if name in visitors.service().devices])
            _check("drop_last")
    with st.container(key="choices_said", gap="medium"):
        st.markdown(f":small[{length(draft)}]")
        live_view("edge", state.run().token, marks=_marks(LEARNING_RATES, draft.learning_rate))


def length(settings: Settings) -> str:
    """Say how many images a run looks at, and how many epochs that is."""
    iterations, batch = settings.iterations, settings.batch_size
    epochs = short(iterations / settings.iterations_per_epoch, 3)
    images, space = settings.train_size, NO_BREAK_SPACE
    return (
        f"Each iteration looks at {count(batch)} of the {count(images)}{space}images: "
        f"{count(iterations)}{space}{'iteration' if iterations == 1 else 'iterations'} × {count(batch)}{space}images = "
        f"{count(iterations * batch)}{space}images = {epochs}{space}{'epoch' if epochs == '1' else 'epochs'}."
    )


def _recipe() -> None:
    draft = state.visitor().draft
    found = recipe_of(draft)
    # A menu has no value of its own that a browser could send back when the settings are others already.
    st.menu_button(
        f"Recipe: {found.label if found else 'your own'}", list(READY_MADE), key="recipe", on_click=_take_recipe,
        width="stretch", help="Settings to begin with. A to D are published recipes, with the accuracy that they "
        "report; the others show what a setting does. What each shows is said beside the curves.",
    )  # fmt: skip


def _take_recipe() -> None:
    chosen = st.session_state["recipe"]
    if chosen is not None:
        recipe = READY_MADE[chosen]
        guarded(lambda: state.visitor().change(**{name: getattr(recipe, name) for name in OF_A_RECIPE}))


def _slider(name: str, values: tuple[Any, ...], text: Callable[[Any], str]) -> None:
    key, value = _widget(name)
    st.select_slider(
        TABLE[name].label, _marks(values, value), value, key=key, help=TABLE[name].help, format_func=text,
        on_change=_changed, args=(name, key),
    )  # fmt: skip


def _marks(values: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    """Return the marks of a slider: a link may bring a value between two of them, and it is shown exactly."""
    return values if value in values else tuple(sorted({*values, value}, key=lambda mark: (mark == 0, mark)))


def _widget(name: str) -> tuple[str, Any]:
    """Return the key of a setting's widget and the draft's value for it.

    Where another page, button or setting has changed it, there is another widget: a browser that has not heard of the
    change yet sends the old value along with the next click, and that must not count as the visitor's choice.
    """
    value = getattr(state.visitor().draft, name)
    numbers: dict[str, int] = st.session_state.setdefault(NUMBERS, dict.fromkeys(TABLE, 0))
    if st.session_state.get(_key(name), value) != value:
        numbers[name] += 1
    return _key(name), value


def _key(name: str) -> str:
    return f"{name}_{st.session_state[NUMBERS][name]}"


def _choice(name: str, options: Any = None, disabled: bool = False) -> None:
    options = options or list(TABLE[name].choices)
    key, value = _widget(name)
    st.selectbox(
        SHORT_LABELS.get(name, TABLE[name].label), options, options.index(value) if value in options else 0,
        key=key, help=TABLE[name].help,
        format_func=lambda option: NAMES.get(option, option), on_change=_changed, args=(name, key), disabled=disabled,
    )  # fmt: skip


def _number(name: str, step: float) -> None:
    setting, kind = TABLE[name], type(DEFAULTS[name])
    assert setting.low is not None and setting.high is not None
    key, value = _widget(name)
    st.number_input(
        setting.label, kind(setting.low), kind(setting.high), value, step=kind(step), key=key, help=setting.help,
        format="%d" if kind is int else "%.4g", on_change=_changed, args=(name, key),
    )  # fmt: skip


def _text(name: str) -> None:
    key, value = _widget(name)
    st.text_input(
        TABLE[name].label, value, key=key, help=TABLE[name].help, placeholder=TABLE[name].example,
        on_change=_changed, args=(name, key),
    )  # fmt: skip


def _check(name: str, disabled: bool = False) -> None:
    key, value = _widget(name)
    st.checkbox(
        TABLE[name].label, value, key=key, help=TABLE[name].help, on_change=_changed, args=(name, key),
        disabled=disabled,
    )  # fmt: skip


def _changed(name: str, key: str) -> None:
    if key == _key(name):
        guarded(lambda: state.visitor().change(**{name: st.session_state[key]}))


def _new_seed() -> None:
    state.visitor().change(seed=random.randrange(100_000))
