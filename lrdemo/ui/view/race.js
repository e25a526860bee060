// A race of learning rates: two charts with the rates at the ends of their lines, and below a row for each lane.

// So chosen that any five in a row can be told apart with deuteranopia, on white and on black.
const LANES_ON_WHITE = ["#101f6b", "#2563eb", "#b5338a", "#d13b00", "#4a1a00", "#0f766e", "#7a6a00", "#5f6470"];
const LANES_ON_BLACK = ["#dfe9ff", "#3b8bff", "#e05cc0", "#ffd400", "#8c9a00", "#7fd4c1", "#ff8a5c", "#a5a5b8"];
const LANE_DASHES = [[], [9, 4], [2, 3], [9, 3, 2, 3], [16, 4], [5, 5], [9, 3, 2, 3, 2, 3], [2, 7]];
const HIGHEST_LOSS = 10;
const LABEL_REM = 1.25;

function isDark(colour) {
  const parts = colour.startsWith("#") ? colour.slice(1).match(/../g).map((two) => parseInt(two, 16)) : colour.match(/\d+/g).map(Number);
  return parts[0] + parts[1] + parts[2] < 384;
}

function laneMark(dash) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  const line = document.createElementNS(space, "line");
  for (const [name, value] of Object.entries({ width: 34, height: 6, "aria-hidden": "true" })) picture.setAttribute(name, value);
  for (const [name, value] of Object.entries({ x1: 0, x2: 34, y1: 3, y2: 3, stroke: "currentColor", "stroke-width": 3 })) line.setAttribute(name, value);
  line.setAttribute("stroke-dasharray", dash.join(" "));
  picture.append(line);
  return picture;
}

// The rates at the ends of a chart's lines, moved apart where they would overlap.
class LineEnds {
  constructor(chart) {
    this.chart = chart;
    this.root = make("div", "ends");
    this.root.setAttribute("aria-hidden", "true");
    chart.figure.append(this.root);
  }

  build(lanes, colours) {
    this.labels = lanes.map(({ learningRate }, lane) => {
      const label = make("span", "end");
      label.style.color = colours[lane];
      const mark = make("span", "mark");
      label.append(make("b", null, short(learningRate)), " ", mark);
      return { label, mark };
    });
    this.root.replaceChildren(...this.labels.map(({ label }) => label));
  }

  receive(frame, xName, yName) {
    const { canvas, scales } = this.chart;
    if (!scales) return;
    const step = LABEL_REM * rem();
    const top = canvas.offsetTop + scales.top;
    const bottom = canvas.offsetTop + scales.bottom;
    const placed = [];
    this.labels.forEach(({ label, mark }, lane) => {
      const values = frame[`${yName}${lane}`];
      const last = values.findLastIndex(Number.isFinite);
      label.hidden = last < 0;
      if (last < 0) return;
      const { mark: word } = frame.lanes[lane];
      const y = canvas.offsetTop + scales.y(values[last]);
      mark.textContent = [y < top - 1 ? "↑" : "", word].filter(Boolean).join(" ");
      label.style.left = `${canvas.offsetLeft + scales.x(frame[xName][last]) + 6}px`;
      placed.push({ label, y: Math.max(top, Math.min(bottom, y)) });
    });
    placed.sort((one, other) => one.y - other.y);
    placed.forEach((one, i) => (one.y = Math.max(one.y, i ? placed[i - 1].y + step : -Infinity)));
    for (let i = placed.length - 1, room = bottom; i >= 0; i -= 1, room = placed[i + 1].y - step) placed[i].y = Math.min(placed[i].y, room);
    for (const { label, y } of placed) label.style.top = `${y}px`;
  }
}

