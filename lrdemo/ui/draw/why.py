"""Why this answer: evidence, duel and smallest flip for the picture in question, drawn from the run's weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from lrdemo import pictures
from lrdemo.answers.explain import Evidence, duel, evidence, smallest_flip
from lrdemo.answers.predict import layers
from lrdemo.serving.frames import limit_of
from lrdemo.ui import state
from lrdemo.ui.figures import SIGNED_WORDS

FOLLOW_SECONDS = 2.0
WIDTH = 168
ZOOM = 6
ANSWER, RUNNER_UP, NEAREST = "the answer", "the runner-up", "the nearest"


@dataclass(frozen=True, eq=False)
class Case:
    """Hold what is explained: the picture [28, 28], its name, weight [10, 784], bias [10], logits [10], temperature."""

    image: npt.NDArray[np.float32]
    title: str
    weight: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    logits: npt.NDArray[np.float32]
    temperature: float

    @property
    def order(self) -> list[int]:
        """Return the digits from the largest logit to the smallest."""
        return [int(digit) for digit in np.argsort(-self.logits, kind="stable")]


def why() -> None:
    """Draw the section; while the switch is on it is drawn again every two seconds."""
    follow = st.toggle("Follow the training", True, key="why_follow", persist_state="session",
                       help="Draws this section again every two seconds while the run trains.")  # fmt: skip
    snapshot = state.run().snapshot()
    running = snapshot is not None and snapshot.state == "running"
    st.fragment(_explained, run_every=FOLLOW_SECONDS if follow and running else None)()


def _explained() -> None:
    visitor = state.visitor()
    snapshot, shown = visitor.run.snapshot(), visitor.shown
    if shown is None:
        st.info("The canvas is empty. Draw a digit or take a test image, and its answer is explained here.")
        return
    if snapshot is None:
        st.info("The digits are still being loaded. Press Refresh in a moment.")
    elif visitor.run.settings.model != "softmax":
        st.info(
            "This explanation holds for softmax regression only. In the multilayer perceptron a pixel's part depends "
            "on all other pixels, so no map of single pixels adds up to its answer."
        )
    else:
        weight, bias = layers(snapshot.lane.parameters)[0]
        logits = shown.image.reshape(-1) @ weight.T + bias
        case = Case(shown.image, shown.title, weight, bias, logits, shown.temperature)
        st.caption(f"{case.title}, at iteration {snapshot.iteration:,}. {SIGNED_WORDS}")
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
        _signed(template, limit, f"Template of {digit}, ±{limit:g}", f"Weights of class {digit}")
        _signed(found.pixels, scale, f"Evidence for {digit}, ±{scale:.2g}", f"Ink times weight of class {digit}")
        with st.container(width=330):
            _addition(found, f"logit of {digit}")
    _exactness(found)
    with st.expander("The ten additions"):
        lines = ["| class | evidence | bias | logit |", "|---:|---:|---:|---:|"]
        for other in range(10):
            one = evidence(case.image, case.weight, case.bias, other)
            mark = " ← answer" if other == case.order[0] else ""
            lines.append(f"| {other} | {_number(one.total)} | {_number(one.bias)} | {_number(one.logit)}{mark} |")
        st.markdown("\n".join(lines))


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
    with st.container(horizontal=True, gap="small"):
        _ink(case.image, f"Before: {answer}", f"{case.title}, read as {answer}")
        _signed(flip.change, limit, f"Change δ, ±{limit:.2g}", f"The change that makes {target} of it")
        _ink(flip.clipped, "After, cut to 0 … 1", "The changed picture, cut to real pixels")
        if not flip.clipped_flips and flip.real is not None:
            _ink(flip.real, f"Real pixels: {target}", f"The nearest real picture that is read as {target}")
    share = flip.size / max(float(np.linalg.norm(case.image)), 1e-9)
    st.markdown(
        f"With d = w({answer}) − w({target}), the change δ = −margin · d / ‖d‖² lifts **{target}** just above "
        f"**{answer}**. Its length ‖δ‖ is **{flip.size:.3f}**, that is {share:.0%} of the length of the picture."
    )
    if flip.clipped_flips:
        st.markdown("It needs some ink below 0 or above 1. Cut to real pixels, the changed picture still flips. ✓")
    elif flip.real is None:
        st.markdown("Cut to real pixels the flip is **undone**, and no picture with pixels from 0 to 1 flips. ✗")
    else:
        st.markdown(
            "It needs ink below 0 or above 1; cut to real pixels the flip is **undone**. ✗ Repeating the formula on "
            f"the pixels that are still free finds the nearest real picture that flips: its change has length "
            f"**{flip.real_size:.3f}**. ✓"
        )


def _evidence_limit(case: Case) -> float:
    """Return one limit for the evidence of all ten classes, so that their pictures can be compared."""
    return float(np.abs(case.image.reshape(-1) * case.weight).max()) or 1.0


def _addition(found: Evidence, name: str) -> None:
    speaks_for = float(found.pixels[found.pixels > 0].sum())
    st.markdown(
        "| ink × weight | logit |\n|:---|---:|\n"
        f"| pixels that speak for | {_number(speaks_for)} |\n"
        f"| pixels that speak against | {_number(found.total - speaks_for)} |\n"
        f"| sum of the evidence | {_number(found.total)} |\n"
        f"| bias | {_number(found.bias)} |\n"
        f"| **{name}** | **{_number(found.logit)}** |"
    )


def _exactness(found: Evidence) -> None:
    st.caption(
        f"The addition is exact, nothing is left out. The model itself adds in 32-bit numbers; its logit differs by "
        f"{found.error:.0e} from rounding."
    )


def _digit_choice(label: str, key: str, following: str, digit: int) -> int:
    chosen = st.selectbox(label, [following, *map(str, range(10))], key=key, width=200, persist_state="session")
    return digit if chosen == following else int(chosen)


def _ink(image: npt.NDArray[np.floating], caption: str, alt: str) -> None:
    st.image(pictures.data_url(pictures.ink(image, ZOOM)), caption=caption, width=WIDTH, alt=alt)


def _signed(values: npt.NDArray[np.floating], limit: float, caption: str, alt: str) -> None:
    signed = pictures.data_url(pictures.signed(values, limit, ZOOM))
    st.image(signed, caption=caption, width=WIDTH, alt=f"{alt}. {SIGNED_WORDS}")


def _number(value: float) -> str:
    return f"{value:+.4f}".replace("-", "−")


def _divided(case: Case) -> str:
    return "" if case.temperature == 1 else f" / temperature {case.temperature:g}"


def _times(logit: float) -> str:
    return f"{np.exp(logit):,.1f} times" if logit < 15 else f"e^{logit:.0f} times"
