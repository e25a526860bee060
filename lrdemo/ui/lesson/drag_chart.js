// A chart with one handle that is moved by hand. What there is to see in each of its places has been worked out before:
// here the place nearest to the pointer is chosen, and drawn.

const SVG = "http://www.w3.org/2000/svg";
// Of the type in rem; on a projector it is 24 px high.
const TYPE = 0.85;
const PAUSE_MS = 400;
const SYMBOL_REM = { circle: 0.36, triangle: 0.48, diamond: 0.48, ring: 0.75 };
const DASHES = { solid: null, dashed: "0.5em 0.3em", dotted: "0.12em 0.3em" };

function shape(tag, attributes = {}, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) element.setAttribute(name, value);
  if (text != null) element.textContent = text;
  return element;
}

const ink = (colour) => (colour === "text" ? "var(--st-text-color)" : `var(--st-${colour}-text-color)`);

// What is at a place: of some coordinates there is one list for each place, of others one for all.
const at = (values, place) => (Array.isArray(values[0]) ? values[place] : values);

const within = (value, low, high) => Math.max(low, Math.min(high, value));

function symbol(kind, x, y, colour) {
  const size = rem(SYMBOL_REM[kind]);
  const corners = (...places) => places.map(([across, down]) => `${x + across * size},${y + down * size}`).join(" ");
  const filled = { fill: ink(colour), stroke: "var(--st-background-color)", "stroke-width": 1, class: kind };
  if (kind === "triangle") return shape("polygon", { points: corners([0, -1], [0.95, 0.75], [-0.95, 0.75]), ...filled });
  if (kind === "diamond") return shape("polygon", { points: corners([0, -1], [1, 0], [0, 1], [-1, 0]), ...filled });
  const circle = { cx: x, cy: y, r: size };
  if (kind === "circle") return shape("circle", { ...circle, ...filled });
  return shape("circle", { ...circle, fill: "none", stroke: ink(colour), "stroke-width": rem(0.16), class: kind });
}

class DragChart {
  constructor(parent) {
    const find = (selector) => parent.querySelector(selector);
    Object.assign(this, {
      title: find("figcaption"), legend: find(".legend"), up: find(".up"), plot: find(".plot"), svg: find("svg"),
      grip: find(".handle"), across: find(".across"), words: find(".words"), status: find("[role=status]"),
    });
    this.moving = shape("g");
    this.grabbed = null;
    this.waiting = 0;
    this.watcher = new ResizeObserver(() => this.draw());
    this.followPointer();
    this.grip.addEventListener("keydown", (event) => this.press(event));
  }

  begin(data, report) {
    this.report = report;
    if (this.data?.start !== data.start || this.place >= data.handle.x.length) {
      this.place = data.place;
      this.reported = data.place;
      this.moved = data.place !== data.start;
    }
    this.data = data;
    this.write();
    this.draw();
    this.watcher.observe(this.plot);
  }

  stop = () => {
    this.watcher.disconnect();
    clearTimeout(this.waiting);
  };

  // What is the same in all places, but for the drawing.
  write() {
    const { data, grip, words, status } = this;
    const { handle } = data;
    this.title.textContent = data.title;
    this.up.textContent = data.y.name;
    this.across.textContent = data.x.name;
    this.plot.style.setProperty("--height", data.height);
    this.svg.setAttribute("aria-label", data.alt);
    this.last = handle.x.length - 1;
    const reach = (values) => Math.max(...values) - Math.min(...values);
    const upright = reach(handle.x) / (data.x.high - data.x.low) < 0.1 * (reach(handle.y) / (data.y.high - data.y.low));
    grip.setAttribute("aria-label", handle.name);
    grip.setAttribute("aria-orientation", upright ? "vertical" : "horizontal");
    grip.setAttribute("aria-valuemin", 0);
    grip.setAttribute("aria-valuemax", this.last);
    // Unseen, the words of all places lie behind those that are seen: there is room for the longest.
    const rooms = [...new Set(handle.words)].map((text) => make("p", "room", text));
    for (const room of rooms) room.setAttribute("aria-hidden", "true");
    words.replaceChildren(...rooms, status);
  }

