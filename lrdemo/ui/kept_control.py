"""What the visitor does with kept runs: keep, choose, rename, go on with, start once more, delete."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lrdemo.errors import LrdemoError
from lrdemo.settings import DEFAULTS, TABLE, check
from lrdemo.ui import state
from lrdemo.ui.controls import guarded
from lrdemo.ui.kept_charts import Line
from lrdemo.ui.server.kept_runs import MOST_KEPT, MOST_NAME, WATCHED, KeptRun
from lrdemo.ui.settings_panel import NAMES

NOW = "now"
CHOSEN, NAME, SETTING, VALUE = "kept_chosen", "kept_name", "kept_setting", "kept_value"


def lines() -> list[Line]:
    """Return the kept runs, numbered as on the page, and the present run, unless it is one of them."""
    visitor = state.visitor()
    found = [Line(str(place), one.name, one.run) for place, one in enumerate(visitor.kept, 1)]
    now = visitor.present
    if now is not None and not visitor.kept.same_as(now):
        found.append(Line(NOW, "your run", now))
    return found


def keep_button() -> None:
    """Draw the button that keeps the present run, and say how many there are."""
    kept = state.visitor().kept
    with st.container(horizontal=True, vertical_alignment="center", key="keep_run"):
        st.button("Keep this run", icon=":material/bookmark_add:", key="keep", on_click=guarded, args=(_keep,),
                  disabled=len(kept) >= MOST_KEPT)  # fmt: skip
        st.markdown(f"{len(kept)} of {MOST_KEPT} runs kept.", width="content")


def _keep() -> None:
    st.session_state[CHOSEN] = state.visitor().keep().number


def one_run() -> None:
    """Draw what can be done with one of the kept runs."""
    kept = state.visitor().kept
    if not len(kept):
        return
    numbers = [one.number for one in kept]
    labels = {one.number: f"{place}: {one.name}" for place, one in enumerate(kept, 1)}
    if st.session_state.get(CHOSEN) not in numbers:
        st.session_state[CHOSEN] = numbers[-1]
    st.header("One of the kept runs", anchor=False)
    left, right = st.columns(2, gap="medium")
    with left:
        st.selectbox("Run", numbers, key=CHOSEN, format_func=lambda number: labels.get(number, ""))
        chosen = kept.get(st.session_state[CHOSEN])
        if chosen is None:
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.button("Make it your run", icon=":material/play_arrow:", key="kept_look", on_click=guarded,
                      args=(state.visitor().go_on_with, chosen.run),
                      help="Every page then shows this run as it was kept, and it can go on. "
                      "Your present run is kept as well.")  # fmt: skip
            st.button("Delete", icon=":material/delete:", key="kept_delete", on_click=kept.delete,
                      args=(chosen.number,))  # fmt: skip
        st.text_input("Name", chosen.name, max_chars=MOST_NAME, key=f"{NAME}_{chosen.number}_{chosen.name}",
                      on_change=guarded, args=(_rename, chosen))  # fmt: skip
    with right:
        _once_more(chosen)


def _rename(chosen: KeptRun) -> None:
    state.visitor().kept.rename(chosen.number, st.session_state[f"{NAME}_{chosen.number}_{chosen.name}"])


def _once_more(chosen: KeptRun) -> None:
    names = [name for name in TABLE if name not in WATCHED]
    name = st.selectbox("Once more, with another …", names, key=SETTING, format_func=lambda one: TABLE[one].label)
    setting, key = TABLE[name], f"{VALUE}_{name}_{chosen.number}"
    value = getattr(chosen.run.settings, name)
    if setting.choices:
        options = list(setting.choices)
        st.selectbox(setting.label, options, options.index(value), key=key, help=setting.help,
                     format_func=lambda one: NAMES.get(one, one))  # fmt: skip
    elif isinstance(DEFAULTS[name], bool):
        st.checkbox(setting.label, value, key=key, help=setting.help)
    else:
        st.text_input(setting.label, str(value), key=key, help=f"{setting.help} Allowed: {setting.limits}.")
    st.button("Start it once more", icon=":material/replay:", key="kept_once_more", on_click=guarded,
              args=(_start_once_more, chosen, name, key))  # fmt: skip


def _start_once_more(chosen: KeptRun, name: str, key: str) -> None:
    wanted: Any = check(name, TABLE[name], st.session_state[key])
    if wanted == getattr(chosen.run.settings, name):
        raise LrdemoError(f"{TABLE[name].label}: this is what the run has. Choose another value.")
    state.visitor().once_more(chosen.run, **{name: wanted})
