"""The scenes of the chapter "One step of training": each shows one part of what `lrdemo.lesson.step.look` returns."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from lrdemo import pictures
from lrdemo.formats import count, fixed, short, signed
from lrdemo.lesson import data_facts
from lrdemo.shapes import IMAGE, Form, form_of
from lrdemo.ui import controls, state
from lrdemo.ui.figures import signed_pictures, table
from lrdemo.ui.lesson import words
from lrdemo.ui.lesson.drag_chart import drag_chart
from lrdemo.ui.lesson.machine import still_machine
from lrdemo.ui.lesson.page import code, formulas, question, scene, step
from lrdemo.ui.lesson.predictions import answered
from lrdemo.ui.lesson.rate_chart import loss_by_rate
from lrdemo.ui.lesson.signed_bars import largest, signed_bars
from lrdemo.ui.lesson.step_control import (
    CHOSEN_RATE,
    QUESTIONS,
    Walk,
    copy_the_run,
    have_parted,
    the_walk,
    where_they_are,
    why_not,
)
from lrdemo.ui.run_notes import show_trouble
from lrdemo.ui.section import following, section

STYLE = Path(__file__).with_name("step.css")
Seen = dict[str, Any]
DIGITS = [str(digit) for digit in range(10)]
COLUMNS, TILE = 10, 32
CALLS = ("zeroed", "backward() once", "backward() twice: doubled", "backward() three times: tripled")
BY_CLASS = [f"class {digit}" for digit in DIGITS]


@following
def status() -> None:
    """Say of which moment of the run the copy is, and where the run is by now."""
    walk = the_walk()
    row = st.container(horizontal=True, vertical_alignment="center")
    row.markdown(where_they_are(walk))
    if have_parted(walk) and row.button("Copy the run again", icon=":material/content_copy:"):
        controls.guarded(copy_the_run)
        st.rerun()
    show_trouble()
    row = st.container(horizontal=True)
    taken = walk.taken
    row.metric("Iteration of the copy", count((taken.copy if taken else walk.copy).iteration), width=200)
    row.metric("Loss on this minibatch, before", fixed(walk.seen["loss_torch"], 3), width=270)
    row.metric("Loss on this minibatch, after", fixed(taken.loss if taken else None, 3), width=270)


@section
def follow_an_image() -> None:
    """Show the minibatch, and one image of it on its way to the loss and to its part of the gradient."""
    seen = the_walk().seen
    shown = len(seen["images"])
    image = min(st.session_state.get("step_image", 0), shown - 1)
    with scene("minibatch") as (picture, told):
        with picture:
            _minibatch(seen, image)
        with told:
            _tell_minibatch(seen, image)
    with scene("forward") as (picture, told):
        with picture:
            _scores(seen, image)
        with told:
            _tell_forward(seen, image)
    with scene("difference") as (picture, told):
        with picture:
            signed_bars(
                f"Image {image + 1}: probability minus target", "p − t",
                seen["probabilities"][image] - _target(seen, image), 1.0, marked=int(seen["labels"][image]),
            )  # fmt: skip
        # In one box, both thoughts are in view beside the picture.
        with told, st.container():
            _tell_difference(seen, image)


@section
def weigh_the_images() -> None:
    """Show how images times d add up to the gradient of a class, then all ten."""
    seen = the_walk().seen
    with scene("weigh") as (picture, told):
        with picture:
            digit = _weighed_images(seen)
        with told:
            step(
                "weigh",
                "From ten scores to 7,850 numbers",
                f"A score is {words.pixels('pixels')} times {words.weights('weights')}, so an image passes its *d* on "
                f"to the weights under its ink. For class {digit}: multiply every image by its −*d* and add them up. "
                f"A handwritten {digit} counts for the class (red). Any other image counts against it (blue), the more "
                f"so the more the model takes it for a {digit}.",
            )
    with scene("gradient") as (picture, told):
        with picture, st.container():
            st.markdown("**Minus the gradient of the weights, one picture per class**")
            wanted = -np.nan_to_num(seen["weight_gradient"]).reshape(10, *_form(seen).shape)
            signed_pictures(wanted, BY_CLASS, "Minus the gradient,")
            st.caption("Red: this minibatch wants to add to the weight. Blue: to take away from it.")
        with told:
            step(
                "gradient",
                "The gradient of all ten classes",
                r"The sums are minus $\partial L/\partial W$. For the biases, the −*d* alone are added up. PyTorch "
                "finds the same by itself (**autograd**), for any model. The largest difference between the two, among "
                f"all 7,850 numbers, is **{short(seen['gradient_difference'], 2)}**.",
            )
            with formulas():
                st.latex(
                    r"\begin{aligned} d &= \frac{p - t}{m} \\ \frac{\partial L}{\partial W} &= d^{\mathsf T} x \\"
                    r" \frac{\partial L}{\partial b} &= \sum_{i=1}^{m} d_i \end{aligned}"
                )
                st.markdown("ᵀ means transposed: rows become columns. So *d*, [m, 10], becomes [10, m].")
            code(seen["code"]["by_hand"], "The code that ran, by hand")
            code(seen["code"]["autograd"], "The code that ran, by autograd")


@section
def accumulation() -> None:
    """Show how gradients add up until they are zeroed."""
    seen = the_walk().seen
    with scene("accumulation") as (picture, told):
        with picture:
            calls = st.session_state.setdefault("step_backward", 1)
            row = st.container(horizontal=True)
            if row.button("backward() again", icon=":material/undo:"):
                calls = st.session_state["step_backward"] = min(calls + 1, 3)
            if row.button("zero_grad()", icon=":material/exposure_zero:"):
                calls = st.session_state["step_backward"] = 0
            now = seen["accumulated_bias_gradients"][calls]
            once = seen["bias_gradient"]
            signed_bars(
                f"Gradients of the ten biases: {CALLS[calls]}", "b.grad (outlined: after one call)", now,
                largest([3 * once]), former=once,
            )  # fmt: skip
        with told:
            step(
                "accumulation",
                "Gradients add up until they are zeroed",
                "In PyTorch, `backward()` computes the gradient. Each call **adds** to what is there already: press "
                "the button, and the gradients of the ten biases double. `zero_grad()` sets them to zero. A training "
                "loop calls it before every step; forgetting it is a common mistake.",
            )
            with formulas("The ten numbers"):
                _table(["class", "gradient of b", f"b.grad now ({CALLS[calls]})"], [once, now], 6)
            code(seen["code"]["backward_again"])


@section
def update() -> None:
    """Show the loss for each learning rate on a curve with a handle, and the step that is taken."""
    walk = the_walk()
    seen, rates, taken = walk.seen, walk.rates, walk.taken
    finite = bool(np.isfinite(walk.losses).all())
    with scene("update") as (picture, told):
        with picture:
            if finite:
                start = int(np.argmin(np.abs(np.array(rates[1:]) - walk.start_rate)))
                chart = loss_by_rate(rates, walk.losses, seen["size"], (taken.rate, taken.loss) if taken else None)
                place = drag_chart(f"step_rate_{len(rates)}", chart, start)
                st.session_state[CHOSEN_RATE] = rates[1 + place]
            else:
                st.info("The numbers of this copy are not finite any more: no step can be drawn.")
        with told, st.container():
            _tell_update(walk, finite)


@section
def from_zero(facts: data_facts.Facts) -> None:
    """Show that the first step from zero weights is class average minus overall average."""
    seen = the_walk().seen
    of_pixels = _form(seen) is IMAGE  # The facts are those of pixels.
    with scene("zero") as (picture, told):
        with picture, st.container():
            st.markdown("**The first step from zero, on this minibatch**")
            signed_pictures(seen["first_step"].reshape(10, *_form(seen).shape), BY_CLASS, "First step from zero,")
            if of_pixels:
                st.markdown("**Class average minus overall average, over all 60,000 training images**")
                signed_pictures(facts.averages - facts.overall_average, BY_CLASS, "Average minus overall average,")
        with told:
            step(
                "zero",
                "What the very first step learns",
                "Suppose all weights and biases are 0. Then every class gets probability 1/10, so *d* is −0.9/*m* for "
                "the right class and 0.1/*m* for the others. Each class adds its own images and takes away a tenth of "
                "all images. What remains looks like its average digit minus the average of all digits.",
            )
            with formulas():
                st.latex(
                    r"W_k = \eta \left( s_k \cdot \mathrm{average}_k"
                    r" - \tfrac{1}{10} \, \mathrm{average}_{\mathrm{all}} \right)"
                )
                st.markdown("for class *k*; $s_k$ is its share of the minibatch, about 1/10.")
            if of_pixels:
                question(
                    "Why do the upper and the lower pictures look alike but not the same?",
                    "With equal shares of 1/10 the step is η/10 times (class average − overall average). One minibatch "
                    "has few images of each digit and unequal shares, so its averages are rough. All 60,000 images "
                    "give the smooth pictures.",
                )


def _form(seen: Seen) -> Form:
    return form_of(seen["copy"].settings.features)


def _minibatch(seen: Seen, image: int) -> None:
    images, shown, label = seen["pictures"], len(seen["images"]), int(seen["labels"][image])
    st.markdown(f"**The minibatch: {count(seen['size'])} training images**{_first(seen)}")
    with st.container(horizontal=True):
        with st.container(width="content", key="step_sheet"):
            sheet = pictures.data_url(_framed(images, image))
            st.image(sheet, width=420, alt=f"{shown} handwritten digits, number {image + 1} framed")
        with st.container(width="content", key="step_one"):
            one = pictures.data_url(pictures.ink(images[image], 7))
            name = f"Image {image + 1} of {shown}: a handwritten {label}"
            st.image(one, caption=name, width=196, alt=name)
            row = st.container(horizontal=True, key="step_arrows")
            row.button("◀", key="step_former", help="The previous image", on_click=_follow, args=(image - 1, shown))
            row.button("▶", key="step_later", help="The next image", on_click=_follow, args=(image + 1, shown))


def _follow(image: int, shown: int) -> None:
    st.session_state["step_image"] = image % shown


def _framed(images: Any, image: int) -> Any:
    """Return the images as one picture, with a frame around one of them."""
    grey = pictures.mosaic(pictures.ink(images, 1), COLUMNS)
    sheet = np.pad(grey, 4, constant_values=255)[..., None].repeat(3, axis=-1)
    top, left = image // COLUMNS * TILE, image % COLUMNS * TILE
    frame = np.ones((TILE + 4, TILE + 4), bool)
    frame[3:-3, 3:-3] = False
    sheet[top : top + TILE + 4, left : left + TILE + 4][frame] = (217, 115, 13)
    return pictures.zoomed(sheet.transpose(2, 0, 1), 2).transpose(1, 2, 0)


def _tell_minibatch(seen: Seen, image: int) -> None:
    label = int(seen["labels"][image])
    step(
        "minibatch",
        "The minibatch",
        f"One step, an *iteration*, looks at a **minibatch**: *m* = {count(seen['size'])} training images, drawn at "
        f"random. Their {words.pixels('pixels x')} are {count(seen['size'])} rows of 784 numbers. Follow one of them, "
        f"image *i* = {image + 1}, a handwritten **{label}**. Its target *t* is 1 for class {label} and 0 for the "
        "other nine classes.",
    )


def _scores(seen: Seen, image: int) -> None:
    label = int(seen["labels"][image])
    title = f"Image {image + 1}, a handwritten {label}, and the copy of your run"
    picture, inputs = seen["pictures"][image], seen["images"][image]
    still_machine("step_machine", seen["copy"], picture, inputs, label, title, {"forward": "zpL"})


def _tell_forward(seen: Seen, image: int) -> None:
    label, m = int(seen["labels"][image]), seen["size"]
    scores, right = seen["scores"][image].astype(np.float64), float(seen["probabilities"][image, label])
    with np.errstate(invalid="ignore"):
        cost = float(np.logaddexp.reduce(scores) - scores[label])
    step(
        "forward",
        "Where the model stands",
        f"The copy gives this image ten {words.scores('scores z')}; softmax turns them into "
        f"{words.chances('probabilities p')}. The right class, {label}, gets {fixed(right, 3)} and costs "
        f"−log {fixed(right, 3)} = **{fixed(cost, 3)}**. The {words.cost('loss L')} is the mean cost of all "
        f"{count(m)} images: **{fixed(seen['loss_torch'], 3)}**. Guessing would cost log 10 = 2.303.",
    )
    with formulas("In formulas, and checked with PyTorch"):
        st.latex(r"z = x \, W^{\mathsf T} + b")
        st.latex(r"p_k = \frac{e^{\,z_k}}{e^{\,z_0} + e^{\,z_1} + \dots + e^{\,z_9}}")
        st.latex(r"L = -\frac{1}{m} \sum_{i=1}^{m} \log p_{i,\,\mathrm{label}(i)}")
        st.markdown(
            f"*k* is a class, label(*i*) is the digit that image *i* shows. Shapes: [{m}, 784] · [784, 10] + "
            f"[10] → [{m}, 10]. PyTorch keeps the weights as [10, 784] and transposes them (the ᵀ)."
        )
        by_equation, by_torch = seen["probabilities"][image], seen["probabilities_torch"][image]
        _table(["class", "p by the equation", "p by PyTorch"], [by_equation, by_torch], 6)
        st.markdown(f"The largest difference in the whole minibatch is **{short(seen['softmax_difference'], 2)}**.")
        st.markdown(
            f"Loss by the equation **{fixed(seen['loss'], 6)}**, by PyTorch **{fixed(seen['loss_torch'], 6)}**, "
            f"difference **{short(abs(seen['loss'] - seen['loss_torch']), 2)}**. PyTorch's function takes the "
            "**logits** (the scores) and applies softmax itself: giving it probabilities would apply softmax twice."
        )
    code(seen["code"]["forward"])


def _tell_difference(seen: Seen, image: int) -> None:
    label, m = int(seen["labels"][image]), seen["size"]
    p = float(seen["probabilities"][image, label])
    step(
        "ratio",
        "Which way is down?",
        "Raise one score *z* by a little, and the loss *L* changes a little, too. The change of *L* per change of *z* "
        r"is written $\partial L/\partial z$. If it is negative, a larger score lowers the loss. The same can be "
        "asked of each weight and each bias: all 7,850 answers together are the **gradient**.",
    )
    step(
        "difference",
        "Probability minus target",
        r"For softmax with cross-entropy it is simple: $\partial L/\partial z = (p - t)/m$, here called *d*. For image "
        f"{image + 1} and its right class, {label}: ({fixed(p, 3)} − 1)/{count(m)} = **{short((p - 1) / m, 3)}**. That "
        "is negative: this score should grow. All others should shrink: the larger their probability, the more.",
    )


def _weighed_images(seen: Seen) -> int:
    """Show the images that count most for a class and against it, times −d, and the sum of all; return the class."""
    chosen = st.pills("Class", DIGITS, default=str(int(seen["labels"][0])), required=True, key="step_class",
                      persist_state="session", wrap=True)  # fmt: skip
    digit = int(chosen)
    images, labels = seen["images"], seen["labels"]
    weight = ((labels == digit) - seen["probabilities"][:, digit]) / seen["size"]
    order = np.argsort(-weight, kind="stable")
    first = min(5, int((weight > 0).sum()))
    places = order if len(order) < 10 else np.concatenate([order[:first], order[first - 9 :]])
    weighed = np.nan_to_num(weight[places, None] * images[places])
    total = -np.nan_to_num(seen["weight_gradient"][digit])
    tiles = np.stack([*weighed / (np.abs(weighed).max() or 1), total / (np.abs(total).max() or 1)])
    captions = [f"a {labels[place]} × {signed(weight[place], 3)}" for place in places]
    with st.container():
        st.markdown(f"**Images, each times its −d for class {digit}**")
        captions.append(f"all {count(seen['size'])} added")
        signed_pictures(tiles.reshape(-1, *_form(seen).shape), captions, f"For class {digit}:", 1.0)
        st.caption("First those that count most for the class, then those most against it; the sum has its own scale.")
    return digit


def _tell_update(walk: Walk, finite: bool) -> None:
    seen, copy, taken, rate = walk.seen, walk.copy, walk.taken, walk.rate
    step(
        "update",
        "The update",
        "Every number moves against its gradient:\n\n"
        r"$$\theta \leftarrow \theta - \eta \, \frac{\partial L}{\partial \theta}$$"
        "\n\n$\\theta$ stands for any of the 7,850 weights and biases, and the arrow means *becomes*. "
        f"*η*, the {words.rate('learning rate')}, sets the size of the step.",
    )
    if finite:
        step("size", "How large a step?", f"{answered('step')} {_valley(walk)}")
    tried = state.ask(f"{QUESTIONS}try_rate", copy=copy, rate=rate)
    before, after = fixed(seen["loss_torch"], 3), fixed(taken.loss if taken else tried["loss"], 3)
    change = f"its loss on these images goes from **{before}** to **{after}**."
    if taken is None:
        text = f"*Take the step*, in the line above, moves the copy with η = {short(rate)}: {change}"
    else:
        text = f"The copy has taken the step with η = {short(rate)}: {change} *Next minibatch* goes on."
    step("take", "Take it", f"{text}\n\n{_for_real(walk)}")
    with formulas("The ten biases, digit by digit"):
        heads = ["class", "bias b", "gradient g", f"b − {short(rate)} · g"]
        columns = [copy.bias, seen["bias_gradient"], tried["bias"]]
        if taken:
            heads, columns = [*heads, "b of the copy now"], [*columns, taken.copy.bias]
        _table(heads, columns, 6)
        if not copy.bias.any():
            st.markdown(f"All biases were 0, so after this step each is **exactly −{short(rate)} · g**.")
    code(seen["code"]["update"])


def _valley(walk: Walk) -> str:
    """Return where the curve is lowest and where it is above its start again."""
    rates, losses = walk.rates, walk.losses
    best = int(np.argmin(losses))
    words_ = f"Drag the point: the loss is lowest near η = {short(rates[best], 3)}"
    above = next((rate for rate, loss in zip(rates[best:], losses[best:], strict=True) if loss > losses[0]), None)
    return f"{words_}; from η = {short(above, 3)} on it is higher than before." if above and best else f"{words_}."


def _for_real(walk: Walk) -> str:
    """Return what the run has done or would do, or why it cannot."""
    taken, copy = walk.taken, walk.copy
    differs = "" if copy.plain else (
        " Your run's own step differs: it also uses momentum, weight decay or another optimiser."
    )  # fmt: skip
    if taken and taken.difference is not None:
        return (
            "Your run has taken it, too. The largest difference between its 7,850 numbers and the copy's is "
            f"**{short(taken.difference, 2)}**.{differs}"
        )
    reason = why_not(walk)
    if reason:
        return f"*Take it for real* is not available. {reason}{differs}"
    snapshot = state.run().snapshot()
    rate = snapshot.lane.learning_rate if snapshot else copy.learning_rate
    also = "" if math.isclose(rate, walk.rate) else (
        f" This also sets your run's learning rate to {short(walk.rate)}; it is {short(rate)} now."
    )  # fmt: skip
    return f"*Take it for real* makes your run take this very step.{also}{differs}"


def _target(seen: Seen, image: int) -> Any:
    return np.eye(10, dtype=np.float32)[int(seen["labels"][image])]


def _first(seen: Seen) -> str:
    return "" if seen["size"] <= len(seen["images"]) else f" (the first {len(seen['images'])} are shown)"


def _table(heads: list[str], columns: list[Any], decimals: int) -> None:
    """Show a row for each class, with its numbers to so many decimals."""
    rows = zip(DIGITS, *columns, strict=True)
    table(heads, [[digit, *(fixed(value, decimals) for value in values)] for digit, *values in rows])
