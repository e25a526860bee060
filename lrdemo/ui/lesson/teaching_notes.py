"""The teaching notes: 45 minutes, what to press, what to ask, and what the class will see."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from lrdemo.ui.navigation import FOLDER, PLACES

STYLE = Path(__file__).with_name("teaching_notes.css")
FIGURES = {
    "untrained answer": "0",
    "untrained": "12.2\u00a0%",
    "line at 300": "6 of 9",
    "curve at 300": "9 of 9",
    "score of 7": "7.84",
    "score of 9": "2.20",
    "first batch": "94 of 100",
    "correct": "9,048 of 10,000",
    "trained": "90.5\u00a0%",
    "sure of 7": "99.4\u00a0%",
    "cost at 0.01": "4.61",
    "cost at 0.00001": "11.51",
    "loss of the first 100": "0.301",
    "guessing": "2.303",
    "loss before the step": "2.330",
    "loss after the step": "2.135",
    "after 100 steps": "86.9\u00a0%",
    "sure of the hard 2": "65.8\u00a0%",
    "winner": "1",
    "race of 1": "92.7\u00a0%",
    "race of 0.1": "92.1\u00a0%",
    "race of 10": "89\u00a0%",
    "race of 0.001": "65.3\u00a0%",
    "shifted by 4": "21.2\u00a0%",
    "inverted": "0.2\u00a0%",
}
"""What the notes claim of a run with the default settings, as it is read on the pages."""


@dataclass(frozen=True)
class Part:
    """Some minutes on one page: what to press, what to ask the class, and what it will see."""

    minutes: int
    file: str
    press: str
    ask: str
    see: str


def said(name: str) -> str:
    """Return a figure as the notes print it."""
    return f"**{FIGURES[name]}**"


PARTS = (
    Part(
        3,
        "train.py",
        "Nothing is trained yet. Set the two sliders to the class's guesses, then press **Guess**.",
        "This model is 7,850 random numbers. Of 10,000 handwritten digits, what share will it get right? And after "
        "it has learnt?",
        f"Untrained: {said('untrained')}, about what blind guessing gets. It takes the 7 for a "
        f"{said('untrained answer')}. Write the second guess on the board.",
    ),
    Part(
        4,
        "yes_or_no.py",
        "Drag the last patient from 100 to 300.",
        "No one has fallen ill or recovered. Will the line still be right about all nine patients? Will the S-curve?",
        f"The line tips over: {said('line at 300')}. The S-curve hardly moves: {said('curve at 300')}. Vote on the "
        "prediction at the end.",
    ),
    Part(
        4,
        "the_data.py",
        "Scroll to the average digits.",
        "Why may the model never learn from the 10,000 test images?",
        "About 6,000 handwritten 3s on top of each other make a blurred 3. An exam with known questions would show "
        "nothing.",
    ),
    Part(
        5,
        "scores.py",
        "**Start**. It takes six seconds.",
        "Before you start: on the template of 0, where should ink count against it?",
        "The templates take shape; that of 0 turns blue in the middle. The score of 7 pulls away and ends at "
        f"{said('score of 7')}; next is 9 with {said('score of 9')}.",
    ),
    Part(
        4,
        "the_answer.py",
        "Drag the bar of one score up.",
        "Only one score has changed. Why do all ten probabilities change?",
        f"The ten share one whole. Unmoved, the 7 has {said('sure of 7')}. Right answers: {said('first batch')} in "
        f"the first batch, {said('correct')} in all.",
    ),
    Part(
        4,
        "the_cost.py",
        "Drag the probability to 0.01, then to 0.00001. At the end, press **Reset**.",
        "Two models take a 7 for a 1; one was almost sure of it. How much more should its mistake cost?",
        f"{said('cost at 0.01')}, then {said('cost at 0.00001')}. The first 100 test images cost "
        f"{said('loss of the first 100')} on average; guessing would cost {said('guessing')}. After Reset the "
        "templates are random again.",
    ),
    Part(
        5,
        "one_step.py",
        "Read down the page, then **Take the step**.",
        "The step changes all 7,850 numbers at once. How do we know in which direction each has to go?",
        f"On the 100 images of this step the loss falls from {said('loss before the step')} to "
        f"{said('loss after the step')}. By hand and by autograd, the gradient is the same to six decimals.",
    ),
    Part(
        4,
        "train.py",
        "**Reset**. Pick the **hard 2**. Press **Step 100**, then **Resume**.",
        "You have seen one step. Where will 600 of them lead? When is most of it learnt?",
        f"{said('after 100 steps')} after only 100 steps, {said('trained')} at the end: compare it with the guess on "
        f"the board. The hard 2 is still taken for a 7, with {said('sure of the hard 2')}.",
    ),
    Part(
        4,
        "race.py",
        "Let the class bet, then **Start race**.",
        "Five learning rates, same start, same images. Which one wins, and what will the others do?",
        f"{said('winner')} wins with {said('race of 1')}, just ahead of 0.1 with {said('race of 0.1')}. 0.001 only "
        f"gets to {said('race of 0.001')}; 10 overshoots and ends near {said('race of 10')}.",
    ),
    Part(
        4,
        "draw.py",
        "Let students draw. Touch the bar of another digit. Then type test image **0**.",
        "When it misreads one: how does this drawing differ from the digits it has learnt from?",
        "The answer follows the pen, and is sometimes wrong. The page shows what spoke against the other digit. Of "
        f"test image 0 it is sure: a 7, with {said('sure of 7')}.",
    ),
    Part(
        4,
        "what_breaks_it.py",
        "**Shift right** to 4. **Undo all changes**. Then tick **Invert**.",
        "You can still read every one of them. Why can the model not?",
        f"Four pixels to the right: {said('shifted by 4')}. Inverted: {said('inverted')}, far worse than guessing. "
        "Each weight belongs to one pixel: the model knows places, not shapes.",
    ),
)
BEFORE = (
    "Start the app as the README says and open it once; after that it needs no network.",
    "Press **F**: all type becomes large enough for a projector, and **←** and **→** change the page. **P** presses "
    "the blue button.",
    "The settings are in the address, and the same settings give the same pictures twice. These notes are for an "
    "address without any: seed 0, learning rate 0.1, 600 iterations.",
)
TROUBLE = (
    "**Other numbers than here?** Some setting has been changed. Open the address without what follows the question "
    "mark.",
    "**A page does not react?** Reload it. The run is then back at its start; **Start** trains it again in six "
    "seconds.",
    "**Out of time?** Leave out The data and Race, and set the pace on Train to full speed: training then takes about "
    "a second.",
)


def notes() -> None:
    """Show the notes; printed, they fill two pages."""
    st.html(STYLE)
    with st.container(key="notes"):
        st.markdown(
            "For a first class on machine learning. Afterwards a student can say what the 7,850 numbers are, how "
            "they were found, and when they fail. To print these notes, press Ctrl+P (⌘P on a Mac)."
        )
        _list("Before the lesson", BEFORE)
        st.header("Minute by minute", anchor=False)
        begin = 0
        for part in PARTS:
            _part(begin, part)
            begin += part.minutes
        _list("If something goes wrong", TROUBLE)


def _list(title: str, sentences: tuple[str, ...]) -> None:
    st.header(title, anchor=False)
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences))


def _part(begin: int, part: Part) -> None:
    place = next(place for place in PLACES if place.file == part.file)
    with st.container(key=f"part_{begin}"):
        when, *cells = st.columns([15, 25, 27, 33], gap="small")
        when.markdown(f"**{begin}–{begin + part.minutes}**\u00a0min")
        when.page_link(FOLDER / place.file, label=place.title)
        for cell, title, text in zip(cells, ("Press", "Ask", "See"), (part.press, part.ask, part.see), strict=True):
            cell.markdown(f"*{title}.* {text}")
