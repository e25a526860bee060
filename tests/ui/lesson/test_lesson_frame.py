"""The frame of the lesson pages: their order, their promises, the way on, and that trouble anywhere is a sentence."""

import pytest
from reading import again, words
from streamlit.testing.v1 import AppTest

from lrdemo.ui.navigation import LAB, LESSON, PLACES, following

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
        "st.session_state.listed = [(page.url_path, page.title) for page in pages()['Lesson']]"
    ).run()

    listed = app.session_state["listed"]
    assert [f"{path}.py" for path, _ in listed] == list(PROMISES)
    assert [title.split()[0] for _, title in listed] == ["1", "2", "3", "4", "5"]
    assert [place.heading.split()[0] for place in LESSON] == ["1.", "2.", "3.", "4.", "5."]


@pytest.mark.parametrize("file", PROMISES)
def test_every_lesson_page_says_what_it_promises_and_leaves_the_heading_to_the_frame(open_app, file):
    app = again(open_app(f"pages/{file}"))

    assert PROMISES[file] in words(app)
    assert not app.title


def test_next_leads_through_all_pages_and_back_to_the_first():
    place, seen = PLACES[0], []
    for _ in PLACES:
        seen.append(place.title)
        place = following(place)
    assert seen == [place.title for place in (*LAB, *LESSON)]
    assert place is PLACES[0]


@pytest.mark.parametrize(
    "file, sections", [("one_step_by_hand.py", 1), ("three_ways.py", 2), ("read_the_output.py", 1)]
)
def test_a_run_that_does_not_answer_is_one_sentence_in_each_section(open_app, file, sections):
    app = open_app(f"pages/{file}")
    app.session_state["visitor"].run.close()

    again(app)

    assert len(app.warning) == sections
    assert all(sentence.value.endswith(".") for sentence in app.warning)
