// A race of learning rates: two charts with the rates at the ends of their lines, and below a row for each lane.

// So chosen that any five in a row can be told apart with deuteranopia, on white and on black.
const LANES_ON_WHITE = ["#101f6b", "#2563eb", "#b5338a", "#d13b00", "#4a1a00", "#0f766e", "#7a6a00", "#5f6470"];
const LANES_ON_BLACK = ["#dfe9ff", "#3b8bff", "#e05cc0", "#ffd400", "#8c9a00", "#7fd4c1", "#ff8a5c", "#a5a5b8"];
const LANE_DASHES = [[], [9, 4], [2, 3], [9, 3, 2, 3], [16, 4], [5, 5], [9, 3, 2, 3, 2, 3], [2, 7]];
const HIGHEST_LOSS = 10;
const LABEL_REM = 1.25;
const isNarrow = (width) => width < rem(28);

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

// Who is ahead, by the last test; while it races, that is of an earlier iteration.
function raceWords({ lanes, iteration, testIteration }) {
  if (!iteration) return "Which one do you bet on? Press Start race.";
  const ahead = lanes.find(({ winner }) => winner);
  if (!ahead) return lanes.every(({ mark }) => mark) ? "No rate is ahead: all their steps are too large." : "Too early to say who is ahead.";
  return `${short(ahead.learningRate)} is ahead at iteration ${count(testIteration)}: ${percent(ahead.testAccuracy)} correct.`;
}

// Which rates are above the edge at the start, and what came of them.
function raceEdgeWords({ lanes, edge, iteration }) {
  if (!edge) return "Edge of stability at the start: computing …";
  if (edge.none) return NO_EDGE;
  if (edge.start == null) return NO_EDGE_HERE;
  const outcome = ({ learningRate, mark }) => `${short(learningRate)}${iteration && mark ? ` (${mark})` : ""}`;
  const above = lanes.filter(({ learningRate }) => learningRate > edge.start);
  const which = above.length ? `Rates above it overshoot at first: ${listed(above.map(outcome))}` : "No rate is above it";
  return `Edge of stability at the start: about ${short(edge.start, 2)}. ${which}.`;
}

// The names at the ends of a chart's lines, moved apart where they would overlap; verdicts only where there is room.
function nameEnds(chart, pen, colours, frame) {
  // Before the start all lines would begin in one place.
  if (!frame.iteration) return;
  const { x, y, top } = chart.scales;
  const brief = isNarrow(chart.canvas.clientWidth);
  const step = rem(LABEL_REM);
  // Above the numbers at the axis.
  const bottom = chart.scales.bottom - step / 2;
  const names = chart.curves.flatMap(({ name, colour, lane, x: xName, y: yName }) => {
    const values = frame[yName];
    const last = values.findLastIndex(Number.isFinite);
    if (last < 0) return [];
    const end = y(values[last]);
    const words = [end < top - 1 ? "↑" : "", brief ? "" : frame.lanes[lane].mark].filter(Boolean).join(" ");
    return [{ colour, name, words, x: x(frame[xName][last]) + 6, y: Math.max(top, Math.min(bottom, end)) }];
  });
  names.sort((one, other) => one.y - other.y);
  names.forEach((one, i) => (one.y = Math.max(one.y, i ? names[i - 1].y + step : -Infinity)));
  for (let i = names.length - 1, room = bottom; i >= 0; i -= 1, room = names[i + 1].y - step) names[i].y = Math.min(names[i].y, room);
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  // Lines may pass behind the words.
  pen.strokeStyle = colours.paper;
  pen.lineWidth = 4;
  for (const { colour, name, words, x: left, y: middle } of names) {
    pen.fillStyle = colour;
    let at = left;
    for (const [text, weight] of words ? [[name, 700], [words, 400]] : [[name, 700]]) {
      pen.font = `${weight} ${rem(TYPE_REM)}px ${colours.font}`;
      pen.strokeText(text, at, middle);
      pen.fillText(text, at, middle);
      at += pen.measureText(`${text} `).width;
    }
  }
}

