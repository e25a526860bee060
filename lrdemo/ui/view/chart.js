// One chart: curves with axes, reference lines and a read-out under the pointer.

const MARGIN = { left: 46, right: 12, top: 8, bottom: 34 };

function niceTicks(low, high, about) {
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((value) => value >= rough);
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + 1e-9 * step; tick += step) ticks.push(tick);
  return ticks;
}

const LOG_TICKS = [0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10, 20, 50, 100, 1000];

class Chart {
  constructor(root, { title, unit, describe, curves, reference, range, format, log }) {
    Object.assign(this, { title, unit, describe, reference, range, format, log });
    this.figure = make("figure", "chart");
    const caption = make("figcaption", null, title);
    this.legend = make("div", "legend");
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.readout = make("div", "readout");
    this.figure.append(caption, this.legend, this.canvas, this.readout);
    root.append(this.figure);
    this.canvas.addEventListener("pointermove", (event) => {
      this.pointer = event.offsetX;
      this.draw();
    });
    this.canvas.addEventListener("pointerleave", () => {
      this.pointer = null;
      this.draw();
    });
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
    const right = Math.max(frame.iteration, frame.iterations);
    const x = (value) => MARGIN.left + (value / right) * (width - MARGIN.left - MARGIN.right);
    const place = this.log ? (value) => Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value) => (value - low) / (high - low);
    const y = (value) => height - MARGIN.bottom - place(value) * (height - MARGIN.top - MARGIN.bottom);
    this.scales = { x, y, top: MARGIN.top, bottom: height - MARGIN.bottom };
    this.axes(pen, colours, width, height, x, y, low, high, right);
    pen.save();
    pen.beginPath();
    pen.rect(MARGIN.left, MARGIN.top - 2, width - MARGIN.left - MARGIN.right + 3, height - MARGIN.top - MARGIN.bottom + 4);
    pen.clip();
    for (const curve of this.curves) this.curve(pen, colours, frame, curve, x, y);
    pen.restore();
    this.read(pen, colours, frame, x, y, height, right);
    canvas.setAttribute("aria-label", this.describe(frame));
  }

  axes(pen, colours, width, height, x, y, low, high, right) {
    pen.font = `12px ${colours.font}`;
    pen.fillStyle = colours.text;
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    const ticks = this.log ? LOG_TICKS.filter((tick) => tick >= low && tick <= high) : niceTicks(low, high, Math.max(3, height / 45));
    for (const tick of ticks) {
      pen.beginPath();
      pen.moveTo(MARGIN.left, y(tick));
      pen.lineTo(width - MARGIN.right, y(tick));
      pen.stroke();
      pen.fillText(this.format(tick), MARGIN.left - 6, y(tick));
    }
    pen.textAlign = "center";
    pen.textBaseline = "top";
    for (const tick of niceTicks(0, right, Math.max(2, width / 95))) {
      if (tick % 1 === 0) pen.fillText(count(tick), Math.min(x(tick), width - MARGIN.right - 14), height - MARGIN.bottom + 5);
    }
    pen.fillText("iteration", (MARGIN.left + width) / 2, height - 14);
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

  read(pen, colours, frame, x, y, height, right) {
    if (this.pointer == null) {
      this.readout.textContent = "";
      return;
    }
    const iteration = Math.max(0, Math.min(right, ((this.pointer - MARGIN.left) / (x(right) - x(0))) * right));
    const values = this.curves.map(({ x: xName, y: yName, name }) => {
      const xs = frame[xName];
      if (!xs.length) return null;
      let best = 0;
      for (let i = 1; i < xs.length; i += 1) if (Math.abs(xs[i] - iteration) < Math.abs(xs[best] - iteration)) best = i;
      return { name, at: xs[best], value: frame[yName][best] };
    });
    const known = values.filter(Boolean);
    if (!known.length) return;
    pen.strokeStyle = colours.text;
    pen.globalAlpha = 0.5;
    pen.beginPath();
    pen.moveTo(x(known[0].at), MARGIN.top);
    pen.lineTo(x(known[0].at), height - MARGIN.bottom);
    pen.stroke();
    pen.globalAlpha = 1;
    this.readout.textContent = known.map(({ name, at, value }) => `${name} at ${count(at)}: ${this.format(value, true)}`).join(" · ");
  }

  lost() {}
}
