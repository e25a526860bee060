"""Teach it my handwriting: label drawings, mix them into the training, see what changes, undo it, keep them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import numpy as np
import streamlit as st

from lrdemo import formats, pictures
from lrdemo.answers.predict import logits
from lrdemo.arrays import Float32s
from lrdemo.digit import ink_from_rgba
from lrdemo.drawings.own import MOST_DRAWINGS, OwnDrawing, from_json, own_drawing, to_json
from lrdemo.errors import DrawingsError, LrdemoError
from lrdemo.features import Features, inputs
from lrdemo.pictures import limit_of
from lrdemo.serving.board import Snapshot
from lrdemo.serving.handle import ANSWER_SECONDS
from lrdemo.shapes import EDGES, form_of, layers
from lrdemo.stroke_pictures import signed_inputs
from lrdemo.ui import state
from lrdemo.ui.controls import guarded
from lrdemo.ui.draw.canvas import receive
from lrdemo.ui.figures import SIGNED_WORDS, table
from lrdemo.ui.run_notes import LOADING, moment
from lrdemo.ui.section import following
from lrdemo.ui.server.picture import Picture

MOST_COPIES = 100
STEPS = (100, 300)
TAPPED_STEPS, TAPPED_COPIES = 100, 20
"""What a tap on the right digit teaches: so many steps, with so many drawings in each minibatch."""
PRIVACY = "Your drawings stay in this session and are gone when it ends. Download them to keep them."


@dataclass(frozen=True, eq=False)
class Look:
    """Hold how the model does at one moment: parameters, test accuracy, own drawings classified correctly, in words."""

    parameters: Float32s
    accuracy: float
    taught: str
    held_back: str


@dataclass(frozen=True, eq=False)
class Outcome:
    """Hold what came of teaching or undoing: in one line, and as the looks before and after, for one digit."""

    revision: int
    taught: int
    said: str
    title: str
    digit: int
    before: Look
    after: Look

    @property
    def current(self) -> bool:
        """Return whether it still tells of this run: one that was started again has forgotten what it was taught."""
        snapshot = state.run().snapshot()
        return snapshot is not None and (self.revision, self.taught) == (snapshot.revision, state.run().taught)


@following
def correction() -> None:
    """Draw ten digits: a tap on the right one teaches it the drawing."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="correction"):
        st.markdown("Wrong? Tap the right digit:", width="content")
        for digit in range(10):
            st.button(str(digit), key=f"tap_{digit}", on_click=guarded, args=(_tap, digit))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="correction_outcome"):
        found: Outcome | None = st.session_state.get("own_outcome")
        if found is not None and found.current:
            st.markdown(found.said, width="content")
            if state.run().taught:
                st.button("Undo", icon=":material/undo:", key="tap_undo", on_click=guarded, args=(_undo,))


def _tap(digit: int) -> None:
    receive()
    drawings, picture = _drawings(), _drawing()
    former = st.session_state.get("own_tapped")
    if former is not None and former[0] is picture and former[1] in drawings:
        drawings.remove(former[1])  # The visitor has thought better of it.
    _add(digit, False)
    st.session_state["own_tapped"] = (picture, drawings[-1])
    _teach(TAPPED_STEPS, TAPPED_COPIES)


def _named(digit: int) -> str:
    return "an 8" if digit == 8 else f"a {digit}"


@following
def teach() -> None:
    """Draw the whole section."""
    st.markdown(
        "Does it misread your handwriting? **Draw, label, teach.** Your drawings, each with a few small variations, "
        "are mixed into extra training steps. Keep some for testing, to see whether it learns more than those drawings."
    )
    if state.run().snapshot() is None:
        st.info(LOADING)
        return
    _label()
    drawings = _drawings()
    if drawings:
        read = _read(drawings, _parameters())
        _list(drawings, read)
        _actions(drawings, read)
    if state.run().taught:
        st.button(f"Undo the last teaching ({state.run().taught} so far)", icon=":material/undo:", key="undo_teaching",
                  on_click=guarded, args=(_undo,), help="Restores the model exactly.")  # fmt: skip
    _outcome()
    _file(drawings)


def _drawings() -> list[OwnDrawing]:
    return state.visitor().drawings


def _label() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.segmented_control("My drawing is a", list(range(10)), key="own_label", required=True,
                                     persist_state="session")  # fmt: skip
        st.button("Add for teaching", icon=":material/school:", key="own_add", on_click=_add_labelled, args=(False,),
                  disabled=label is None)  # fmt: skip
        st.button("Keep for testing", icon=":material/quiz:", key="own_hold", on_click=_add_labelled, args=(True,),
                  disabled=label is None)  # fmt: skip


def _add_labelled(held_back: bool) -> None:
    receive()
    guarded(_add, st.session_state["own_label"], held_back)


