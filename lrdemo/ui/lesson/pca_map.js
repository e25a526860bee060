// A map of points that pans and zooms, and shows the image behind the point that is pointed at.

class PointMap {
  constructor(parent, canvas, data) {
    this.canvas = canvas; this.data = data;
    this.tip = parent.querySelector(".tip"); this.panel = parent.querySelector(".picked");
    this.marks = { only: -1, chosen: -1, pointed: -1 };
    this.view = new View(canvas, extent(data));
    this.painting = new Painting(canvas, data, this.view, this.marks);
    this.watcher = new ResizeObserver(() => this.resize());
    this.waiting = 0;
    followPointers(this); followWheelAndKeys(this);
    actOnButtons(this, parent.querySelector(".buttons")); fillLegend(this, parent.querySelector(".legend"));
    if (window.lrdemoPicture) this.show({ detail: window.lrdemoPicture });
  }
  // Beginning twice is harmless: the browser keeps one listener of a kind.
  begin(pick) {
    this.pick = pick;
    window.addEventListener("lrdemo-picture", this.show); this.watcher.observe(this.canvas);
    this.resize(); this.draw();
  }
  stop = () => {
    this.painting.stop(); clearTimeout(this.waiting);
    window.removeEventListener("lrdemo-picture", this.show); this.watcher.disconnect();
  };
  show = ({ detail }) => {
    paint(this.panel.querySelector("canvas"), detail.subarray(4), inkPixel);
    const index = new DataView(detail.slice(0, 4).buffer).getUint32(0, true);
    this.panel.querySelector("span").textContent = named(this.data, index);
    this.panel.hidden = false; this.marks.chosen = index; this.draw();
  };
  draw() { this.painting.draw(); }
  showAll() { this.view.showAll(); this.draw(); }
  zoomBy(factor, at) { this.view.zoomBy(factor, at); this.draw(); }
  resize() {
    const { canvas, view, painting } = this;
    const ratio = window.devicePixelRatio || 1, box = canvas.getBoundingClientRect();
    const width = Math.round(box.width * ratio), height = Math.round(box.height * ratio);
    if (!width || !height || (width === canvas.width && height === canvas.height)) return;
    const before = painting.words ? view.zoom() : 0;
    painting.resize(width, height);
    if (before) { view.scale = before * view.smallest(); this.draw(); } else this.showAll();
  }
  // Canvas pixels from the pointer at which a point still counts as pointed at.
  reach() { return 14 * (window.devicePixelRatio || 1); }
  nearest(at, reach) {
    return nearest(this.data, this.view.under(at), reach / this.view.scale, this.marks.only);
  }
  choose(index) {
    if (index < 0) return;
    this.marks.chosen = index; this.draw(); this.pick("picked", index);
  }
  hover(at) {
    const { canvas, tip, marks } = this, index = this.nearest(at, this.reach());
    if (index !== marks.pointed) { marks.pointed = index; this.draw(); }
    clearTimeout(this.waiting);
    tip.hidden = index < 0;
    if (index < 0) return;
    const ratio = canvas.width / canvas.clientWidth;
    tip.textContent = named(this.data, index);
    tip.style.left = `${Math.min(at[0] / ratio + 14, canvas.clientWidth - tip.offsetWidth - 4)}px`;
    tip.style.top = `${Math.max(at[1] / ratio - 30, 4)}px`;
    // Resting on a point for a moment shows its picture; rushing across many does not.
    this.waiting = setTimeout(() => this.choose(index), 180);
  }
  leave() { this.tip.hidden = true; clearTimeout(this.waiting); this.marks.pointed = -1; this.draw(); }
}

// Returns the canvas pixel of a pointer's event.
function pixel(canvas, event) {
  const box = canvas.getBoundingClientRect(), ratio = canvas.width / box.width;
  return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
}

function followPointers(map) {
  const { canvas, view } = map, fingers = new Map();
  let moved = 0, spread = 0;
  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, pixel(canvas, event)); moved = 0; spread = 0;
    if (event.pointerType !== "touch") canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = pixel(canvas, event), before = fingers.get(event.pointerId);
    if (!before) { map.hover(now); return; }
    fingers.set(event.pointerId, now);
    moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (fingers.size === 2) {
      const [a, b] = [...fingers.values()], wide = Math.hypot(a[0] - b[0], a[1] - b[1]);
      if (spread) map.zoomBy(wide / spread, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
      spread = wide;
    }
    if (moved > 6) canvas.classList.add("grabbed");
    view.move((now[0] - before[0]) / fingers.size, (now[1] - before[1]) / fingers.size);
    map.tip.hidden = true; map.draw();
  });
  const letGo = (event) => {
    const held = fingers.delete(event.pointerId); spread = 0; canvas.classList.remove("grabbed");
    if (held && event.type === "pointerup" && moved < 6 && !fingers.size)
      map.choose(map.nearest(pixel(canvas, event), map.reach()));
  };
  canvas.addEventListener("pointerup", letGo); canvas.addEventListener("pointercancel", letGo);
  canvas.addEventListener("pointerleave", () => map.leave());
}

function followWheelAndKeys(map) {
  const { canvas, view } = map;
  canvas.addEventListener("wheel", (event) => {
    // A page that is scrolled past the map must not stick to it: the wheel zooms once the map has been clicked.
    if (!event.ctrlKey && canvas.getRootNode().activeElement !== canvas) return;
    event.preventDefault(); map.zoomBy(Math.exp(-0.0015 * event.deltaY), pixel(canvas, event));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const far = 60 * (window.devicePixelRatio || 1) / view.scale;
    const act = { ArrowLeft: () => { view.x -= far; }, ArrowRight: () => { view.x += far; },
      ArrowUp: () => { view.y += far; }, ArrowDown: () => { view.y -= far; },
      "+": () => map.zoomBy(1.5), "=": () => map.zoomBy(1.5), "-": () => map.zoomBy(1 / 1.5), 0: () => map.showAll(),
      Enter: () => map.choose(map.nearest([canvas.width / 2, canvas.height / 2], 1e9)),
    }[event.key];
    if (act && !event.ctrlKey && !event.metaKey) {
      event.preventDefault(); event.stopPropagation(); act(); map.draw();
    }
  });
}

function actOnButtons(map, buttons) {
  const acts = { in: () => map.zoomBy(1.6), out: () => map.zoomBy(1 / 1.6), all: () => map.showAll() };
  buttons.addEventListener("click", (event) => acts[event.target.dataset.act]?.());
}

function fillLegend(map, legend) {
  const { marks } = map;
  COLOURS.forEach((colour, digit) => {
    const button = document.createElement("button");
    button.type = "button"; button.innerHTML = `<i style="background:${colour}"></i>${digit}`;
    button.setAttribute("aria-pressed", "false"); button.setAttribute("aria-label", `Pick out digit ${digit}`);
    button.onclick = () => {
      marks.only = marks.only === digit ? -1 : digit;
      [...legend.children].forEach((other, i) => other.setAttribute("aria-pressed", String(i === marks.only)));
      map.draw();
    };
    legend.appendChild(button);
  });
}

const mounted = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const canvas = parentElement.querySelector("canvas[role]");
  if (!mounted.has(canvas)) mounted.set(canvas, new PointMap(parentElement, canvas, unpack(data)));
  const map = mounted.get(canvas);
  map.begin(setTriggerValue);
  return closing(parentElement, map.stop);
}
