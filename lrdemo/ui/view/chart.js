// One chart: curves with axes, reference lines, and a read-out that follows the pointer or the arrow keys.

const TYPE_REM = 0.85;
const ARROWS = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 };

// The room around the curves for the numbers at the axes and their names, and for what stands at the ends of curves.
const margin = (right = 12) => ({ left: rem(3.2), right, top: rem(0.5), bottom: rem(2.2) });

function niceTicks(low, high, about) {
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((value) => value >= rough);
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + 1e-9 * step; tick += step) ticks.push(tick);
  return ticks;
}

function nearest(xs, wanted) {
  let best = 0;
  for (let i = 1; i < xs.length; i += 1) if (Math.abs(xs[i] - wanted) < Math.abs(xs[best] - wanted)) best = i;
  return best;
}

const LOG_TICKS = [0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 20, 50, 100, 1000];

// As many as have room below each other.
function logTicks(low, high, y, line) {
  const ticks = [];
  for (const tick of LOG_TICKS) {
    if (tick >= low && tick <= high && !(y(ticks.at(-1)) - y(tick) < line)) ticks.push(tick);
  }
  return ticks;
}

class Chart {
  constructor(root, { title, unit, describe, curves, reference, range, format, log, cut, room, finish }) {
    Object.assign(this, { title, unit, describe, reference, range, format, log, cut, room, finish });
    this.figure = make("figure", "chart");
    const caption = make("figcaption", null, title);
    this.legend = make("div", "legend");
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", `${title}. No data yet.`);
    this.canvas.tabIndex = 0;
    this.readout = make("div", "readout");
    this.figure.append(caption, this.legend, this.readout, this.canvas);
    root.append(this.figure);
    for (const kind of ["pointerdown", "pointermove"]) {
      this.canvas.addEventListener(kind, (event) => this.point(this.iterationAt?.(event.offsetX), "off"));
    }
    // What a finger has pointed at stays to be read.
    this.canvas.addEventListener("pointerleave", (event) => event.pointerType === "touch" || this.point(null, "off"));
    this.canvas.addEventListener("blur", () => this.point(null, "off"));
    this.canvas.addEventListener("keydown", (event) => this.press(event));
    this.setCurves(curves);
  }

  setCurves(curves) {
    this.curves = curves;
    this.legend.replaceChildren();
    for (const { style, colour, name, line: kind } of [...curves, { style: "reference", name: this.reference.name }]) {
      const key = make("span", "key");
      const line = make("span", `swatch ${style}`);
      if (colour) line.dataset.colour = colour;
      if (kind) line.style.borderTopStyle = kind;
      key.append(line, name);
      this.legend.append(key);
    }
  }

  receive(frame) {
    this.frame = frame;
    this.draw();
  }

  // Read out the curves at an iteration; a screen reader is told only what was asked for by key.
  point(iteration, live) {
    this.readout.setAttribute("aria-live", live);
    this.at = iteration;
    this.draw();
  }

  press(event) {
    const { frame, curves } = this;
    const xs = frame?.[curves[0]?.x];
    if (!xs?.length) return;
    const now = this.at == null ? xs.length - 1 : nearest(xs, this.at);
    const to = { Home: 0, End: xs.length - 1 }[event.key] ?? (event.key in ARROWS ? now + ARROWS[event.key] : null);
    if (to == null) return;
    event.preventDefault();
    this.point(xs[Math.max(0, Math.min(xs.length - 1, to))], "polite");
  }

