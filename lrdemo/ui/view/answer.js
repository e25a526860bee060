// The picture the model is asked about, its answer and its ten probabilities, scored again at each refresh. Nothing
// moves while they change: what is not there leaves its place empty.

const aDigit = (digit) => (digit === 8 ? "an 8" : `a ${digit}`);
const MEANINGS = { Sure: "Sure: 90\u00a0% or more.", Probably: "Probably: 60 to 90\u00a0%.", Unsure: "Unsure: less than 60\u00a0%." };
const LOOKALIKES = { 0: "An O looks like a 0.", 1: "An l, an I and a stroke look like a 1." };
const NO_PICTURE = "No picture yet";

class Answer {
  constructor(root, data) {
    this.figure = make("figure", "answer");
    this.asked = make("div", "asked");
    this.canvas = pixelCanvas();
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", NO_PICTURE);
    this.caption = make("figcaption");
    // What a model gets that gets edges are the edges of this picture.
    this.before = make("div", "before");
    this.picture = pixelCanvas();
    this.picture.setAttribute("role", "img");
    this.before.append(this.picture, make("p", null, "28×28 pixels"));
    const given = make("div", "given");
    given.append(this.canvas, this.caption);
    this.asked.append(given);
    const verdict = make("div", "verdict");
    this.large = make("div", "large");
    this.large.setAttribute("aria-hidden", "true");
    this.words = make("p", "words");
    this.words.setAttribute("role", "status");
    this.means = make("p", "means");
    this.warning = make("p", "warning");
    this.warning.setAttribute("role", "status");
    this.cost = make("p", "cost");
    this.start = make("button", "start", "▶ Start training");
    this.start.type = "button";
    this.start.addEventListener("click", () => document.querySelector(".st-key-transport_Start button")?.click());
    const said = make("div", "said");
    said.append(this.words, this.warning, this.means, this.cost, this.start);
    verdict.append(this.large, said);
    this.table = make("table", "bars");
    const head = make("tr");
    for (const [text, kind] of [["digit"], ["probability", "of-bar"], [""], ["logit", "logit"]]) {
      const cell = make("th", kind, text);
      cell.scope = "col";
      if (!text) cell.setAttribute("aria-label", "probability in per cent");
      head.append(cell);
    }
    this.table.append(head);
    this.rows = Array.from({ length: 10 }, (_, digit) => this.row(digit));
    this.softmax = make("p", "softmax");
    this.figure.append(this.asked, verdict, this.table, this.softmax);
    root.append(this.figure);
    this.update(data);
    this.empty("");
  }

  row(digit) {
    const row = make("tr");
    const name = make("th", null, String(digit));
    name.scope = "row";
    const cell = make("td", "track");
    const { all, bar } = track();
    cell.append(all);
    const share = make("td", "number");
    const logit = make("td", "number logit");
    row.append(name, cell, share, logit);
    this.table.append(row);
    return { row, name, bar, share, logit };
  }

  // Each bar becomes a button that asks about its digit.
  touchable(ask) {
    this.rows.forEach(({ row, name }, digit) => {
      const button = make("button", "ask", String(digit));
      button.type = "button";
      name.replaceChildren(button);
      row.classList.add("touchable");
      row.addEventListener("click", () => ask(digit));
    });
  }

  update(data) {
    this.data = data;
  }

