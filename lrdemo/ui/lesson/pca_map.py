"""A map of 60,000 points that pans and zooms in the browser and shows the image behind the point that is pointed at.

The points travel once, 5 bytes each, and each image when it is asked for, by a second component: changed data of the
map itself would send all points again.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from lrdemo.lesson.pca import Projection
from lrdemo.ui.figures import SIGNED_WORDS, signed_pictures
from lrdemo.ui.lesson.page import question

COLOURS = (
    "#4477aa", "#ee6677", "#228833", "#b8a000", "#55b7e0",
    "#aa3377", "#d97706", "#7a5cc0", "#8c6d46", "#808890",
)  # fmt: skip

_HTML = """
<div class="frame">
  <canvas tabindex="0" role="application"
    aria-label="Map of all training images. Arrow keys move, plus and minus zoom, 0 shows all, Enter picks the point
    nearest to the middle."></canvas>
  <div class="tip" hidden></div>
  <div class="picked" aria-live="polite" hidden>
    <canvas width="28" height="28" aria-hidden="true"></canvas><span></span>
  </div>
  <div class="buttons">
    <button type="button" data-act="in" aria-label="Zoom in">+</button>
    <button type="button" data-act="out" aria-label="Zoom out">−</button>
    <button type="button" data-act="all" aria-label="Show all">All</button>
  </div>
</div>
<div class="legend" role="group" aria-label="Show one digit"></div>
"""

_CSS = """
.frame { position: relative; height: 460px; border: 1px solid var(--st-border-color); border-radius: 8px;
  overflow: hidden; background: var(--st-background-color); }
canvas[role] { width: 100%; height: 100%; display: block; touch-action: pan-y; cursor: crosshair; }
canvas.grabbed { cursor: grabbing; }
canvas:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: -3px; }
.tip { position: absolute; pointer-events: none; padding: 2px 8px; border-radius: 6px; font: 13px var(--st-font);
  background: var(--st-text-color); color: var(--st-background-color); white-space: nowrap; }
.picked { position: absolute; top: 8px; left: 8px; padding: 4px; border-radius: 8px; font: 12px var(--st-font);
  border: 1px solid var(--st-border-color); background: var(--st-background-color); color: var(--st-text-color);
  pointer-events: none; }
.picked canvas { width: 98px; height: 98px; image-rendering: pixelated; display: block; margin-bottom: 3px; }
.buttons { position: absolute; top: 8px; right: 8px; display: flex; gap: 4px; }
button { font: 600 14px var(--st-font); min-width: 36px; height: 36px; border-radius: 8px; cursor: pointer;
  border: 1px solid var(--st-border-color); background: var(--st-background-color); color: var(--st-text-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); }
.legend { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 8px; }
.legend button { display: flex; align-items: center; gap: 6px; padding: 0 10px; }
.legend button[aria-pressed="true"] { outline: 2px solid var(--st-text-color); }
.legend i { width: 11px; height: 11px; border-radius: 50%; }
"""

_JS = """
const COLOURS = __COLOURS__;
const STEPS = 32767;

function unpack(bytes) {
  const copy = bytes.slice().buffer;
  const head = new DataView(copy);
  const number = head.getUint32(0, true);
  return { number, half: head.getFloat32(4, true), points: new Int16Array(copy, 8, 2 * number),
    labels: new Uint8Array(copy, 8 + 4 * number, number) };
}