  draw() {
    const { frame, canvas } = this;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (!frame?.x || !width) return;
    const colours = theme(this.figure);
    for (const swatch of this.legend.querySelectorAll(".swatch")) {
      swatch.style.borderColor = swatch.dataset.colour ? (colours[swatch.dataset.colour] ?? swatch.dataset.colour) : colours.text;
    }
    const pen = sharp(canvas, width, height);
    const [low, high] = this.range(frame);
    const right = Math.max(frame.reached, frame.iterations);
    const MARGIN = margin(this.room?.(width));
    const x = (value) => MARGIN.left + (value / right) * (width - MARGIN.left - MARGIN.right);
    const place = this.log ? (value) => Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value) => (value - low) / (high - low);
    const y = (value) => height - MARGIN.bottom - place(value) * (height - MARGIN.top - MARGIN.bottom);
    this.scales = { x, y, top: MARGIN.top, bottom: height - MARGIN.bottom, right: x(right) };
    this.iterationAt = (across) => Math.max(0, Math.min(right, ((across - MARGIN.left) / (x(right) - x(0))) * right));
    this.axes(pen, colours, MARGIN, width, height, x, y, low, high, right);
    pen.save();
    pen.beginPath();
    pen.rect(MARGIN.left, MARGIN.top - 2, width - MARGIN.left - MARGIN.right + 3, height - MARGIN.top - MARGIN.bottom + 4);
    pen.clip();
    const inside = this.cut ? (value) => y(Math.min(value, high)) : y;
    for (const curve of this.curves) this.curve(pen, colours, frame, curve, x, inside);
    pen.restore();
    if (this.cut) this.sayCut(pen, colours, frame, x, high, MARGIN, width);
    if (frame.wanted != null) this.markMoment(pen, colours, x(frame.iteration), MARGIN, height);
    this.finish?.(pen, colours, frame);
    this.read(pen, colours, frame, x, MARGIN, height);
    canvas.setAttribute("aria-label", this.describe(frame));
  }

  axes(pen, colours, MARGIN, width, height, x, y, low, high, right) {
    const line = rem(TYPE_REM);
    pen.font = `${line}px ${colours.font}`;
    pen.fillStyle = colours.text;
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    const ticks = this.log ? logTicks(low, high, y, line) : niceTicks(low, high, Math.max(4, height / (3 * line)));
    for (const tick of ticks) {
      pen.beginPath();
      pen.moveTo(MARGIN.left, y(tick));
      pen.lineTo(width - MARGIN.right, y(tick));
      pen.stroke();
      pen.fillText(this.format(tick), MARGIN.left - 6, y(tick));
    }
    pen.textAlign = "center";
    pen.textBaseline = "top";
    for (const tick of niceTicks(0, right, Math.max(2, (width - MARGIN.right) / (7 * line)))) {
      if (tick % 1 === 0) pen.fillText(count(tick), Math.min(x(tick), width - MARGIN.right - line), height - MARGIN.bottom + 4);
    }
    pen.fillText("iteration", (MARGIN.left + width - MARGIN.right) / 2, height - line);
    pen.save();
    pen.translate(1, (height - MARGIN.bottom) / 2);
    pen.rotate(-Math.PI / 2);
    pen.fillText(this.unit, 0, 0);
    pen.restore();
    pen.strokeStyle = colours.text;
    pen.setLineDash([2, 4]);
    pen.beginPath();
    pen.moveTo(MARGIN.left, y(this.reference.value));
    pen.lineTo(width - MARGIN.right, y(this.reference.value));
    pen.stroke();
    pen.setLineDash([]);
  }

  curve(pen, colours, frame, { x: xName, y: yName, colour, style, dash }, x, y) {
    const xs = frame[xName];
    const ys = frame[yName];
    pen.strokeStyle = colours[colour] ?? colour;
    pen.fillStyle = colours[colour] ?? colour;
    pen.globalAlpha = style === "thin" ? 0.45 : 1;
    pen.lineWidth = style === "thin" ? 1 : 2.2;
    pen.setLineDash(dash ?? []);
    pen.beginPath();
    for (let i = 0; i < xs.length; i += 1) pen.lineTo(x(xs[i]), y(ys[i]));
    pen.stroke();
    pen.setLineDash([]);
    if (style === "dots") {
      const every = Math.max(1, Math.round(xs.length / 24));
      for (let i = xs.length - 1; i >= 0; i -= every) {
        pen.beginPath();
        pen.arc(x(xs[i]), y(ys[i]), 3, 0, 7);
        pen.fill();
      }
    }
    pen.globalAlpha = 1;
  }

  // A line that leaves the chart runs along its edge; how far it goes is said where it goes farthest.
  sayCut(pen, colours, frame, x, high, MARGIN, width) {
    let [peak, at] = [high, null];
    for (const { x: xName, y: yName } of this.curves) {
      frame[yName].forEach((value, i) => {
        if (value > peak && value < Infinity) [peak, at] = [value, frame[xName][i]];
      });
    }
    if (at == null) return;
    const onRight = x(at) > width / 2;
    const words = `up to ${short(peak, 2)}`;
    pen.fillStyle = colours.text;
    pen.textBaseline = "top";
    pen.textAlign = onRight ? "right" : "left";
    const told = [onRight ? `${words} ▲` : `▲ ${words}`, x(at) + (onRight ? 6 : -6), MARGIN.top + 2];
    // Lines may pass behind the words.
    pen.strokeStyle = colours.paper;
    pen.lineWidth = 4;
    pen.strokeText(...told);
    pen.fillText(...told);
  }

  // The moment that is looked at.
  markMoment(pen, colours, across, MARGIN, height) {
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.moveTo(across, MARGIN.top);
    pen.lineTo(across, height - MARGIN.bottom);
    pen.stroke();
  }

  read(pen, colours, frame, x, MARGIN, height) {
    const known = this.at == null ? [] : this.curves.filter(({ x: xName }) => frame[xName].length);
    if (!known.length) {
      this.readout.textContent = "";
      return;
    }
    const values = known.map(({ x: xName, y: yName, name }) => {
      const best = nearest(frame[xName], this.at);
      return { name, at: frame[xName][best], value: frame[yName][best] };
    });
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.5;
    pen.beginPath();
    pen.moveTo(x(values[0].at), MARGIN.top);
    pen.lineTo(x(values[0].at), height - MARGIN.bottom);
    pen.stroke();
    pen.globalAlpha = 1;
    // An iteration is said once for all curves that are read at it.
    const words = values
      .map(({ name, at, value }, i) => `${name}${at === values[i - 1]?.at ? "" : ` at ${count(at)}`}: ${this.format(value, true)}`)
      .join(" · ");
    if (this.readout.textContent !== words) this.readout.textContent = words;
  }

  lost() {}
}