class RaceView {
  constructor(root) {
    this.root = root;
    this.winner = make("p", "winner");
    const charts = make("div", "charts");
    this.table = make("table", "lanes");
    this.key = make("div", "scale");
    this.low = make("span");
    this.high = make("span");
    const ramp = make("span", "ramp");
    ramp.style.background = `linear-gradient(90deg, ${STOPS.map((stop) => `rgb(${stop})`)})`;
    this.key.append(make("span", null, "One scale for all templates:"), this.low, ramp, this.high);
    root.append(this.winner, charts, this.table, this.key);
    const shared = { curves: [], describe: (frame) => this.describe(frame) };
    this.loss = new Chart(charts, {
      ...shared,
      title: "Loss on the minibatches, smoothed (log scale)",
      unit: "loss",
      log: true,
      reference: { value: LN10, name: "guessing: ln 10 = 2.303" },
      // What lies above is cut off: one lane that diverges must not press the others together.
      range: (frame) => {
        let [low, high] = [0.3, 3];
        frame.lanes.forEach((_, lane) => {
          for (const value of frame[`loss${lane}`]) {
            if (value > 0.05) low = Math.min(low, value);
            if (value > high) high = Math.min(value, HIGHEST_LOSS);
          }
        });
        return [low * 0.9, high * 1.1];
      },
      format: (value, exact) => (exact ? fixed(value, 3) : short(value)),
    });
    this.accuracy = new Chart(charts, {
      ...shared,
      title: "Accuracy",
      unit: "accuracy, %",
      reference: { value: 0.1, name: "guessing: 10 %" },
      range: () => [0, 1],
      format: (value, exact) => (exact ? percent(value, 2) : fixed(100 * value, 0)),
    });
    this.judged = this.accuracy.figure.querySelector("figcaption");
    this.ends = [
      [new LineEnds(this.loss), "x", "loss"],
      [new LineEnds(this.accuracy), "testX", "accuracy"],
    ];
  }

  receive(frame) {
    if (!frame.lanes) return;
    const dark = isDark(theme(this.root).paper);
    const wanted = [dark, ...frame.lanes.map(({ learningRate }) => learningRate)].join();
    if (wanted !== this.built) this.build(frame.lanes, dark ? LANES_ON_BLACK : LANES_ON_WHITE);
    this.built = wanted;
    const kind = frame.testedOn === "held-out" ? "held-out training images" : "test images";
    this.judged.textContent = `Accuracy: of ${count(frame.testedImages)} ${kind} classified correctly, in %`;
    this.loss.receive(frame);
    this.accuracy.receive(frame);
    for (const [ends, x, y] of this.ends) ends.receive(frame, x, y);
    frame.lanes.forEach((lane, index) => {
      const row = this.rows[index];
      row.accuracy.textContent = percent(lane.testAccuracy);
      row.words.textContent = frame.iteration ? lane.words : "";
      row.row.classList.toggle("best", lane.winner);
      row.tiles.forEach((canvas, digit) =>
        paint(canvas, frame[`templates${index}`].subarray(digit * 784, (digit + 1) * 784), signedPixel),
      );
    });
    this.low.textContent = `−${short(frame.limit, 2)} or less`;
    this.high.textContent = `+${short(frame.limit, 2)} or more`;
    const ahead = frame.lanes.find((lane) => lane.winner);
    const text = ahead?.words ?? "Which one do you bet on? Press Start race.";
    if (this.winner.textContent !== text) this.winner.textContent = text;
  }

  build(lanes, colours) {
    const curves = lanes.map(({ learningRate }, lane) => ({
      name: short(learningRate),
      colour: colours[lane],
      dash: LANE_DASHES[lane],
      style: "thick",
      lane,
    }));
    this.loss.setCurves(curves.map((curve) => ({ ...curve, x: "x", y: `loss${curve.lane}` })));
    this.accuracy.setCurves(curves.map((curve) => ({ ...curve, x: "testX", y: `accuracy${curve.lane}` })));
    for (const [ends] of this.ends) ends.build(lanes, colours);
    const head = make("tr");
    for (const text of ["rate", "correct", "templates, 0 to 9", "verdict"]) head.append(make("th", null, text));
    this.rows = lanes.map(({ learningRate }, lane) => {
      const row = make("tr");
      const name = make("th");
      name.scope = "row";
      name.style.color = colours[lane];
      name.append(laneMark(LANE_DASHES[lane]), short(learningRate));
      const [accuracy, pictures, words] = ["accuracy", "pictures", "judged"].map((kind) => make("td", kind));
      const strip = make("div", "tiles");
      strip.setAttribute("role", "img");
      strip.setAttribute("aria-label", `The ten templates at learning rate ${short(learningRate)}`);
      const tiles = Array.from({ length: 10 }, () => make("canvas"));
      strip.append(...tiles);
      pictures.append(strip);
      row.append(name, accuracy, pictures, words);
      return { row, accuracy, words, tiles };
    });
    this.table.replaceChildren(head, ...this.rows.map(({ row }) => row));
  }

  describe(frame) {
    const said = frame.lanes.map(({ learningRate, testAccuracy, mark }) => `rate ${short(learningRate)}: ${percent(testAccuracy)}${mark ? `, ${mark}` : ""}`);
    return `After ${count(frame.iteration)} iterations, classified correctly at ${said.join("; ")}.`;
  }

  lost() {}
}