  receive(frame) {
    if (frame.blank) this.empty("Draw a digit.");
    if (!frame.probabilities) return;
    this.figure.classList.remove("blank");
    // While it trains the words change many times a second, and a screen reader would not stop talking.
    this.words.setAttribute("aria-live", frame.state === "running" ? "off" : "polite");
    const changed = Boolean(frame.changedImage && frame.why.push);
    const logits = changed ? frame.changedLogits : frame.logits;
    const probabilities = changed ? frame.changedProbabilities : frame.probabilities;
    this.showPicture(frame, changed);
    const known = probabilities.every(Number.isFinite);
    const best = known ? probabilities.indexOf(Math.max(...probabilities)) : -1;
    this.rows.forEach(({ row, bar, share, logit }, digit) => {
      const p = probabilities[digit];
      bar.style.width = known ? `${100 * p}%` : 0;
      share.textContent = percent(p);
      logit.textContent = fixed(logits[digit], 2);
      row.classList.toggle("best", digit === best);
    });
    const right = known && frame.label != null ? probabilities[frame.label] : null;
    this.cost.textContent = right == null ? "" : `Its cost: −log ${fixed(right, 3)} = ${fixed(-Math.log(right), 3)}`;
    this.softmax.textContent =
      frame.temperature === 1
        ? "Probability = softmax(logits)."
        : `Probability = softmax(logits / ${fixed(frame.temperature, 2)}), so that on drawings 80\u00a0% is right about 80 times in 100.`;
    const { digit, words, means, warning, start } = known
      ? this.judged(frame, best, Math.round(1000 * probabilities[best]) / 1000)
      : { digit: "?", words: "No answer: training has diverged.", means: "Choose a lower learning rate, then press Reset." };
    this.say(digit, words, means ?? "", warning ?? "", Boolean(start));
  }

  showPicture({ image, changedImage, picture, shown }, changed) {
    const given = changed ? changedImage : image;
    const form = formOf(given);
    const beside = Boolean(picture) && this.data.view !== "lab";
    this.figure.classList.toggle("edges", beside);
    if (beside) this.asked.prepend(this.before);
    else this.before.remove();
    paint(this.canvas, given, inkPixel);
    this.canvas.setAttribute("aria-label", `${changed ? "The changed picture" : shown}, ${form.given}`);
    this.caption.textContent = changed ? form.changed : "what the model gets";
    this.before.classList.toggle("gone", changed);
    if (!beside) return;
    paint(this.picture, picture, inkPixel);
    this.picture.setAttribute("aria-label", `${shown}, as 28×28 pixels`);
  }

  // `share` is judged as it is shown: 0.9 as a float of 4 bytes is a little less.
  judged({ iteration, taught, threshold, warning, hint, drawn, nearest, unusual }, best, share) {
    if (!iteration && !taught) return { digit: best, words: `Untrained: this ${best} is a guess.`, start: true };
    if (share < threshold) {
      return { digit: "?", words: `I don’t know: ${best} at ${percent(share)} is below your threshold.`, warning };
    }
    const but = share >= 0.9 && drawn ? this.reservation(best, nearest, unusual) : null;
    const word = share >= 0.9 && !but ? "Sure" : share >= 0.6 ? "Probably" : "Unsure";
    const answer = { digit: best, words: `${warning ? "Doubtful" : word}: ${aDigit(best)}, with ${percent(share)}.` };
    if (warning) return { ...answer, warning };
    if (!iteration) return { ...answer, means: "Taught, not trained: it knows your drawings and little else." };
    return { ...answer, means: hint ?? but ?? MEANINGS[word] };
  }

  // Why the answer to a drawing is not called sure, whatever its probability: `is_sure` in lrdemo/answers.
  reservation(best, nearest, unusual) {
    if (nearest != null && nearest !== best) return `Its shape is nearer to that of ${aDigit(nearest)}.`;
    if (unusual) return `Its shape is unusual for ${aDigit(best)}.`;
    return LOOKALIKES[best] ?? null;
  }

  empty(words) {
    this.figure.classList.add("blank");
    this.canvas.width = this.picture.width = 28;
    this.canvas.setAttribute("aria-label", NO_PICTURE);
    this.caption.textContent = "what the model gets";
    for (const { row, bar, share, logit } of this.rows) {
      row.classList.remove("best");
      bar.style.width = 0;
      share.textContent = "";
      logit.textContent = "";
    }
    this.softmax.textContent = this.cost.textContent = "";
    this.say("", words, "", "", false);
  }

  say(digit, words, means, warning, start) {
    this.large.textContent = digit;
    this.means.textContent = means;
    this.start.hidden = !start || this.data.view !== "answer";
    // Rewriting the same text would make screen readers repeat it.
    if (this.words.textContent !== words) this.words.textContent = words;
    if (this.warning.textContent !== warning) this.warning.textContent = warning;
  }

  lost() {}
}
