"""The chart with a handle, on the side of Python: what the script is given, and where the handle is afterwards."""

import json

import numpy as np
import pytest
from reading import again
from streamlit.testing.v1 import AppTest

from lrdemo.ui.lesson.drag_chart import Axis, Band, Curve, Dots, DragChart, Handle, Line, described

X = Axis("learning rate", 0, 4, (0, 2, 4))
Y = Axis("change", -1, 1, (-1, 0, 1), decimals=1)
HANDLE = Handle("Rate", np.array([[0, 0], [1, 0], [3, 0]]), ("none", "one", "three"))


def chart(**parts):
    return DragChart("A title", X, Y, HANDLE, "What it shows.", **parts)


def page():
    import numpy as np
    import streamlit as st

    from lrdemo.ui.lesson.drag_chart import Axis, DragChart, Handle, drag_chart

    handle = Handle("Rate", np.zeros((st.session_state.get("places", 3), 2)), ("",) * st.session_state.get("places", 3))
    axis = Axis("", 0, 1, (0, 1))
    st.text(drag_chart("rate", DragChart("", axis, axis, handle, ""), st.session_state.get("start", 1)))


@pytest.fixture
def app():
    return again(AppTest.from_function(page))


def test_places_words_and_names_reach_the_script():
    told = described(chart())

    assert told["handle"]["x"] == [0, 1, 3] and told["handle"]["y"] == [0, 0, 0]
    assert (told["handle"]["name"], told["handle"]["words"]) == ("Rate", ["none", "one", "three"])
    assert (told["title"], told["alt"], told["x"]["name"]) == ("A title", "What it shows.", "learning rate")


def test_ticks_have_a_true_minus_sign_and_the_axes_decimals_or_labels_of_their_own():
    assert described(chart())["y"]["ticks"] == [(-1, "−1.0"), (0, "0.0"), (1, "1.0")]
    powers = DragChart("", Axis("", -2, 0, (-2, 0), labels=("0.01", "1")), Y, HANDLE, "")
    assert described(powers)["x"]["ticks"] == [(-2, "0.01"), (0, "1")]


def test_what_is_the_same_in_all_places_is_sent_once():
    points = np.array([[[0, n], [4, n + 0.25]] for n in range(3)], float)
    (curve,) = described(chart(curves=[Curve("line", points, "blue", "dashed")]))["curves"]

    assert curve == {"name": "line", "colour": "blue", "dash": "dashed", "x": [0, 4],
                     "y": [[0, 0.25], [1, 1.25], [2, 2.25]]}  # fmt: skip


def test_coordinates_are_as_exact_as_can_be_seen_and_what_is_not_there_is_null():
    points = np.array([[1 / 3, 1 / 3], [np.nan, np.nan]])
    (dots,) = described(chart(dots=[Dots("missed", points, "red", "ring")]))["dots"]

    assert (dots["x"], dots["y"]) == ([0.3333, None], [0.3333, None])
    wide = DragChart("", Axis("", 0, 300, ()), Y, HANDLE, "", dots=[Dots("", points, "red")])
    assert described(wide)["dots"][0]["x"][0] == 0.33


def test_bands_and_lines_reach_the_script():
    told = described(chart(bands=[Band(0, 1, "too high")], lines=[Line(0.5, "threshold")]))

    assert told["bands"] == [{"low": 0, "high": 1, "name": "too high"}]
    assert told["lines"] == [{"height": 0.5, "name": "threshold"}]


def test_one_place_too_few_is_an_error():
    with pytest.raises(ValueError):
        described(chart(curves=[Curve("line", np.zeros((2, 5, 2)), "blue")]))
    with pytest.raises(ValueError):
        described(DragChart("", X, Y, Handle("", np.zeros((3, 2)), ("one", "two")), ""))


def told_place(app):
    (part,) = app.get("bidi_component")
    return json.loads(part.proto.json)["place"]


def test_the_handle_begins_at_its_start_and_is_where_it_was_put_down(app):
    assert (app.text[0].value, told_place(app)) == ("1", 1)

    app.session_state["dragged_rate"] = 1, 2
    assert (again(app).text[0].value, told_place(app)) == ("2", 2)
    assert again(app).text[0].value == "2"


def test_another_start_moves_the_handle_there(app):
    app.session_state["dragged_rate"] = 1, 2
    again(app)
    app.session_state["start"] = 0
    assert again(app).text[0].value == "0"


def test_a_place_that_is_no_longer_there_is_forgotten(app):
    app.session_state["dragged_rate"] = 1, 2
    app.session_state["places"] = 2
    assert again(app).text[0].value == "1"