const mounted = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const canvas = parentElement.querySelector("canvas[role]");
  const old = mounted.get(canvas);
  if (old) { old.pick = setTriggerValue; old.begin(); return old.stop; }

  const { number, half, points, labels } = unpack(data);
  const tip = parentElement.querySelector(".tip");
  const legend = parentElement.querySelector(".legend");
  const paint = canvas.getContext("2d");
  // The view: the middle in map steps, and how many canvas pixels one map step takes.
  const view = { x: 0, y: 0, scale: 1 };
  const me = { pick: setTriggerValue, begin, stop };
  let only = -1, chosen = -1, pointed = -1, frame = 0, pixels = null, words = null;

  const [low, high] = extent();
  const middles = COLOURS.map((_, digit) => middle(digit));
  const rgba = COLOURS.map((c) => 0xff000000 | (parseInt(c.slice(5, 7), 16) << 16)
    | (parseInt(c.slice(3, 5), 16) << 8) | parseInt(c.slice(1, 3), 16));

  function extent() {
    const low = [STEPS, STEPS], high = [-STEPS, -STEPS];
    for (let i = 0; i < 2 * number; i++) {
      low[i & 1] = Math.min(low[i & 1], points[i]);
      high[i & 1] = Math.max(high[i & 1], points[i]);
    }
    return [low, high];
  }
  function middle(digit) {
    const xs = [], ys = [];
    for (let i = 0; i < number; i++) if (labels[i] === digit) { xs.push(points[2 * i]); ys.push(points[2 * i + 1]); }
    const median = (values) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
    return [median(xs), median(ys)];
  }
  function smallest() {
    return 0.94 * Math.min(canvas.width / (high[0] - low[0]), canvas.height / (high[1] - low[1]));
  }
  function showAll() {
    view.x = (low[0] + high[0]) / 2; view.y = (low[1] + high[1]) / 2; view.scale = smallest(); draw();
  }
  function resize() {
    const ratio = window.devicePixelRatio || 1, box = canvas.getBoundingClientRect();
    const width = Math.round(box.width * ratio), height = Math.round(box.height * ratio);
    if (!width || !height || (width === canvas.width && height === canvas.height)) return;
    const before = canvas.dataset.ready ? view.scale / smallest() : 0;
    canvas.width = width; canvas.height = height; canvas.dataset.ready = "1";
    pixels = paint.createImageData(width, height); words = new Uint32Array(pixels.data.buffer);
    if (before) { view.scale = before * smallest(); draw(); } else showAll();
  }
  function draw() { if (!frame) frame = requestAnimationFrame(render); }

  function dots(digit, size, left, top) {
    const { width, height } = canvas, s = view.scale;
    for (let i = 0; i < number; i++) {
      const label = labels[i];
      if (digit >= 0 && label !== digit) continue;
      const x = (points[2 * i] * s + left) | 0, y = (top - points[2 * i + 1] * s) | 0;
      if (x < 0 || y < 0 || x >= width - size || y >= height - size) continue;
      const colour = rgba[label];
      for (let row = 0, at = y * width + x; row < size; row++, at += width)
        for (let column = 0; column < size; column++) words[at + column] = colour;
    }
  }
  function render() {
    frame = 0;
    if (!words) return;
    const ratio = window.devicePixelRatio || 1, zoom = view.scale / smallest();
    const size = Math.max(1, Math.round(ratio * Math.min(6, 1.3 + 0.9 * Math.log2(zoom + 1))));
    words.fill(0);
    dots(only, size, canvas.width / 2 - view.x * view.scale, canvas.height / 2 + view.y * view.scale);
    paint.putImageData(pixels, 0, 0);
    const style = getComputedStyle(canvas);
    const ink = style.getPropertyValue("--st-text-color") || "#222";
    const paper = style.getPropertyValue("--st-background-color") || "#fff";
    paint.font = `700 ${22 * ratio}px sans-serif`; paint.textAlign = "center"; paint.textBaseline = "middle";
    paint.lineWidth = 5 * ratio; paint.strokeStyle = paper; paint.fillStyle = ink;
    if (zoom < 6) middles.forEach((at, digit) => {
      if (only >= 0 && only !== digit) return;
      const [x, y] = place(at[0], at[1]);
      paint.strokeText(digit, x, y); paint.fillText(digit, x, y);
    });
    for (const index of [pointed, chosen]) if (index >= 0) {
      const [x, y] = place(points[2 * index], points[2 * index + 1]);
      paint.beginPath(); paint.arc(x, y, 9 * ratio, 0, 7);
      paint.lineWidth = (index === chosen ? 3 : 1.5) * ratio; paint.strokeStyle = ink; paint.stroke();
    }
  }
  function place(x, y) {
    return [canvas.width / 2 + (x - view.x) * view.scale, canvas.height / 2 - (y - view.y) * view.scale];
  }
  function under(event) {
    const box = canvas.getBoundingClientRect(), ratio = canvas.width / box.width;
    return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
  }
  function nearest([px, py], reach) {
    const x = view.x + (px - canvas.width / 2) / view.scale, y = view.y - (py - canvas.height / 2) / view.scale;
    let best = -1, closest = (reach / view.scale) ** 2;
    for (let i = 0; i < number; i++) {
      if (only >= 0 && labels[i] !== only) continue;
      const dx = points[2 * i] - x, dy = points[2 * i + 1] - y, d = dx * dx + dy * dy;
      if (d < closest) { closest = d; best = i; }
    }
    return best;
  }
  function zoomBy(factor, [px, py] = [canvas.width / 2, canvas.height / 2]) {
    const before = view.scale;
    view.scale = Math.max(smallest() * 0.8, Math.min(before * factor, smallest() * 400));
    view.x += (px - canvas.width / 2) * (1 / before - 1 / view.scale);
    view.y -= (py - canvas.height / 2) * (1 / before - 1 / view.scale);
    draw();
  }
  function choose(index) {
    if (index < 0) return;
    chosen = index; draw(); me.pick("picked", index);
  }

  const fingers = new Map();
  let moved = 0, spread = 0, waiting = 0;
  const on = (target, name, act, options) => target.addEventListener(name, act, options);
  on(canvas, "pointerdown", (event) => {
    fingers.set(event.pointerId, under(event)); moved = 0; spread = 0;
    if (event.pointerType !== "touch") canvas.setPointerCapture(event.pointerId);
  });
  on(canvas, "pointermove", (event) => {
    const now = under(event), before = fingers.get(event.pointerId);
    if (!before) { hover(now); return; }
    fingers.set(event.pointerId, now);
    moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (fingers.size === 2) {
      const [a, b] = [...fingers.values()], wide = Math.hypot(a[0] - b[0], a[1] - b[1]);
      if (spread) zoomBy(wide / spread, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
      spread = wide;
    }
    if (moved > 6) canvas.classList.add("grabbed");
    const part = 1 / fingers.size;
    view.x -= part * (now[0] - before[0]) / view.scale; view.y += part * (now[1] - before[1]) / view.scale;
    tip.hidden = true; draw();
  });
  const letGo = (event) => {
    const held = fingers.delete(event.pointerId); spread = 0; canvas.classList.remove("grabbed");
    if (held && event.type === "pointerup" && moved < 6 && !fingers.size) choose(nearest(under(event), reach()));
  };
  on(canvas, "pointerup", letGo); on(canvas, "pointercancel", letGo);
  on(canvas, "pointerleave", () => {
    tip.hidden = true; clearTimeout(waiting); pointed = -1; draw();
  });
  on(canvas, "wheel", (event) => {
    // A page that is scrolled past the map must not stick to it: the wheel zooms once the map has been clicked.
    if (!event.ctrlKey && canvas.getRootNode().activeElement !== canvas) return;
    event.preventDefault(); zoomBy(Math.exp(-0.0015 * event.deltaY), under(event));
  }, { passive: false });
  on(canvas, "keydown", (event) => {
    const far = 60 * (window.devicePixelRatio || 1) / view.scale;
    const act = { ArrowLeft: () => { view.x -= far; }, ArrowRight: () => { view.x += far; },
      ArrowUp: () => { view.y += far; }, ArrowDown: () => { view.y -= far; },
      "+": () => zoomBy(1.5), "=": () => zoomBy(1.5), "-": () => zoomBy(1 / 1.5), 0: showAll,
      Enter: () => choose(nearest([canvas.width / 2, canvas.height / 2], 1e9)),
    }[event.key];
    if (act && !event.ctrlKey && !event.metaKey) { event.preventDefault(); event.stopPropagation(); act(); draw(); }
  });
  parentElement.querySelector(".buttons").addEventListener("click", (event) => {
    ({ in: () => zoomBy(1.6), out: () => zoomBy(1 / 1.6), all: showAll })[event.target.dataset.act]?.();
  });
  function reach() { return 14 * (window.devicePixelRatio || 1); }
  function hover(at) {
    const index = nearest(at, reach());
    if (index !== pointed) { pointed = index; draw(); }
    clearTimeout(waiting);
    tip.hidden = index < 0;
    if (index < 0) return;
    const ratio = canvas.width / canvas.clientWidth;
    tip.textContent = `digit ${labels[index]}, image ${index}`;
    tip.style.left = `${Math.min(at[0] / ratio + 14, canvas.clientWidth - 150)}px`;
    tip.style.top = `${Math.max(at[1] / ratio - 30, 4)}px`;
    // Resting on a point for a moment shows its picture; rushing across many does not.
    waiting = setTimeout(() => choose(index), 180);
  }
  COLOURS.forEach((colour, digit) => {
    const button = document.createElement("button");
    button.type = "button"; button.innerHTML = `<i style="background:${colour}"></i>${digit}`;
    button.setAttribute("aria-pressed", "false"); button.setAttribute("aria-label", `Show only digit ${digit}`);
    button.onclick = () => {
      only = only === digit ? -1 : digit;
      [...legend.children].forEach((other, i) => other.setAttribute("aria-pressed", String(i === only)));
      draw();
    };
    legend.appendChild(button);
  });
  const panel = parentElement.querySelector(".picked");
  const show = ({ detail }) => {
    const image = panel.querySelector("canvas").getContext("2d"), picture = image.createImageData(28, 28);
    new Uint32Array(picture.data.buffer).forEach((_, i, out) => {
      out[i] = 0xff000000 | ((255 - detail[i + 4]) * 0x010101);
    });
    image.putImageData(picture, 0, 0);
    const index = new DataView(detail.slice(0, 4).buffer).getUint32(0, true);
    panel.querySelector("span").textContent = `image ${index}: a ${labels[index]}`;
    panel.hidden = false; chosen = index; draw();
  };
  const watcher = new ResizeObserver(resize);
  mounted.set(canvas, me);
  begin();
  if (window.lrdemoPicture) show({ detail: window.lrdemoPicture });
  // Beginning twice is harmless: the browser keeps one listener of a kind.
  function begin() {
    window.addEventListener("lrdemo-picture", show); watcher.observe(canvas); resize(); draw();
  }
  function stop() {
    cancelAnimationFrame(frame); frame = 0; clearTimeout(waiting);
    window.removeEventListener("lrdemo-picture", show); watcher.disconnect();
  }
  return stop;
}
"""

_PICTURE_JS = """
export default function ({ data }) {
  window.lrdemoPicture = data.slice();
  window.dispatchEvent(new CustomEvent("lrdemo-picture", { detail: window.lrdemoPicture }));
}
"""

_map = st.components.v2.component(
    "lrdemo_pca_map", html=_HTML, css=_CSS, js=_JS.replace("__COLOURS__", str(list(COLOURS)))
)
_picture = st.components.v2.component("lrdemo_pca_picture", js=_PICTURE_JS)


@st.fragment
def section(found: Projection, points: bytes, images: npt.NDArray[np.uint8]) -> None:
    """Show the map with its explanation; `points` are packed by `lrdemo.lesson.pca.quantised`."""
    st.header("5. A map of all 60,000 images", anchor=False)
    st.markdown(
        "An image is a point with 784 coordinates. To draw it on a flat screen, **principal component analysis** (PCA) "
        "finds the direction in which the images differ most, then the one at a right angle to it in which they differ "
        "most of what is left. How far an image lies along these two directions is its place on the map."
    )
    result: Any = _map(data=points, key="pca_map", on_picked_change=lambda: None, height=560)
    if getattr(result, "picked", None) is not None:
        st.session_state["map_picked"] = int(result.picked)
    index = st.session_state.get("map_picked", 0)
    _picture(data=struct.pack("<I", index) + images[index].tobytes(), key="pca_picture")
    st.caption(
        "Point at a dot or tap it: its image appears. Drag to move. To zoom, click and turn the wheel, or use two "
        "fingers. Keys: arrows, + and −, 0 for all, Enter for the dot in the middle. The numbered buttons show one "
        "digit only."
    )
    st.markdown("**The two directions, as pictures**")
    signed_pictures(found.directions.reshape(2, 28, 28), ["across →", "up ↑"], "Direction", width=140)
    st.caption(f"{SIGNED_WORDS} Ink on red moves an image right (or up), ink on blue left (or down).")
    question(
        "Why do the digits overlap on the map?",
        f"784 numbers were squeezed into two, which keep {found.shares.sum():.0%} of the differences between images "
        "(of their *variance*). What tells a 3 from an 8 is mostly in the other directions.",
    )