def _drawing() -> Picture:
    visitor = state.visitor()
    if not visitor.picture.drawn or visitor.shown is None:
        raise DrawingsError("Draw a digit on the pad first.")
    return visitor.picture


def _add(label: int, held_back: bool) -> None:
    drawings, picture = _drawings(), _drawing()
    if len(drawings) >= MOST_DRAWINGS:
        raise DrawingsError(f"There is room for {MOST_DRAWINGS} drawings. Delete some first.")
    ink = ink_from_rgba(picture.pixels)
    drawings.append(own_drawing(label, picture.strokes, ink, held_back))


def _list(drawings: list[OwnDrawing], read: list[int]) -> None:
    st.markdown(f"**My drawings** ({len(drawings)}), those that the model misreads first")
    with st.container(horizontal=True, gap="small", height=210 if len(drawings) <= 12 else 380, border=True):
        for place in sorted(range(len(drawings)), key=lambda place: read[place] == drawings[place].label):
            drawing, answer = drawings[place], read[place]
            role = "for testing" if drawing.held_back else "for teaching"
            mark = "✓" if answer == drawing.label else "✗"
            with st.container(width=92, gap=None):
                picture = pictures.ink(drawing.prepared(_features()), 3)
                st.image(pictures.data_url(picture), width=84, alt=f"Drawing {place + 1}, labelled {drawing.label}")
                st.caption(f"**{drawing.label}**, {role}; read as {answer} {mark}")
                st.button("Delete", key=f"own_delete_{place}", on_click=_delete, args=(place,), type="tertiary")


def _delete(place: int) -> None:
    del _drawings()[place]


