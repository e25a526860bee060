"""The sections of the page "One step by hand": each shows one part of what `lrdemo.lesson.step.look` returns."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lrdemo import pictures
from lrdemo.formats import count, fixed, short
from lrdemo.lesson import data_facts
from lrdemo.ui.figures import ink_pictures, signed_pictures, table
from lrdemo.ui.lesson.page import code, question

Seen = dict[str, Any]
DIGITS = [str(digit) for digit in range(10)]


def minibatch(seen: Seen) -> tuple[int, int]:
    """Show the images; return which of them and which class the visitor wants to follow."""
    st.header("1. The minibatch x", anchor=False)
    images, shown = seen["images"], len(seen["images"])
    st.markdown(
        f"The run's next step uses these **{count(seen['size'])}** training images{_first(seen)}. Flattened they are "
        f"*x*, of shape [{seen['size']}, 784]. Follow one image and one class through the step:"
    )
    sheet = pictures.mosaic(pictures.ink(images.reshape(-1, 28, 28), 1), 20)
    st.image(pictures.data_url(sheet), width=640, alt=f"{shown} handwritten digits")
    row = st.container(horizontal=True, vertical_alignment="bottom")
    image = row.number_input("Image of the minibatch (0 to 99)", 0, 99, 0, key="step_image", width=260,
                             persist_state="session")  # fmt: skip
    label = int(seen["labels"][min(image, shown - 1)])
    # A field of its own for each label: one that begins with another value keeps its old one on the server.
    digit = row.number_input("Class (digit)", 0, 9, label, key=f"step_class_{label}", width=160,
                             persist_state="session")  # fmt: skip
    st.markdown(f"Image {min(image, shown - 1)} is a handwritten **{label}**; we follow class **{digit}**.")
    return min(image, shown - 1), digit


def logits(seen: Seen, image: int, digit: int) -> None:
    """Show one dot product with its numbers filled in, then the ten logits of the image."""
    st.header("2. Forward: ten scores, called logits", anchor=False)
    st.markdown(
        "Each class has 784 **weights**, one per pixel, and one **bias**. Multiply each pixel by its weight, add up "
        "the 784 products (the sum is called the **dot product**) and add the bias: this is the class's score, its "
        "**logit** *z*."
    )
    st.latex(r"z_k = \sum_{j=1}^{784} x_j \, W_{kj} + b_k")
    x, w = seen["images"][image], seen["weight"][digit]
    products = x * w
    three = np.stack([part / (np.abs(part).max() or 1) for part in (x, w, products)]).reshape(3, 28, 28)
    signed_pictures(three, ["pixels x", f"weights of class {digit}", "products"], f"Image {image},", 1.0, 150)
    st.caption("Each picture has its own scale. Red is above zero, blue below, white is zero.")
    largest = np.argsort(-np.abs(products), kind="stable")[:3]
    terms = " ".join(rf"&+ {fixed(x[j])} \cdot ({fixed(w[j], 4)}) \\" for j in largest)
    total, bias = float(products.sum()), float(seen["bias"][digit])
    st.markdown(f"With numbers, for image {image} and class {digit} (the three largest products written out):")
    st.latex(
        rf"\begin{{aligned}} \textstyle\sum_j x_j W_{{{digit}j}} = {terms}"
        rf" &+ \dots \\ = &\; {fixed(total, 4)} \end{{aligned}}"
    )
    st.latex(rf"z_{{{digit}}} = {fixed(total, 4)} + ({fixed(bias, 4)}) = {fixed(seen['logits'][image, digit], 4)}")
    size = seen["size"]
    st.markdown(
        f"For all images and classes at once: shapes [{size}, 784] · [784, 10] + [10] → **[{size}, 10]**. PyTorch "
        "keeps the weights as [10, 784] and transposes them (the ᵀ in the code). 7,840 weights + 10 biases = 7,850 "
        "**parameters**."
    )
    code(seen["code"]["logits"])


def softmax(seen: Seen, image: int) -> None:
    """Show the ten probabilities of the image by the equation and by PyTorch."""
    st.header("3. Softmax: ten probabilities", anchor=False)
    st.latex(r"p_k = \frac{e^{\,z_k}}{\sum_{j} e^{\,z_j}}")
    _table(
        ["class", "logit z", "p by the equation", "p by PyTorch"],
        [DIGITS, seen["logits"][image], seen["probabilities"][image], seen["probabilities_torch"][image]],
    )
    st.markdown(f"Largest difference in the whole minibatch: **{short(seen['softmax_difference'], 2)}**.")
    code(seen["code"]["softmax"])


def loss(seen: Seen, image: int) -> None:
    """Show the cost of the image and the mean cost of the minibatch, by the equation and by PyTorch."""
    st.header("4. Cross-entropy: one number for the minibatch", anchor=False)
    label = int(seen["labels"][image])
    right = float(seen["probabilities"][image, label])
    st.latex(r"L = -\frac{1}{m} \sum_{i=1}^{m} \log p_{i,\,\mathrm{label}(i)}")
    st.markdown(
        f"Image {image} is a {label} and got probability {fixed(right, 4)} for it: it costs −log {fixed(right, 4)} = "
        f"**{fixed(-np.log(right), 4)}**. The loss is the mean over all {seen['size']} images."
    )
    row = st.container(horizontal=True)
    row.metric("Loss by the equation", fixed(seen["loss"], 6), width=200)
    row.metric("Loss by PyTorch", fixed(seen["loss_torch"], 6), width=200)
    row.metric("Difference", short(abs(seen["loss"] - seen["loss_torch"]), 2), width=200)
    st.markdown(
        "An untrained model starts close to log 10 = **2.303**. PyTorch's function takes the **logits** and applies "
        "softmax itself: giving it probabilities would apply softmax twice."
    )
    code(seen["code"]["cross_entropy"])


def gradient(seen: Seen, image: int) -> None:
    """Show the ten gradient pictures, by hand against autograd, and how gradients add up until they are zeroed."""
    st.header("5. Backward: the gradient", anchor=False)
    label, m = int(seen["labels"][image]), seen["size"]
    p = float(seen["probabilities"][image, label])
    st.markdown(
        "The **gradient** says for each parameter how the loss would change if the parameter grew a little. For "
        "softmax with cross-entropy it is simple. First, for each image and class: probability minus target, divided "
        "by the number of images *m*. The target *t* is 1 for the right class, else 0 (*one-hot*). So *d* is negative "
        "for the right class: a larger logit there would lower the loss."
    )
    st.latex(r"\frac{\partial L}{\partial z} = \frac{p - t}{m} = d")
    st.markdown(
        f"(∂L/∂z reads: change of *L* per change of *z*.) Image {image}, right class {label}: "
        f"({fixed(p, 4)} − 1) / {count(m)} = **{fixed((p - 1) / m, 6)}**. Then for each class: weigh every image by "
        "its *d* and add them up. The sum is a picture again."
    )
    st.latex(
        r"\frac{\partial L}{\partial W} = d^{\mathsf T} x, \qquad"
        r"\frac{\partial L}{\partial b} = \sum_{\mathrm{images}} d"
    )
    st.markdown(
        "We show **minus** the gradient, what this minibatch wants to **add to** (red) or **take from** (blue) each "
        "class's weights:"
    )
    signed_pictures(-seen["weight_gradient"].reshape(10, 28, 28), [f"class {k}" for k in DIGITS], "Minus the gradient,")
    st.markdown(
        f"PyTorch finds the same gradient by itself (*autograd*). Largest difference among all 7,850 numbers: "
        f"**{short(seen['gradient_difference'], 2)}**."
    )
    code(seen["code"]["by_hand"], "The code that ran, by hand")
    code(seen["code"]["autograd"], "The code that ran, by autograd")
    _accumulation(seen)


def _accumulation(seen: Seen) -> None:
    st.markdown("**Gradients add up until they are zeroed.** Each `backward()` adds to what is there already. Try it:")
    calls = st.session_state.setdefault("step_backward", 1)
    row = st.container(horizontal=True)
    if row.button("backward() again", icon=":material/undo:"):
        calls = st.session_state["step_backward"] = min(calls + 1, 3)
    if row.button("zero_grad()", icon=":material/exposure_zero:"):
        calls = st.session_state["step_backward"] = 0
    words = ("zeroed", "backward() once", "backward() twice: doubled", "backward() three times: tripled")
    _table(
        ["class", "gradient of b", f"b.grad now ({words[calls]})"],
        [DIGITS, seen["bias_gradient"], seen["accumulated_bias_gradients"][calls]],
        6,
    )
    code(seen["code"]["backward_again"])


def update(seen: Seen, taken: Seen | None) -> None:
    """Show θ ← θ − η g on the bias, and the loss before and after."""
    st.header("6. Update: a small step against the gradient", anchor=False)
    rate = seen["learning_rate"]
    st.markdown(
        f"Every parameter θ moves against its gradient, scaled by the **learning rate** η, here "
        f"**{short(rate)}**. The arrow reads *becomes*."
    )
    st.latex(r"\theta \leftarrow \theta - \eta \, \frac{\partial L}{\partial \theta}")
    columns = [DIGITS, seen["bias"], seen["bias_gradient"], seen["new_bias"]]
    heads = ["class", "bias b", "gradient g", f"b − {short(rate)} · g"]
    if taken is not None:
        heads, columns = [*heads, "b of the run now"], [*columns, taken["bias"]]
    _table(heads, columns, 6)
    if not seen["bias"].any():
        st.markdown(f"All biases start at 0, so after this step each is **exactly −{short(rate)} · g**.")
    if not seen["plain"]:
        st.info("This run's own step differs: it also uses momentum, weight decay or another optimiser.")
    st.markdown(
        f"Loss on this minibatch: **{fixed(seen['loss'], 6)}** before, **{fixed(seen['loss_after'], 6)}** after this "
        "step" + ("." if taken is None else f"; the run, which has taken it, has **{fixed(taken['loss'], 6)}**.")
    )
    code(seen["code"]["update"])


def from_zero(seen: Seen, facts: data_facts.Facts) -> None:
    """Show that the first step from zero weights is class average minus overall average."""
    st.header("7. What the first step learns", anchor=False)
    st.markdown(
        "Suppose all weights are zero. Then all logits are 0 and every class gets probability 1/10, so *d* is −0.9/m "
        "for the right class and 0.1/m for the others. Adding up the images gives, for class *k* with share $s_k$ of "
        "the minibatch (about 1/10):"
    )
    st.latex(
        r"W_k = \eta \left( s_k \cdot \mathrm{average}_k"
        r" - \tfrac{1}{10} \, \mathrm{average}_{\mathrm{all}} \right)"
    )
    away = facts.averages - facts.overall_average
    with st.container():
        st.markdown("The first step from zero on this minibatch:")
        signed_pictures(seen["first_step"].reshape(10, 28, 28), [f"class {k}" for k in DIGITS], "First step from zero,")
        st.markdown("**Class average minus overall average**, over all 60,000 training images:")
        signed_pictures(away, [f"class {k}" for k in DIGITS], "Average minus overall average,")
        st.markdown("The average digits:")
        ink_pictures(facts.averages, [f"average {k}" for k in DIGITS])
    question(
        "Why do the two rows look alike but not the same?",
        "With equal shares of 1/10 the step is η/10 times (class average − overall average). One minibatch has few "
        "images of each digit and unequal shares, so its averages are rough. All 60,000 images give the smooth row.",
    )


def loss_metrics(seen: Seen, taken: Seen | None) -> None:
    """Show the iteration and the loss on this minibatch before and after the step, as three numbers."""
    row = st.container(horizontal=True)
    row.metric("Iteration of the run", count((seen if taken is None else taken)["iteration"]), width=180)
    row.metric("Loss on this minibatch, before", fixed(seen["loss"], 4), width=240)
    row.metric("Loss on this minibatch, after", fixed(None if taken is None else taken["loss"], 4), width=240)


def _first(seen: Seen) -> str:
    return "" if seen["size"] <= len(seen["images"]) else f" (the first {len(seen['images'])} are shown)"


def _table(heads: list[str], columns: list[Any], decimals: int = 4) -> None:
    """Show columns of ten values, numbers with so many decimals."""
    rows = zip(*columns, strict=True)
    table(heads, [[value if isinstance(value, str) else fixed(value, decimals) for value in row] for row in rows])
