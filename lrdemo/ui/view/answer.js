// The picture the model is asked about, and its ten probabilities, scored again at each refresh.

class Answer {
  constructor(root, data) {
    this.figure = make("figure", "answer");
    this.caption = make("figcaption");
    const body = make("div", "body");
    const left = make("div", "asked");
    this.canvas = make("canvas");
    this.canvas.width = 28;
    this.canvas.height = 28;
    this.canvas.setAttribute("role", "img");
    this.words = make("p", "words");
    this.words.setAttribute("role", "status");
    left.append(this.canvas, this.words);
    this.warning = make("p", "warning");
    this.warning.setAttribute("role", "status");
    this.table = make("table", "bars");
    const head = make("tr");
    for (const [text, hidden] of [["digit", false], ["probability", false], ["", true], ["logit", false]]) {
      const cell = make("th", null, text);
      cell.scope = "col";
      if (hidden) cell.setAttribute("aria-label", "probability in per cent");
      head.append(cell);
    }
    this.table.append(head);
    this.rows = Array.from({ length: 10 }, (_, digit) => {
      const row = make("tr");
      const name = make("th", null, String(digit));
      name.scope = "row";
      const track = make("td", "track");
      const bar = make("div", "share");
      track.append(bar);
      const share = make("td", "number");
      const logit = make("td", "number");
      row.append(name, track, share, logit);
      this.table.append(row);
      return { row, bar, share, logit };
    });
    body.append(left, this.table);
    this.figure.append(this.caption, this.warning, body);
    root.append(this.figure);
    this.update(data);
  }

  update(data) {
    this.data = data;
  }

  receive(frame) {
    this.figure.classList.toggle("blank", Boolean(frame.blank));
    if (frame.blank) this.say("The canvas is empty. Draw a digit.", "No drawing yet");
    this.warn(frame.blank || !frame.warning ? "" : frame.warning);
    if (!frame.probabilities) return;
    paint(this.canvas, frame.image, inkPixel);
    const known = frame.probabilities.every(Number.isFinite);
    const best = known ? frame.probabilities.indexOf(Math.max(...frame.probabilities)) : -1;
    this.rows.forEach(({ row, bar, share, logit }, digit) => {
      const p = frame.probabilities[digit];
      bar.style.width = known ? `${100 * p}%` : 0;
      share.textContent = percent(p);
      logit.textContent = fixed(frame.logits[digit], 2);
      row.classList.toggle("best", digit === best);
    });
    this.canvas.setAttribute("aria-label", `${frame.shown}, as the 28×28 pixels that the model gets`);
    this.say(known ? this.sentence(frame, best) : "No answer: training has diverged.", `${frame.shown}: the model’s answer`);
  }

  sentence({ probabilities, threshold, iteration, taught }, best) {
    // Judged as it is shown: 0.9 as a float of 4 bytes is a little less.
    const sure = Math.round(1000 * probabilities[best]) / 1000;
    const name = best === 8 ? "an 8" : `a ${best}`;
    if (!iteration && !taught) return `Untrained: this ${best} is a guess.`;
    if (sure < threshold) return `I don’t know: ${best} at ${percent(sure)} is below your threshold.`;
    const word = sure >= 0.9 ? "Sure" : sure >= 0.6 ? "Probably" : "Unsure";
    return `${word}: ${name}, with ${percent(sure)}.`;
  }

  say(text, caption) {
    this.caption.textContent = caption;
    // Rewriting the same text would make screen readers repeat it.
    if (this.words.textContent !== text) this.words.textContent = text;
  }

  warn(text) {
    if (this.warning.textContent !== text) this.warning.textContent = text;
  }

  lost() {}
}
