"""The frame of the lesson: its order, its chapters' questions and predictions, and that no step is long."""

import re

import pytest
from reading import again, words
from streamlit.testing.v1 import AppTest

from lrdemo.ui.lesson.predictions import PREDICTIONS
from lrdemo.ui.navigation import APPENDIX, CHAPTERS, LAB, PLACES, following

ASKED = {
    "yes_or_no.py": "average", "the_data.py": "parameters", "scores.py": "softmax", "the_answer.py": "mistake",
    "the_cost.py": "step", "one_step.py": "epoch",
}  # fmt: skip
"""What each chapter asks at its end; the next one answers it."""
MOST_WORDS = 60


def test_the_navigation_lists_the_lesson_in_its_order():
    # Pages are made only within a running script.
    app = AppTest.from_string(
        "import streamlit as st; from lrdemo.ui.navigation import pages;"
        "st.session_state.listed = [(page.url_path, page.title) for page in pages()['Lesson']]"
    ).run()

    listed = app.session_state["listed"]
    assert [f"{path}.py" for path, _ in listed] == [*ASKED, "three_ways.py", "teaching_notes.py"]
    assert [title.split()[0] for _, title in listed][:6] == ["1", "2", "3", "4", "5", "6"]
    assert [place.heading.split()[0] for place in CHAPTERS] == ["1.", "2.", "3.", "4.", "5.", "6."]


@pytest.mark.parametrize("file", ASKED)
def test_every_chapter_opens_with_a_question_and_ends_with_a_prediction(open_app, file):
    app = again(open_app(f"pages/{file}"))

    assert "?" in app.markdown[0].value
    assert not app.title
    (pills,) = [group for group in app.button_group if group.key == f"predicted_{ASKED[file]}"]
    assert pills.options == list(PREDICTIONS[ASKED[file]].options)
    assert PREDICTIONS[ASKED[file]].question in words(app).replace(" ", " ")


@pytest.mark.parametrize("file, before", list(zip(list(ASKED)[1:], list(ASKED.values())[:-1], strict=True)))
def test_every_chapter_answers_what_the_one_before_has_asked(open_app, file, before):
    assert PREDICTIONS[before].answer in words(again(open_app(f"pages/{file}")))


@pytest.mark.parametrize("name", PREDICTIONS)
def test_the_right_option_is_one_of_them(name):
    assert PREDICTIONS[name].right in PREDICTIONS[name].options


def test_what_was_predicted_is_repeated_and_said_to_be_right_only_where_it_is():
    def said() -> None:
        import streamlit as st

        from lrdemo.ui.lesson.predictions import answered

        st.markdown(answered("average"))

    app = AppTest.from_function(said).run()
    assert app.markdown[0].value == PREDICTIONS["average"].answer

    for option in PREDICTIONS["average"].options:
        app.session_state["predicted_average"] = option
        app.run()
        right = ", and so it is" if option == "a blurred 3" else ""
        assert app.markdown[0].value == f"You predicted “{option}”{right}. {PREDICTIONS['average'].answer}"


@pytest.mark.parametrize("file", ASKED)
def test_no_step_tells_more_than_one_thought(open_app, file):
    app = open_app(f"pages/{file}")
    for name, asked in PREDICTIONS.items():
        app.session_state[f"predicted_{name}"] = max(asked.options, key=lambda option: len(option.split()))

    for step in steps(again(app).main):
        plain = re.sub(r":\w+\[(.*?)\]|[*`$\\]", r"\1", step)
        assert len(plain.split()) <= MOST_WORDS, plain


def steps(block):
    """Yield the text of each step: what follows a heading as its neighbour."""
    parts = list(getattr(block, "children", {}).values())
    for heading, text in zip(parts, parts[1:], strict=False):
        if heading.type == "header" and text.type == "markdown":
            yield text.value
    for part in parts:
        if hasattr(part, "children"):
            yield from steps(part)


def test_next_leads_through_all_pages_and_back_to_the_first():
    place, seen = PLACES[0], []
    for _ in PLACES:
        seen.append(place.title)
        place = following(place)
    assert seen == [place.title for place in (*LAB, *APPENDIX, *CHAPTERS)]
    assert place is PLACES[0]
    assert following(CHAPTERS[-1]) is LAB[0], "the lesson goes on with Train"


@pytest.mark.parametrize(
    "file, sections", [("one_step.py", 1), ("three_ways.py", 2), ("the_answer.py", 1), ("the_cost.py", 1)]
)
def test_a_run_that_does_not_answer_is_one_sentence_in_each_section(open_app, file, sections):
    app = open_app(f"pages/{file}")
    app.session_state["visitor"].run.close()

    again(app)

    assert len(app.warning) == sections
    assert all(sentence.value.endswith(".") for sentence in app.warning)
