// A map of points that pans and zooms, and shows the image behind the point that is pointed at.

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
  const pen = canvas.getContext("2d");
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
    pixels = pen.createImageData(width, height); words = new Uint32Array(pixels.data.buffer);
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
    pen.putImageData(pixels, 0, 0);
    const style = getComputedStyle(canvas);
    const ink = style.getPropertyValue("--st-text-color") || "#222";
    const paper = style.getPropertyValue("--st-background-color") || "#fff";
    pen.font = `700 ${22 * ratio}px sans-serif`; pen.textAlign = "center"; pen.textBaseline = "middle";
    pen.lineWidth = 5 * ratio; pen.strokeStyle = paper; pen.fillStyle = ink;
    if (zoom < 6) middles.forEach((at, digit) => {
      if (only >= 0 && only !== digit) return;
      const [x, y] = place(at[0], at[1]);
      pen.strokeText(digit, x, y); pen.fillText(digit, x, y);
    });
    for (const index of [pointed, chosen]) if (index >= 0) {
      const [x, y] = place(points[2 * index], points[2 * index + 1]);
      pen.beginPath(); pen.arc(x, y, 9 * ratio, 0, 7);
      pen.lineWidth = (index === chosen ? 3 : 1.5) * ratio; pen.strokeStyle = ink; pen.stroke();
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
  function named(index) { return `digit ${labels[index]}, image ${index}`; }
  function reach() { return 14 * (window.devicePixelRatio || 1); }
  function hover(at) {
    const index = nearest(at, reach());
    if (index !== pointed) { pointed = index; draw(); }
    clearTimeout(waiting);
    tip.hidden = index < 0;
    if (index < 0) return;
    const ratio = canvas.width / canvas.clientWidth;
    tip.textContent = named(index);
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
    paint(panel.querySelector("canvas"), detail.subarray(4), inkPixel);
    const index = new DataView(detail.slice(0, 4).buffer).getUint32(0, true);
    panel.querySelector("span").textContent = named(index);
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
