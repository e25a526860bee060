"""Why this answer: evidence, duel and smallest change for the picture in question, drawn from the run's weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from lrdemo import formats, pictures
from lrdemo.answers.explain import Evidence, duel, evidence, smallest_flip
from lrdemo.arrays import Float32s, Float64s
from lrdemo.pictures import limit_of
from lrdemo.shapes import layers
from lrdemo.ui import state
from lrdemo.ui.figures import SIGNED_WORDS, table
from lrdemo.ui.run_notes import moment, show_run_note
from lrdemo.ui.section import section

FOLLOW_SECONDS = 2.0
WIDTH = 168
ZOOM = 6
ANSWER, RUNNER_UP, NEAREST = "the answer", "the runner-up", "the nearest"


@dataclass(frozen=True, eq=False)
class Case:
    """Hold what is explained: the picture [28, 28], its name, weight [10, 784], bias [10], logits [10], temperature."""

    image: Float32s
    title: str
    weight: Float32s
    bias: Float32s
    logits: Float32s
    temperature: float

    @property
    def order(self) -> list[int]:
        """Return the digits from the largest logit to the smallest."""
        return [int(digit) for digit in np.argsort(-self.logits, kind="stable")]


def why() -> None:
    """Draw the section; while its switch is on and the run trains, draw it again every two seconds."""
    follow = st.toggle("Follow the training", True, key="why_follow", persist_state="session",
                       help="Draws this section again every two seconds while the run trains.")  # fmt: skip
    snapshot = state.run().snapshot()
    running = snapshot is not None and snapshot.state == "running"
    section(_explained, FOLLOW_SECONDS if follow and running else None)()


def _explained() -> None:
    visitor = state.visitor()
    snapshot, shown = visitor.run.snapshot(), visitor.shown
    if shown is None:
        st.info("The canvas is empty. Draw a digit or take a test image, and its answer is explained here.")
        return
    show_run_note()
    if visitor.run.settings.model != "softmax":
        st.info(
            "This explanation holds for softmax regression only. In the multilayer perceptron a pixel's part depends "
            "on all other pixels, so no map of single pixels adds up to its answer."
        )
    elif snapshot is not None and np.isfinite(snapshot.lane.parameters).all():
        weight, bias = layers(snapshot.lane.parameters)[0]
        logits = shown.image.reshape(-1) @ weight.T + bias
        case = Case(shown.image, shown.title, weight, bias, logits, shown.temperature)
        st.caption(f"{case.title}, at {moment(snapshot.iteration, visitor.run.taught)}. {SIGNED_WORDS}")
        _evidence(case)
        _duel(case)
        _flip(case)
    st.button("Refresh", icon=":material/refresh:", key="why_refresh")


def _evidence(case: Case) -> None:
    st.subheader("Evidence: ink × weight", anchor=False)
    chosen = st.segmented_control("Class", [ANSWER, *map(str, range(10))], default=ANSWER, required=True,
                                  key="why_class", persist_state="session")  # fmt: skip
    digit = case.order[0] if chosen == ANSWER else int(chosen)
    found = evidence(case.image, case.weight, case.bias, digit)
    scale, limit = _evidence_limit(case), limit_of(case.weight)
    with st.container(horizontal=True, gap="small"):
        _ink(case.image, "The picture x", f"{case.title}, 28×28 pixels")
        template = case.weight[digit].reshape(28, 28)
        _signed(template, limit, f"Template of {digit}, ±{formats.short(limit)}", f"Weights of class {digit}")
        caption = f"Evidence for {digit}, ±{formats.short(scale, 2)}"
        _signed(found.pixels, scale, caption, f"Ink times weight of class {digit}")
        with st.container(width=330):
            _addition(found, f"logit of {digit}")
    with st.expander("The ten additions"):
        sums = [evidence(case.image, case.weight, case.bias, other) for other in range(10)]
        marks = [" ← answer" if other == case.order[0] else "" for other in range(10)]
        table(
            ["class", "evidence", "bias", "logit"],
            [
                [str(other), _number(one.total), _number(one.bias), _number(one.logit) + mark]
                for other, (one, mark) in enumerate(zip(sums, marks, strict=True))
            ],
        )
        st.caption(
            "The addition is exact, nothing is left out. The model itself adds 32-bit numbers; for class "
            f"{digit} rounding makes its logit differ by {formats.short(found.error, 1)}."
        )


def _duel(case: Case) -> None:
    first_choice, second_choice = case.order[:2]
    st.subheader("Duel: why this and not that?", anchor=False)
    with st.container(horizontal=True):
        first = _digit_choice("Why", "duel_first", ANSWER, first_choice)
        second = _digit_choice("and not", "duel_second", RUNNER_UP, second_choice)
    if first == second:
        st.info("Choose two different digits.")
        return
    found, scale = duel(case.image, case.weight, case.bias, first, second), _evidence_limit(case)
    with st.container(horizontal=True, gap="small"):
        _signed(found.pixels, scale, f"For {first} (red) or {second} (blue)",
                f"Ink times the difference of the weights of {first} and {second}")  # fmt: skip
        with st.container(width=420):
            _addition(found, f"logit of {first} − logit of {second}")
            winner, loser = (first, second) if found.logit > 0 else (second, first)
            times = _times(abs(found.logit) / case.temperature)
            st.markdown(f"**{winner}** wins: e^(difference{_divided(case)}) makes it {times} as probable as {loser}.")


def _flip(case: Case) -> None:
    answer = case.order[0]
    st.subheader("The smallest change that flips the answer", anchor=False)
    chosen = st.segmented_control("From the answer to", [NEAREST, *map(str, range(10))], default=NEAREST, required=True,
                                  key="flip_to", persist_state="session")  # fmt: skip
    if chosen == str(answer):
        st.info(f"The answer is {answer} already. Choose another digit.")
        return
    flip = smallest_flip(case.image, case.weight, case.bias, None if chosen == NEAREST else int(chosen))
    limit, target = float(np.abs(flip.change).max()), flip.target
    st.markdown(
        f"Push each pixel a little in the direction in which **{target}** gains most on **{answer}**; this much is "
        "just enough:"
    )
    with st.container(horizontal=True, gap="small"):
        _ink(case.image, f"Before: {answer}", f"{case.title}, read as {answer}")
        _signed(flip.change, limit, f"Change δ, ±{formats.short(limit, 2)}", f"The change that makes {target} of it")
        _ink(flip.clipped, "After, limited to 0 … 1", "The changed picture, limited to real pixels")
        if not flip.clipped_flips and flip.real is not None:
            _ink(flip.real, f"Real pixels: {target}", f"The nearest real picture that is read as {target}")
    share = flip.size / max(float(np.linalg.norm(case.image)), 1e-9)
    st.markdown(
        f"The size of the change (the root of its sum of squares) is **{formats.fixed(flip.size, 3)}**, "
        f"{formats.percent(share, 0)} of the size of the picture."
    )
    if flip.clipped_flips:
        st.markdown("Limited to real pixels, from 0 to 1, the changed picture still flips the answer. ✓")
    elif flip.real is None:
        st.markdown("Limited to real pixels, from 0 to 1, the flip is **undone**, and no such picture flips. ✗")
    else:
        st.markdown(
            "Limited to real pixels, from 0 to 1, the flip is **undone**. ✗ Repeating the formula on the pixels that "
            "are still free finds the nearest real picture that flips: its change has size "
            f"**{formats.fixed(flip.real_size, 3)}**. ✓"
        )
    with st.expander("The formula"):
        st.markdown(
            f"*d* is the template of {answer} minus the template of {target}, the *margin* is the logit of {answer} "
            f"minus the logit of {target}, and ‖*d*‖² is the sum of the squares of *d*. The smallest change that makes "
            "the two logits equal is"
        )
        st.latex(r"\delta = -\,\mathrm{margin} \cdot \frac{d}{\lVert d \rVert^2}")


def _evidence_limit(case: Case) -> float:
    """Return one limit for the evidence of all ten classes, so that their pictures can be compared."""
    return float(np.abs(case.image.reshape(-1) * case.weight).max()) or 1.0


def _addition(found: Evidence, name: str) -> None:
    in_favour = float(found.pixels[found.pixels > 0].sum())
    table(
        ["ink × weight", "logit"],
        [
            ["pixels in favour", _number(in_favour)],
            ["pixels against", _number(found.total - in_favour)],
            ["sum of the evidence", _number(found.total)],
            ["bias", _number(found.bias)],
            [f"**{name}**", f"**{_number(found.logit)}**"],
        ],
        left=1,
    )


def _digit_choice(label: str, key: str, following: str, digit: int) -> int:
    chosen = st.selectbox(label, [following, *map(str, range(10))], key=key, width=200, persist_state="session")
    return digit if chosen == following else int(chosen)


def _ink(image: Float32s | Float64s, caption: str, alt: str) -> None:
    st.image(pictures.data_url(pictures.ink(image, ZOOM)), caption=caption, width=WIDTH, alt=alt)


def _signed(values: Float32s | Float64s, limit: float, caption: str, alt: str) -> None:
    signed = pictures.data_url(pictures.signed(values, limit, ZOOM))
    st.image(signed, caption=caption, width=WIDTH, alt=f"{alt}. {SIGNED_WORDS}")


def _number(value: float) -> str:
    return formats.signed(value, 4)


def _divided(case: Case) -> str:
    return "" if case.temperature == 1 else f" / temperature {formats.short(case.temperature)}"


def _times(logit: float) -> str:
    return f"{formats.fixed(np.exp(logit), 1)} times" if logit < 15 else f"e^{formats.count(logit)} times"