  key({ name, colour, dash, symbol: kind }) {
    const item = make("span", "key");
    const [wide, high] = [rem(kind ? 1.4 : 2), rem(1.1)];
    const sign = shape("svg", { width: wide, height: high, viewBox: `0 0 ${wide} ${high}`, "aria-hidden": "true" });
    sign.append(kind ? symbol(kind, wide / 2, high / 2, colour)
      : shape("path", { d: `M0 ${high / 2}H${wide}`, ...this.stroke(colour, dash) }));
    item.append(sign, name);
    return item;
  }

  stroke(colour, dash) {
    return { fill: "none", stroke: ink(colour), "stroke-width": rem(0.18), "stroke-dasharray": DASHES[dash] };
  }

  draw() {
    const { data, svg, plot } = this;
    const [width, height] = [plot.clientWidth, plot.clientHeight];
    if (!width || !height) return;
    this.legend.replaceChildren(...[...data.curves, ...data.dots].filter(({ name }) => name).map((one) => this.key(one)));
    const [type, half] = [rem(TYPE), rem(TYPE) / 2];
    const longest = Math.max(...data.y.ticks.map(([, label]) => label.length));
    const [left, right, top, bottom] = [0.62 * type * longest + half, 1.2 * type, half + 2, 1.5 * type];
    this.box = { left, top, wide: width - left - right, high: height - top - bottom };
    const { wide, high } = this.box;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const axes = shape("g", { class: "axes" });
    for (const [value, label] of data.y.ticks) {
      const y = this.y(value);
      axes.append(shape("path", { d: `M${left} ${y}h${wide}` }));
      axes.append(shape("text", { x: left - half, y, "text-anchor": "end", "dominant-baseline": "central" }, label));
    }
    for (const [value, label] of data.x.ticks) {
      const x = this.x(value);
      axes.append(shape("path", { d: `M${x} ${top + high}v${half / 2}` }));
      axes.append(shape("text", { x, y: height - 0.2 * type, "text-anchor": "middle" }, label));
    }
    axes.append(shape("path", { class: "frame", d: `M${left} ${top}v${high}h${wide}` }));
    const marks = shape("g", { class: "marks" });
    for (const { low, high: upper, name } of data.bands) {
      const [y, below] = [this.y(upper), this.y(low)];
      marks.append(shape("rect", { x: left, y, width: wide, height: below - y }));
      marks.append(shape("text", { x: left + half, y: (y + below) / 2, "dominant-baseline": "central" }, name));
    }
    for (const line of data.lines) {
      const y = this.y(line.height);
      marks.append(shape("path", { d: `M${left} ${y}h${wide}`, "stroke-dasharray": DASHES.dotted }));
      marks.append(shape("text", { x: left + wide - 2, y: y - half / 2, "text-anchor": "end" }, line.name));
    }
    svg.replaceChildren(axes, marks, this.moving);
    this.show();
  }

  // A place of the axes in CSS pixels of the plot.
  x(value) {
    const { box: { left, wide }, data: { x: { low, high } } } = this;
    return left + (wide * (value - low)) / (high - low);
  }
  y(value) {
    const { box: { top, high: tall }, data: { y: { low, high } } } = this;
    return top + (tall * (high - value)) / (high - low);
  }

  // What belongs to the place in which the handle is.
  show() {
    const { data: { curves, dots, handle }, place, box, grip } = this;
    const [x, y] = [this.x(handle.x[place]), this.y(handle.y[place])];
    const clip = { x: box.left, y: box.top, width: box.wide, height: box.high };
    const lines = shape("svg", { class: "curves", ...clip, viewBox: Object.values(clip).join(" ") });
    for (const curve of curves) {
      const [across, up] = [at(curve.x, place), at(curve.y, place)];
      let pen = "M";
      const path = across.map((value, i) => {
        if (value == null || up[i] == null) { pen = "M"; return ""; }
        const step = `${pen}${this.x(value).toFixed(1)} ${this.y(up[i]).toFixed(1)}`;
        pen = "L";
        return step;
      });
      lines.append(shape("path", { d: path.join(""), ...this.stroke(curve.colour, curve.dash) }));
    }
    if (handle.guides) {
      const d = `M${box.left} ${y}H${x}V${box.top + box.high}`;
      lines.append(shape("path", { class: "guides", d, "stroke-dasharray": DASHES.dotted }));
    }
    const signs = shape("g", { class: "dots" });
    for (const part of dots) {
      const [across, up] = [at(part.x, place), at(part.y, place)];
      across.forEach((value, i) => {
        if (value != null && up[i] != null) signs.append(symbol(part.symbol, this.x(value), this.y(up[i]), part.colour));
      });
    }
    this.moving.replaceChildren(lines, signs, ...this.handle(x, y));
    grip.style.left = `${x}px`;
    grip.style.top = `${y}px`;
    grip.setAttribute("aria-valuenow", place);
    grip.setAttribute("aria-valuetext", handle.words[place]);
    if (this.status.textContent !== handle.words[place]) this.status.textContent = handle.words[place];
  }

