"""The frame of the lesson pages: titles, places, ways on, and that trouble anywhere is a sentence."""

import inspect
import re

import pytest
from reading import again, words

from lrdemo.ui import navigation
from lrdemo.ui.lesson.page import PAGES

PROMISES = {
    "line_to_probability.py": "how numbers become probabilities",
    "the_data.py": "which images it never sees",
    "one_step_by_hand.py": "every number of one training step",
    "three_ways.py": "can read a PyTorch model",
    "read_the_output.py": "check its accuracy by counting",
}


def test_the_navigation_lists_the_lesson_in_the_same_order():
    # Pages are made only within a running script, so the list is read where it is written.
    listed = re.findall(r'_page\("(\w+)", "([^"]+)"', inspect.getsource(navigation.pages))

    assert [(f"{name}.py", title) for name, title in listed[-len(PAGES) :]] == list(PAGES)


@pytest.mark.parametrize("place", range(len(PAGES)))
def test_every_lesson_page_says_where_it_is_what_it_promises_and_what_comes_before_and_after(open_app, place):
    file, title = PAGES[place]

    app = again(open_app(f"pages/{file}"))

    assert [heading.value for heading in app.title] == [title]
    assert PROMISES[file] in words(app)
    captions = [caption.value for caption in app.caption]
    assert captions[0] == f"Lesson {place + 1} of 5"
    # Opened on its own, a page has no neighbours to link to: it names them.
    around = [PAGES[other][1] for other in (place - 1, place + 1) if 0 <= other < len(PAGES)]
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
