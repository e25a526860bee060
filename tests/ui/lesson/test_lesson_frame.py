"""The frame of the lesson pages: titles, places, ways on, and that trouble anywhere is a sentence."""

import pytest
from reading import again, words
from streamlit.testing.v1 import AppTest

from lrdemo.ui.navigation import LESSON

PROMISES = {
    "line_to_probability.py": "how numbers become probabilities",
    "the_data.py": "which images it never sees",
    "one_step_by_hand.py": "every number of one training step",
    "three_ways.py": "can read a PyTorch model",
    "read_the_output.py": "check its accuracy by counting",
}


def test_the_navigation_lists_the_lesson_in_its_order():
    # Pages are made only within a running script.
    app = AppTest.from_string(
        "import streamlit as st; from lrdemo.ui.navigation import pages;"
        "st.session_state.listed = [(page.url_path, page.title, page.icon) for page in pages()['Lesson']]"
    ).run()

    listed = app.session_state["listed"]
    assert [f"{path}.py" for path, _, _ in listed] == list(PROMISES)
    assert [(f"{path}.py", title, icon.split("/")[1][:-1]) for path, title, icon in listed] == list(LESSON)


@pytest.mark.parametrize("place", range(len(LESSON)))
def test_every_lesson_page_says_where_it_is_what_it_promises_and_what_comes_before_and_after(open_app, place):
    file, title, _ = LESSON[place]

    app = again(open_app(f"pages/{file}"))

    assert [heading.value for heading in app.title] == [title]
    assert PROMISES[file] in words(app)
    captions = [caption.value for caption in app.caption]
    assert captions[0] == f"Lesson {place + 1} of {len(PROMISES)}"
    # Opened on its own, a page has no neighbours to link to: it names them.
    around = [LESSON[other][1] for other in (place - 1, place + 1) if 0 <= other < len(LESSON)]
    assert captions[-len(around) :] == around


@pytest.mark.parametrize(
    "file, sections", [("one_step_by_hand.py", 1), ("three_ways.py", 2), ("read_the_output.py", 1)]
)
def test_a_run_that_does_not_answer_is_one_sentence_in_each_section(open_app, file, sections):
    app = open_app(f"pages/{file}")
    app.session_state["visitor"].run.close()

    again(app)

    assert len(app.warning) == sections
    assert all(sentence.value.endswith(".") for sentence in app.warning)