  // The handle's sign in a ring, with an arrow on each side on which there is a place, and the hint.
  handle(x, y) {
    const { data: { handle }, place, last, box, grip, moved } = this;
    const ring = rem(0.62);
    const upright = grip.getAttribute("aria-orientation") === "vertical";
    const parts = [shape("circle", { class: "hold", cx: x, cy: y, r: ring, "stroke-width": rem(0.12) })];
    for (const [side, there] of [[-1, place > 0], [1, place < last]]) {
      if (!there) continue;
      const tip = ring + rem(0.55), [back, half] = [rem(0.4), rem(0.32)];
      const point = (along, beside) => (upright ? `${x + beside},${y - side * along}` : `${x + side * along},${y + beside}`);
      parts.push(shape("polygon", { class: "arrow", points: [point(tip, 0), point(tip - back, half), point(tip - back, -half)].join(" ") }));
    }
    parts.push(symbol(handle.symbol, x, y, handle.colour));
    if (handle.hint && !moved) {
      const below = y < box.top + box.high / 2, off = ring + rem(upright ? 1.5 : 1);
      const hint = shape("text", { class: "hint", y: y + (below ? off : -off), "text-anchor": "middle", "dominant-baseline": "central" }, handle.hint);
      const wide = 0.3 * rem(TYPE) * handle.hint.length;
      hint.setAttribute("x", within(x, box.left + wide, box.left + box.wide - wide));
      parts.push(hint);
    }
    return parts;
  }

  nearest(x, y) {
    const { data: { handle }, last } = this;
    let best = 0, closest = Infinity;
    for (let i = 0; i <= last; i++) {
      const distance = Math.hypot(this.x(handle.x[i]) - x, this.y(handle.y[i]) - y);
      if (distance < closest) { closest = distance; best = i; }
    }
    return best;
  }

  move(place) {
    if (place === this.place) return;
    this.place = place;
    this.moved = true;
    this.show();
  }

  tell() {
    clearTimeout(this.waiting);
    if (this.place === this.reported) return;
    this.reported = this.place;
    this.report("place", this.place);
  }

  followPointer() {
    const { grip, status } = this;
    grip.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      // Where the handle is taken hold of stays under the pointer.
      this.grabbed = [grip.offsetLeft - event.clientX, grip.offsetTop - event.clientY];
      grip.setPointerCapture(event.pointerId);
      status.setAttribute("aria-live", "off");
      clearTimeout(this.waiting);
    });
    grip.addEventListener("pointermove", ({ clientX, clientY }) => {
      if (this.grabbed) this.move(this.nearest(clientX + this.grabbed[0], clientY + this.grabbed[1]));
    });
    grip.addEventListener("lostpointercapture", () => {
      this.grabbed = null;
      // Written once more, the words are read out.
      status.setAttribute("aria-live", "polite");
      status.textContent = this.data.handle.words[this.place];
      this.tell();
    });
  }

  press(event) {
    const { place, last } = this, far = Math.max(1, Math.round(last / 10));
    const to = {
      ArrowRight: place + 1, ArrowUp: place + 1, ArrowLeft: place - 1, ArrowDown: place - 1,
      PageUp: place + far, PageDown: place - far, Home: 0, End: last,
    }[event.key];
    if (to == null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    // The slider's own value is read out as it changes.
    this.status.setAttribute("aria-live", "off");
    this.move(within(to, 0, last));
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.tell(), PAUSE_MS);
  }
}

const mounted = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const figure = parentElement.querySelector("figure");
  if (!mounted.has(figure)) mounted.set(figure, new DragChart(parentElement));
  const chart = mounted.get(figure);
  chart.begin(data, setTriggerValue);
  return closing(parentElement, chart.stop);
}