class RaceView {
  constructor(root) {
    this.root = root;
    this.winner = make("p", "winner");
    this.edge = make("p", "race-edge");
    const charts = make("div", "charts");
    this.table = make("table", "lanes");
    this.key = make("div", "scale");
    this.low = make("span", "limit");
    this.high = make("span", "limit");
    const ramp = make("span", "ramp");
    ramp.style.background = `linear-gradient(90deg, ${STOPS.map((stop) => `rgb(${stop})`)})`;
    this.key.append(make("span", null, "One scale for all templates:"), this.low, ramp, this.high);
    const rows = make("div", "rows");
    rows.append(this.key, this.table);
    root.append(this.winner, charts, rows, this.edge);
    const shared = { curves: [], room: (width) => rem(isNarrow(width) ? 3.5 : 9) };
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
      describe: (frame) => this.describe(frame, "Loss", (lane) => fixed(frame[`loss${lane}`].at(-1), 3)),
      finish: (...drawing) => nameEnds(this.loss, ...drawing),
    });
    this.accuracy = new Chart(charts, {
      ...shared,
      title: "Accuracy",
      unit: "accuracy, %",
      reference: { value: 0.1, name: "guessing: 10\u00a0%" },
      range: () => [0, 1],
      format: (value, exact) => (exact ? percent(value, 2) : fixed(100 * value, 0)),
      describe: (frame) => this.describe(frame, "Accuracy", (lane) => percent(frame.lanes[lane].testAccuracy), testedAt(frame)),
      finish: (...drawing) => nameEnds(this.accuracy, ...drawing),
    });
    this.judged = this.accuracy.figure.querySelector("figcaption");
  }

  receive(frame) {
    if (!frame.lanes) return;
    const dark = isDark(theme(this.root).paper);
    const wanted = [dark, ...frame.lanes.map(({ learningRate }) => learningRate)].join();
    if (wanted !== this.built) this.build(frame.lanes, dark ? LANES_ON_BLACK : LANES_ON_WHITE);
    this.built = wanted;
    const kind = frame.testedOn === "held-out" ? "held-out training images" : "test images";
    this.judged.textContent = `Accuracy on ${count(frame.testedImages)} ${kind}, in %`;
    this.correct.textContent = `correct${testedAt(frame)}`;
    this.loss.receive(frame);
    this.accuracy.receive(frame);
    frame.lanes.forEach((lane, index) => {
      const row = this.rows[index];
      row.accuracy.textContent = percent(lane.testAccuracy);
      row.words.textContent = frame.iteration ? lane.words : "";
      row.row.classList.toggle("best", lane.winner);
      row.tiles.forEach((canvas, digit) =>
        paint(canvas, template(frame[`templates${index}`], digit), signedPixel),
      );
    });
    this.low.textContent = `−${short(frame.limit, 2)} or less`;
    this.high.textContent = `+${short(frame.limit, 2)} or more`;
    const text = raceWords(frame);
    if (this.winner.textContent !== text) this.winner.textContent = text;
    this.edge.textContent = raceEdgeWords(frame);
  }

  build(lanes, colours) {
    this.root.style.setProperty("--lanes", lanes.length);
    const curves = lanes.map(({ learningRate }, lane) => ({
      name: short(learningRate),
      colour: colours[lane],
      dash: LANE_DASHES[lane],
      style: "thick",
      lane,
    }));
    this.loss.setCurves(curves.map((curve) => ({ ...curve, x: "x", y: `loss${curve.lane}` })));
    this.accuracy.setCurves(curves.map((curve) => ({ ...curve, x: "testX", y: `accuracy${curve.lane}` })));
    const head = make("tr");
    const heads = ["rate", "correct", "templates, 0 to 9", "verdict"].map((text) => make("th", null, text));
    this.correct = heads[1];
    head.append(...heads);
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
      const tiles = Array.from({ length: TEMPLATES }, () => make("canvas"));
      strip.append(...tiles);
      pictures.append(strip);
      row.append(name, accuracy, pictures, words);
      return { row, accuracy, words, tiles };
    });
    this.table.replaceChildren(head, ...this.rows.map(({ row }) => row));
  }

  describe(frame, what, value, tested) {
    const said = frame.lanes.map(({ learningRate, words }, lane) =>
      [`Rate ${short(learningRate)}: ${value(lane)}.`, frame.iteration ? words : ""].join(" ").trim(),
    );
    return `${what} over ${count(frame.iteration)} of ${count(frame.iterations)} iterations${tested ? `, tested${tested}` : ""}. ${said.join(" ")}`;
  }

  lost() {}
}