def _actions(drawings: list[OwnDrawing], read: list[int]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.slider("Drawings mixed into each minibatch", 1, MOST_COPIES, 20, key="own_copies", width=300,
                  persist_state="session", help="Beside the minibatch's own MNIST images.")  # fmt: skip
        st.segmented_control("Extra steps", STEPS, default=100, required=True, key="own_steps", persist_state="session")
        teachable = [drawing for drawing in drawings if not drawing.held_back]
        number = sum(not one.held_back and one.label != answer for one, answer in zip(drawings, read, strict=True))
        first = 0 < number < len(teachable)
        if first:
            st.button(f"Teach the {number} it misreads", icon=":material/school:", type="primary",
                      key="own_teach_misread", on_click=_teach_chosen, args=(True,))  # fmt: skip
        st.button(f"Teach all {len(teachable)}" if first else "Teach", icon=":material/school:", key="own_teach",
                  type="secondary" if first else "primary", on_click=_teach_chosen, disabled=not teachable)  # fmt: skip
    if teachable and not number:
        st.caption("It reads all of these already. What it misreads teaches it most.")


def _teach_chosen(misread: bool = False) -> None:
    guarded(_teach, st.session_state["own_steps"], st.session_state["own_copies"], misread)


def _teach(steps: int, copies: int, misread: bool = False) -> None:
    """Teach the drawings that are not held back, or only those of them that the model misreads."""
    run, chosen = state.run(), [drawing for drawing in _drawings() if not drawing.held_back]
    if misread:
        answers = _read(chosen, _parameters())
        chosen = [one for one, answer in zip(chosen, answers, strict=True) if one.label != answer] or chosen
    variations = [drawing.variations(_features()) for drawing in chosen]
    labels = np.repeat([drawing.label for drawing in chosen], [len(part) for part in variations])
    with _held() as at:
        before = _look()
        run.teach(np.concatenate(variations), labels, steps, copies)
        after, label = _look(), chosen[-1].label
    (read,) = _read(chosen[-1:], after.parameters)
    reads = f"it {'now' if read == label else 'still'} reads the drawing as **{_named(read)}**. "
    alone = "" if at.iteration else "It was never trained, so it knows little else. "
    test = (
        f"Test images: {formats.percent(before.accuracy, 2)} before, {formats.percent(after.accuracy, 2)} after; "
        f"{_cost(round(100 * (before.accuracy - after.accuracy), 2))}."
    )
    said = f"Taught at {moment(at.iteration, 0)}: {reads}{alone}{test}"
    title = f"Before and after {steps} extra steps at {moment(at.iteration, 0)}"
    st.session_state["own_outcome"] = Outcome(at.revision, run.taught, said, title, label, before, after)


def _cost(points: float) -> str:
    """Say what a teaching has cost on the test images, in percentage points."""
    if not points:
        return "this cost nothing"
    return f"this {'cost' if points > 0 else 'gained'} {formats.fixed(abs(points), 2)} percentage points"


def _undo() -> None:
    run, digit = state.run(), st.session_state["own_outcome"].digit
    with _held() as at:
        before = _look()
        run.undo_teaching()
        # A run that has gone on since the teaching is trained again without it.
        now = run.wait(ANSWER_SECONDS, lambda now: now.iteration >= at.iteration)
        after = _look()
    where = moment(at.iteration, run.taught)
    said = f"Undone at {where}: the model is as it was before."
    title = f"Before and after undoing at {where}"
    st.session_state["own_outcome"] = Outcome(now.revision, run.taught, said, title, digit, before, after)


@contextmanager
def _held() -> Iterator[Snapshot]:
    """Have the run stand still for a while, so that what is measured before and after is of one iteration."""
    run = state.run()
    # What is taught is the run as it is now, also where the visitor looks back.
    run.look_at(None)
    run.wait(ANSWER_SECONDS, lambda now: now.wanted is None)
    running = _snapshot().state == "running"
    if running:
        run.pause()
    try:
        yield _snapshot()
    finally:
        if running:
            run.resume()


def _look() -> Look:
    parameters = _parameters()
    drawings = _drawings()
    right = [answer == drawing.label for drawing, answer in zip(drawings, _read(drawings, parameters), strict=True)]

    def part(held_back: bool) -> str:
        own = [fine for fine, drawing in zip(right, drawings, strict=True) if drawing.held_back == held_back]
        return f"{sum(own)} of {len(own)}" if own else "none yet"

    tested = state.ask("lrdemo.answers.robustness:test_answers")["right"]
    return Look(parameters, float(tested.mean()), part(False), part(True))


def _outcome() -> None:
    found: Outcome | None = st.session_state.get("own_outcome")
    if found is None or not found.current:
        return
    digit, before, after = found.digit, found.before, found.after
    st.markdown(f"**{found.title}**")
    table(
        ["", "before", "after"],
        [
            ["MNIST test accuracy", formats.percent(before.accuracy, 2), formats.percent(after.accuracy, 2)],
            ["my drawings for teaching, classified correctly", before.taught, after.taught],
            ["my drawings for testing, classified correctly", before.held_back, after.held_back],
        ],
        left=1,
    )
    if state.run().settings.model != "softmax":
        return
    form = form_of(state.run().settings.features)
    old, new = (layers(look.parameters)[0][0][digit].reshape(form.shape) for look in (before, after))
    limit, most = limit_of(old), float(np.abs(new - old).max()) or 1.0
    with st.container(horizontal=True, gap="small"):
        for values, top, caption in (
            (old, limit, f"Template of {digit} before, ±{formats.short(limit)}"),
            (new, limit, f"Template of {digit} after, ±{formats.short(limit)}"),
            (new - old, most, f"What changed, ±{formats.short(most, 2)}"),
        ):
            signed = pictures.data_url(signed_inputs(values, top, 6))
            st.image(signed, caption=caption, width=168, alt=f"{caption}. {SIGNED_WORDS}")
    shows = "The edges of your strokes show" if form is EDGES else "Your ink shows"
    more = "them" if form is EDGES else "it"
    st.caption(f"{shows} in what changed: red where the template now wants more of {more}, blue where less.")


def _file(drawings: list[OwnDrawing]) -> None:
    with st.expander("Keep my drawings, or bring them back", icon=":material/folder:"):
        st.caption(PRIVACY)
        st.download_button("Download my drawings", lambda: to_json(drawings), "my_drawings.json", "application/json",
                           icon=":material/download:", key="own_download", disabled=not drawings)  # fmt: skip
        number = st.session_state.setdefault("own_upload_number", 0)
        st.file_uploader("Bring back a drawings file (.json)", "json", key=f"own_upload_{number}", max_upload_size=2,
                         on_change=guarded, args=(_bring_back, f"own_upload_{number}"))  # fmt: skip


def _bring_back(key: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    # Another key empties the uploader, whether the file was good or not.
    st.session_state["own_upload_number"] += 1
    found, drawings = from_json(file.getvalue()), _drawings()
    if len(drawings) + len(found) > MOST_DRAWINGS:
        raise DrawingsError(f"There is room for {MOST_DRAWINGS} drawings. Delete some of yours first.")
    drawings.extend(found)


def _features() -> Features:
    return cast(Features, state.run().settings.features)


def _snapshot() -> Snapshot:
    snapshot = state.run().snapshot()
    if snapshot is None:
        raise LrdemoError(LOADING)
    return snapshot


def _parameters() -> Float32s:
    return _snapshot().lane.parameters


def _read(drawings: list[OwnDrawing], parameters: Float32s) -> list[int]:
    if not drawings:
        return []
    images = inputs(np.stack([drawing.prepared(_features()) for drawing in drawings]), _features())
    return [int(answer) for answer in logits(parameters, images).argmax(axis=1)]
