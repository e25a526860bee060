"""Teach it my handwriting: label drawings, mix them into the training, see what changes, undo it, keep them."""

from __future__ import annotations

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
from lrdemo.features import Features
from lrdemo.pictures import limit_of
from lrdemo.serving.handle import ANSWER_SECONDS
from lrdemo.shapes import layers
from lrdemo.ui import state
from lrdemo.ui.controls import guarded
from lrdemo.ui.figures import SIGNED_WORDS, table
from lrdemo.ui.run_notes import LOADING
from lrdemo.ui.section import section

MOST_COPIES = 100
STEPS = (1, 20, 100, 300)
PRIVACY = "Your drawings stay in this session and are gone when it ends. Download them to keep them."


@dataclass(frozen=True, eq=False)
class Look:
    """Hold how the model does at one moment: parameters, test accuracy, own drawings classified correctly, in words."""

    parameters: Float32s
    accuracy: float
    taught: str
    held_back: str


@section
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
        _list(drawings)
        _actions(drawings)
    if state.run().taught:
        st.button(f"Undo the last teaching ({state.run().taught} so far)", icon=":material/undo:", key="undo_teaching",
                  on_click=guarded, args=(_undo,), help="Restores the model exactly.")  # fmt: skip
    _outcome()
    _file(drawings)


def _drawings() -> list[OwnDrawing]:
    found: list[OwnDrawing] = st.session_state.setdefault("own_drawings", [])
    return found


def _label() -> None:
    visitor = state.visitor()
    ready = visitor.picture.drawn and visitor.shown is not None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.segmented_control("My drawing is a", list(range(10)), key="own_label", persist_state="session")
        missing = not ready or label is None
        st.button("Add for teaching", icon=":material/school:", key="own_add", on_click=guarded, args=(_add, False),
                  disabled=missing)  # fmt: skip
        st.button("Keep for testing", icon=":material/quiz:", key="own_hold", on_click=guarded, args=(_add, True),
                  disabled=missing)  # fmt: skip
    if not ready:
        st.caption("Draw a digit on the canvas first.")


def _add(held_back: bool) -> None:
    drawings, picture = _drawings(), state.visitor().picture
    if len(drawings) >= MOST_DRAWINGS:
        raise DrawingsError(f"There is room for {MOST_DRAWINGS} drawings. Delete some first.")
    ink = ink_from_rgba(picture.pixels)
    drawings.append(own_drawing(st.session_state["own_label"], picture.strokes, ink, held_back))


def _list(drawings: list[OwnDrawing]) -> None:
    read = _read(drawings, _parameters())
    st.markdown(f"**My drawings** ({len(drawings)})")
    with st.container(horizontal=True, gap="small", height=210 if len(drawings) <= 12 else 380, border=True):
        for place, (drawing, answer) in enumerate(zip(drawings, read, strict=True)):
            role = "for testing" if drawing.held_back else "for teaching"
            mark = "✓" if answer == drawing.label else "✗"
            with st.container(width=92, gap=None):
                picture = pictures.ink(drawing.prepared(_features()), 3)
                st.image(pictures.data_url(picture), width=84, alt=f"Drawing {place + 1}, labelled {drawing.label}")
                st.caption(f"**{drawing.label}**, {role}; read as {answer} {mark}")
                st.button("Delete", key=f"own_delete_{place}", on_click=_delete, args=(place,), type="tertiary")


def _delete(place: int) -> None:
    del _drawings()[place]


def _actions(drawings: list[OwnDrawing]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.slider("Drawings mixed into each minibatch", 1, MOST_COPIES, 20, key="own_copies", width=300,
                  persist_state="session", help="Beside the minibatch's own MNIST images.")  # fmt: skip
        st.segmented_control("Extra steps", STEPS, default=100, required=True, key="own_steps", persist_state="session")
        st.button("Teach", icon=":material/school:", type="primary", key="own_teach", on_click=guarded, args=(_teach,),
                  disabled=all(drawing.held_back for drawing in drawings))  # fmt: skip


def _teach() -> None:
    run, chosen = state.run(), [drawing for drawing in _drawings() if not drawing.held_back]
    variations = [drawing.variations(_features()) for drawing in chosen]
    labels = np.repeat([drawing.label for drawing in chosen], [len(part) for part in variations])
    before = _look()
    run.teach(np.concatenate(variations), labels, st.session_state["own_steps"], st.session_state["own_copies"])
    title = f"Before and after {st.session_state['own_steps']} extra steps"
    st.session_state["own_outcome"] = (run.taught, title, chosen[-1].label, before, _look())


def _undo() -> None:
    before, run = _look(), state.run()
    snapshot = run.snapshot()
    run.undo_teaching()
    # A run that has gone on since the teaching is trained again without it.
    run.wait(ANSWER_SECONDS, lambda now: snapshot is None or now.iteration >= snapshot.iteration)
    digit = st.session_state["own_outcome"][2]
    st.session_state["own_outcome"] = (run.taught, "Before and after undoing", digit, before, _look())


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
    # A run that was started again has forgotten what it was taught; so does this.
    found = st.session_state.get("own_outcome")
    if found is None or found[0] != state.run().taught or len(found[3].parameters) != len(_parameters()):
        return
    _, title, digit, before, after = found
    st.markdown(f"**{title}**")
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
    old, new = (layers(look.parameters)[0][0][digit].reshape(28, 28) for look in (before, after))
    limit, most = limit_of(old), float(np.abs(new - old).max()) or 1.0
    with st.container(horizontal=True, gap="small"):
        for values, top, caption in (
            (old, limit, f"Template of {digit} before, ±{formats.short(limit)}"),
            (new, limit, f"Template of {digit} after, ±{formats.short(limit)}"),
            (new - old, most, f"What changed, ±{formats.short(most, 2)}"),
        ):
            signed = pictures.data_url(pictures.signed(values, top, 6))
            st.image(signed, caption=caption, width=168, alt=f"{caption}. {SIGNED_WORDS}")
    st.caption("Your ink shows in what changed: red where the template now wants more of it, blue where less.")


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


def _parameters() -> Float32s:
    snapshot = state.run().snapshot()
    if snapshot is None:
        raise LrdemoError(LOADING)
    return snapshot.lane.parameters


def _read(drawings: list[OwnDrawing], parameters: Float32s) -> list[int]:
    if not drawings:
        return []
    images = np.stack([drawing.prepared(_features()).reshape(-1) for drawing in drawings])
    return [int(answer) for answer in logits(parameters, images).argmax(axis=1)]
