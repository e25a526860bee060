// A race of learning rates: curves on common axes, a table with the verdict in words, templates side by side.

// From violet to yellow in the order of the rates, each strong enough on white and on black.
const RAMP = ["#8a63c9", "#6478d3", "#3f8fd0", "#1f9fb5", "#1fa187", "#4caf50", "#93b023", "#cfa00a"];
const DASHES = [["solid", []], ["dashed", [7, 4]], ["dotted", [2, 3]]];

class RaceView {
  constructor(root) {
    const charts = make("div", "charts");
    this.table = make("table", "lanes");
    this.words = make("ul", "verdicts");
    this.words.setAttribute("aria-live", "off");
    root.append(charts, this.words, this.table);
    const shared = { curves: [], describe: (frame) => this.describe(frame) };
    this.loss = new Chart(charts, {
      ...shared,
      title: "Training loss, smoothed (log scale)",
      unit: "loss",
      log: true,
      reference: { value: LN10, name: "guessing: ln 10 = 2.303" },
      range: (frame) => {
        let [low, high] = [0.3, 3];
        frame.lanes.forEach((_, lane) => {
          for (const value of frame[`loss${lane}`]) {
            if (value > 0.05) low = Math.min(low, value);
            if (value < 1e6) high = Math.max(high, value);
          }
        });
        return [low * 0.9, high * 1.1];
      },
      format: (value, exact) => (exact ? fixed(value, 3) : short(value)),
    });
    this.accuracy = new Chart(charts, {
      ...shared,
      title: "Test accuracy: of the 10,000 test images classified correctly, in %",
      unit: "accuracy, %",
      reference: { value: 0.1, name: "guessing: 10 %" },
      range: () => [0, 1],
      format: (value, exact) => (exact ? percent(value, 2) : fixed(100 * value, 0)),
    });
  }

  receive(frame) {
    if (!frame.lanes) return;
    if (frame.lanes.map(({ learningRate }) => learningRate).join() !== this.rates) this.build(frame.lanes);
    this.loss.receive(frame);
    this.accuracy.receive(frame);
    frame.lanes.forEach((lane, index) => {
      const row = this.rows[index];
      row.accuracy.textContent = percent(lane.testAccuracy, 2);
      row.loss.textContent = fixed(lane.testLoss, 3);
      row.mark.textContent = [lane.winner && "ahead", lane.zigzag && "zig-zags", lane.rising && "rises"].filter(Boolean).join(", ");
      row.limit.textContent = `±${short(lane.limit, 3)}`;
      row.row.classList.toggle("best", lane.winner);
      row.tiles.forEach((canvas, digit) =>
        paint(canvas, frame[`templates${index}`].subarray(digit * 784, (digit + 1) * 784), signedPixel),
      );
    });
    const told = frame.lanes.filter((lane) => lane.winner || lane.zigzag || lane.rising).map((lane) => lane.words);
    const text = frame.iteration ? told : ["Press Start race: all rates learn from the same minibatches and the same start."];
    if (text.join() !== this.told) this.words.replaceChildren(...text.map((sentence) => make("li", null, sentence)));
    this.told = text.join();
  }

  build(lanes) {
    this.rates = lanes.map(({ learningRate }) => learningRate).join();
    const curves = lanes.map(({ learningRate }, lane) => ({
      name: short(learningRate),
      colour: RAMP[Math.round((lane / Math.max(1, lanes.length - 1)) * (RAMP.length - 1))],
      line: DASHES[lane % DASHES.length][0],
      dash: DASHES[lane % DASHES.length][1],
      style: "thick",
      lane,
    }));
    this.loss.setCurves(curves.map((curve) => ({ ...curve, x: "x", y: `loss${curve.lane}` })));
    this.accuracy.setCurves(curves.map((curve) => ({ ...curve, x: "testX", y: `accuracy${curve.lane}` })));
    const head = make("tr");
    for (const text of ["rate", "test accuracy", "test loss", "", "templates, 0 to 9", "full colour at"]) head.append(make("th", null, text));
    this.rows = lanes.map(({ learningRate }, lane) => {
      const row = make("tr");
      const name = make("th", null, short(learningRate));
      name.scope = "row";
      name.style.borderLeft = `6px solid ${curves[lane].colour}`;
      const [accuracy, loss, mark, pictures, limit] = Array.from({ length: 5 }, () => make("td"));
      mark.className = "mark";
      const strip = make("div", "tiles");
      strip.setAttribute("role", "img");
      strip.setAttribute("aria-label", `The ten templates at learning rate ${short(learningRate)}`);
      const tiles = Array.from({ length: 10 }, () => make("canvas"));
      strip.append(...tiles);
      pictures.append(strip);
      row.append(name, accuracy, loss, mark, pictures, limit);
      return { row, accuracy, loss, mark, limit, tiles };
    });
    this.table.replaceChildren(head, ...this.rows.map(({ row }) => row));
  }

  describe(frame) {
    return `After ${count(frame.iteration)} iterations: ${frame.lanes.map((lane) => `rate ${short(lane.learningRate)}: test accuracy ${percent(lane.testAccuracy, 2)}, test loss ${fixed(lane.testLoss, 3)}`).join("; ")}.`;
  }

  lost() {}
}
