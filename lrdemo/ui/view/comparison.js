// The same model on images prepared in different ways: the accuracy of each, and below a row for each with the picture
// in question as that model gets it, its accuracy, its answer, and its templates.

const COMPARED_FROM = 0.85;

class Comparison {
  constructor(root, view) {
    this.root = root;
    this.told = [];
    this.head = make("p", "winner");
    const top = make("div", "top");
    const charts = make("div", "charts");
    const asked = make("div", "pictures");
    asked.append(make("p", null, "Read this picture:"));
    this.choice = new Choice(asked, view);
    top.append(charts, asked);
    this.table = make("table", "lanes");
    this.measured = make("p", "measured");
    root.append(this.head, top, this.table, this.measured);
    this.chart = new Chart(charts, {
      curves: [],
      title: "Accuracy on the 10,000 test images, in %",
      unit: "accuracy, %",
      reference: { value: 0.925, name: "92.5\u00a0%: about the most that a linear model on pixels reaches" },
      room: () => rem(1 + 0.45 * Math.max(...this.told.map(({ short: name }) => name.length))),
      range: () => [COMPARED_FROM, 1],
      format: (value, exact) => (exact ? percent(value, 2) : fixed(100 * value, 0)),
      describe: (frame) => this.describe(frame),
      finish: (...drawing) => nameEnds(this.chart, ...drawing),
    });
  }

  update(data) {
    this.choice.update(data);
    this.measured.textContent = data.measured;
    const given = JSON.stringify(data.rows);
    if (given !== this.given) this.built = null;
    this.given = given;
    this.told = data.rows;
  }

  receive(frame) {
    // For a moment the frames may still be those of other lanes than the rows.
    if (!frame.lanes || frame.lanes.length !== this.told.length) return;
    const dark = isDark(theme(this.root).paper);
    if (this.built !== dark) this.build(dark ? LANES_ON_BLACK : LANES_ON_WHITE);
    this.built = dark;
    this.choice.receive(frame);
    this.chart.receive(frame);
    frame.lanes.forEach((lane, index) => this.show(frame, lane, index));
    const words = this.words(frame);
    if (this.head.textContent !== words) this.head.textContent = words;
  }

  show(frame, { testAccuracy, testIteration, digit }, index) {
    const { image, accuracy, at, answer, right, tiles } = this.rows[index];
    accuracy.textContent = frame.iteration ? percent(testAccuracy) : MISSING;
    at.textContent = frame.iteration && testIteration !== frame.iteration ? `at ${count(testIteration)}` : "";
    answer.textContent = frame.iteration && digit != null ? digit : MISSING;
    const judged = frame.iteration && digit != null && frame.label != null;
    right.textContent = judged ? (digit === frame.label ? "right" : "wrong") : "";
    const given = frame[`image${index}`];
    image.hidden = !given;
    if (given) paint(image, given, inkPixel);
    image.setAttribute("aria-label", `${frame.shown}, ${this.told[index].label}`);
    tiles.forEach((canvas, tile) => paint(canvas, template(frame[`templates${index}`], tile), signedPixel));
  }

  words({ lanes, iteration }) {
    if (!iteration) return "Which line will be on top? Press Start.";
    const best = lanes.reduce((one, { testAccuracy }, index) => (testAccuracy > lanes[one].testAccuracy ? index : one), 0);
    return `Iteration ${count(iteration)}: ${percent(lanes[0].testAccuracy)} on ${this.told[0].label}, ${percent(lanes[best].testAccuracy)} with ${this.told[best].label}.`;
  }

  build(colours) {
    this.root.style.setProperty("--lanes", this.told.length);
    this.chart.setCurves(
      this.told.map(({ short: name }, lane) => ({
        name,
        lane,
        colour: colours[lane],
        dash: LANE_DASHES[lane],
        style: "thick",
        x: `testX${lane}`,
        y: `accuracy${lane}`,
      })),
    );
    const head = make("tr");
    const heads = ["model on", "what it gets", "test images", "strangers’ drawings", "its answer", "what it has learnt, 0 to 9"];
    head.append(...heads.map((text) => make("th", null, text)));
    head.children[1].colSpan = 2;
    this.rows = this.told.map((told, lane) => this.row(told, colours[lane], LANE_DASHES[lane]));
    this.table.replaceChildren(head, ...this.rows.map(({ row }) => row));
  }

  row({ label, words, parameters, strangers, learnt }, colour, dash) {
    const row = make("tr");
    const name = make("th");
    name.scope = "row";
    const named = make("span", "named", label);
    named.style.color = colour;
    named.prepend(laneMark(dash));
    name.append(named, make("span", "parameters", `${count(parameters)} numbers learnt`));
    const cell = (kind, ...inside) => {
      const found = make("td", kind);
      found.append(...inside);
      return found;
    };
    const image = pixelCanvas();
    image.setAttribute("role", "img");
    const [accuracy, at, answer, right] = ["accuracy", "at", "answer", "right"].map((kind) => make("span", kind));
    const strip = make("div", "tiles");
    strip.setAttribute("role", "img");
    strip.setAttribute("aria-label", `${learnt}: ${label}`);
    const tiles = Array.from({ length: TEMPLATES }, () => pixelCanvas());
    strip.append(...tiles);
    row.append(
      name,
      cell("given", image),
      cell("gets", words),
      cell("tests", make("span", "what", "test images "), accuracy, at),
      cell("strangers", make("span", "what", "strangers’ drawings "), make("span", "accuracy", strangers == null ? MISSING : `${strangers} of 100`)),
      cell("read", make("span", "what", "its answer "), answer, right),
      cell("weights", strip),
    );
    return { row, image, accuracy, at, answer, right, tiles };
  }

  describe({ iteration, iterations, lanes }) {
    const said = lanes.map(({ testAccuracy }, lane) => `${this.told[lane].label}: ${percent(testAccuracy)}`);
    return `Accuracy on the test images over ${count(iteration)} of ${count(iterations)} iterations. ${said.join(". ")}.`;
  }

  lost() {}
}
