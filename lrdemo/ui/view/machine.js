// The one picture: a digit, ten templates, ten scores, ten probabilities, one cost, with the numbers of the visitor's run.
// Each chapter lights up its part; a line is the thicker, the more of the evidence goes along it.

const COLUMNS = { x: ["pixels", "x"], W: ["templates", "W, b"], z: ["scores", "z"], p: ["probabilities", "p"], L: ["cost", "−log p"] };
const NARROW = matchMedia("(max-width: 1000px)");
const THINNEST = 1;
const THICKEST = 8;
// Of a score that is set by hand.
const REACH = 10;
const NOT_LINEAR =
  "This picture shows softmax regression, and your run trains a multilayer perceptron. Choose softmax regression on the page Train, then press Reset.";
const DIVERGED = "Training has diverged: the scores are no longer finite numbers. Choose a lower learning rate on the page Train, then press Reset.";

function softmaxOf(scores, temperature) {
  const largest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp((score - largest) / temperature));
  const sum = powers.reduce((one, other) => one + other);
  return powers.map((power) => power / sum);
}

// The end of a scale that only seldom changes: 2, 5, 10, 20, 50, …
function reachOf(values) {
  const most = Math.max(...values.map(Math.abs));
  return [2, 5, 10, 20, 50, 100, 200, 500, 1000].find((reach) => most <= reach) ?? most;
}

class Machine {
  constructor(root, data, view) {
    Object.assign(this, { view, data, met: new Set(data.met) });
    this.figure = make("figure", `machine of-${data.chapter}`);
    this.problem = make("p", "problem");
    this.problem.setAttribute("role", "status");
    this.links = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    this.links.setAttribute("aria-hidden", "true");
    this.moment = make("figcaption");
    this.digit = make("div", "digit");
    this.head = Object.fromEntries(Object.keys(COLUMNS).map((part) => [part, make("div", `head of-${part}`)]));
    this.image = pixelCanvas();
    this.image.setAttribute("role", "img");
    this.digit.append(this.head.x, this.image);
    this.table = make("table");
    const widths = make("colgroup");
    widths.append(...["name", "tile", "line", "bar", "number", "line", "bar", "number"].map((kind) => make("col", `col-${kind}`)));
    this.table.append(widths, this.headRow());
    this.rows = Array.from({ length: 10 }, (_, digit) => this.row(digit));
    this.price = make("div", "price");
    this.amount = make("output", "amount");
    this.sum = make("p", "sum");
    this.price.append(this.head.L, this.amount, this.sum);
    this.parts = make("div", "machine-parts");
    this.parts.append(this.links, this.digit, this.table, this.price);
    this.choice = new Choice(this.parts, view);
    this.figure.append(this.moment, this.problem, this.parts, this.below());
    root.append(this.figure);
    this.follow();
    if (data.chapter === "scores") this.choose(null);
  }

  headRow() {
    const row = make("tr");
    for (const [part, span] of [["W", 3], ["z", 3], ["p", 2]]) {
      const cell = make("th");
      Object.assign(cell, { scope: "col", colSpan: span });
      cell.append(this.head[part]);
      row.append(cell);
    }
    return row;
  }

  row(digit) {
    const row = make("tr");
    const name = make("th", "name");
    name.scope = "row";
    if (this.data.chapter === "scores") {
      const button = make("button", "ask", String(digit));
      button.type = "button";
      name.append(button);
      row.classList.add("touchable");
      row.addEventListener("click", () => this.choose(digit));
    } else name.textContent = digit;
    const tile = pixelCanvas("tile");
    const template = make("td", "template");
    template.append(tile);
    const [score, share] = [track("score"), track("share")];
    const [ofScore, ofShare] = [make("td", "track of-z"), make("td", "track of-p")];
    ofScore.append(score.all);
    ofShare.append(share.all);
    const [scoreNumber, shareNumber] = [make("td", "number"), make("td", "number")];
    row.append(name, template, make("td"), ofScore, scoreNumber, make("td"), ofShare, shareNumber);
    this.table.append(row);
    const hand = this.data.chapter === "answer" ? this.hand(digit, score.all) : null;
    return { row, tile, score, scoreNumber, share, shareNumber, hand };
  }

  // A score is moved by its bar.
  hand(digit, all) {
    const input = make("input");
    Object.assign(input, { type: "range", min: -REACH, max: REACH, step: 0.1 });
    input.setAttribute("aria-label", `Score of ${digit}`);
    input.addEventListener("input", () => {
      this.moved ??= [...this.frame.logits];
      this.moved[digit] = Number(input.value);
      this.receive(this.frame);
    });
    all.append(input);
    return input;
  }

  below() {
    const below = make("div", "below");
    if (this.data.chapter === "answer") {
      this.back = make("button", "back", "Back to the model’s scores");
      this.back.type = "button";
      this.back.addEventListener("click", () => {
        this.moved = null;
        this.receive(this.frame);
      });
      this.hint = make("p", "hint");
      below.append(this.hint, this.back);
    } else if (this.data.chapter === "scores") {
      this.product = make("div", "product");
      this.factors = ["x", "W", "sum"].map((kind) => {
        const part = make("div", `factor of-${kind}`);
        const canvas = pixelCanvas();
        canvas.setAttribute("role", "img");
        const words = make("p");
        part.append(canvas, words);
        this.product.append(part);
        return { canvas, words };
      });
      this.addition = make("p", "addition");
      this.addition.setAttribute("role", "status");
      below.append(this.product, this.addition);
    }
    return below;
  }

  choose(digit) {
    this.chosen = digit;
    this.view.ask({ kind: "evidence", digit, push: 0, onPad: false });
  }

  update(data) {
    this.data = data;
    this.choice.update(data);
    this.light();
  }

  // Which step is being read lights up its parts.
  follow() {
    this.scroller = document.querySelector(".stMain");
    this.look = () => {
      this.looking ??= requestAnimationFrame(() => {
        this.looking = null;
        this.light();
      });
    };
    this.scroller?.addEventListener("scroll", this.look, { passive: true });
    window.addEventListener("resize", this.look);
  }

  light() {
    const steps = Object.entries(this.data.lit).map(([name, parts]) => ({ parts, place: document.querySelector(`.st-key-step_${name}`) }));
    const line = 0.6 * window.innerHeight;
    const reached = steps.filter(({ place }, i) => i === 0 || (place && place.getBoundingClientRect().top < line));
    // On a narrow screen the steps stand below the picture, and it is told of as a whole.
    const parts = NARROW.matches ? steps.flatMap((step) => step.parts) : reached.at(-1).parts;
    for (const part of parts) this.met.add(part);
    for (const [part, [name, symbol]] of Object.entries(COLUMNS)) {
      this.head[part].textContent = part === "x" && this.form ? this.form.parts : name;
      if (this.met.has(part)) this.head[part].append(" ", make("i", "symbol", symbol));
      this.figure.classList.toggle(`lit-${part}`, parts.includes(part));
    }
  }

  receive(frame) {
    if (frame.state === "starting") return;
    this.frame = frame;
    this.choice.receive(frame);
    const untrained = !frame.iteration && !frame.taught;
    const moment = untrained
      ? "Your run, untrained: press Start to see it learn"
      : `Your run at iteration ${count(frame.iteration)}${frame.taught ? ", taught" : ""}`;
    this.moment.textContent = frame.told?.title ?? moment;
    // Scores set by hand belong to the picture that they were set for.
    if (frame.shown !== this.shown) this.moved = null;
    this.shown = frame.shown;
    const linear = !frame.hiddenUnits;
    const known = Boolean(frame.logits?.every(Number.isFinite));
    this.problem.textContent = !linear ? NOT_LINEAR : frame.logits && !known ? DIVERGED : frame.blank ? "Choose a picture, or draw one on the page Draw." : "";
    this.parts.classList.toggle("none", Boolean(this.problem.textContent));
    if (this.problem.textContent || !frame.templates || !frame.logits) return;
    this.scores = this.moved ?? [...frame.logits];
    this.shares = this.moved ? softmaxOf(this.moved, frame.temperature) : [...frame.probabilities];
    paint(this.image, frame.image, inkPixel);
    if (this.form !== formOf(frame.image)) {
      this.form = formOf(frame.image);
      this.light();
    }
    this.image.setAttribute("aria-label", `${frame.shown}, ${this.form.given}`);
    this.show(frame);
    this.tell(frame);
    this.join();
  }

  show(frame) {
    const reach = this.data.chapter === "answer" ? Math.max(REACH, reachOf(this.scores)) : reachOf(this.scores);
    const best = this.shares.indexOf(Math.max(...this.shares));
    this.rows.forEach(({ row, tile, score, scoreNumber, share, shareNumber, hand }, digit) => {
      const [z, p] = [this.scores[digit], this.shares[digit]];
      paint(tile, template(frame.templates, digit), signedPixel);
      score.bar.style.left = `${50 + Math.min(0, 50 * z / reach)}%`;
      score.bar.style.width = `${Math.abs(50 * z / reach)}%`;
      scoreNumber.textContent = fixed(z, 2);
      share.bar.style.width = `${100 * p}%`;
      shareNumber.textContent = percent(p);
      row.classList.toggle("best", digit === best);
      row.classList.toggle("target", digit === frame.label);
      row.classList.toggle("chosen", digit === this.chosen);
      if (!hand) return;
      Object.assign(hand, { min: -reach, max: reach });
      hand.value = z;
      hand.setAttribute("aria-valuetext", `${fixed(z, 1)}: probability ${percent(p)}`);
    });
  }

  tell(frame) {
    const { label } = frame;
    const p = label == null ? null : this.shares[label];
    this.amount.textContent = p == null ? MISSING : fixed(-Math.log(p), 3);
    this.sum.textContent = p == null ? "Your drawing has no label." : `label ${label}: −log ${fixed(p, 3)}`;
    if (this.hint) {
      this.hint.textContent = this.moved ? "Scores moved by hand." : "Drag the bar of a score, or use the arrow keys.";
      this.back.hidden = !this.moved;
    }
    const { why } = frame;
    if (!this.product || why?.kind !== "evidence") return;
    const { first } = why;
    const [x, W, sum] = this.factors;
    paint(x.canvas, frame.image, inkPixel);
    paint(W.canvas, template(frame.templates, first), signedPixel);
    paint(sum.canvas, frame.parts, signedPixel);
    x.words.textContent = `${this.form.parts} x`;
    W.words.textContent = `template of ${first}`;
    sum.words.textContent = "products";
    x.canvas.setAttribute("aria-label", frame.shown);
    W.canvas.setAttribute("aria-label", `Weights of digit ${first}: red is above zero, blue below`);
    sum.canvas.setAttribute("aria-label", `${this.form.factor} × weight for digit ${first}: red adds to the score, blue lowers it`);
    const words =
      `Red adds ${fixed(why.favour, 2)}, blue takes away ${fixed(-why.against, 2)}: together ${fixed(why.total, 2)}. ` +
      `With the bias ${fixed(why.bias, 2)} the score of ${first} is ${fixed(why.logit, 2)}.`;
    // Rewriting the same text would make screen readers repeat it.
    this.addition.setAttribute("aria-live", frame.state === "running" ? "off" : "polite");
    if (this.addition.textContent !== words) this.addition.textContent = words;
  }

  // The lines from part to part.
  join() {
    if (!this.scores || !this.parts.clientWidth) return;
    const outer = this.parts.getBoundingClientRect();
    const at = (element) => {
      const box = element.getBoundingClientRect();
      return { left: box.left - outer.left, right: box.right - outer.left, y: box.top - outer.top + box.height / 2 };
    };
    const most = Math.max(...this.scores.map(Math.abs), 1e-9);
    const lines = [];
    const line = (part, from, to, share, sign) => {
      const width = THINNEST + (THICKEST - THINNEST) * Math.min(1, share);
      const bend = (from.x + to.x) / 2;
      lines.push(`<path class="to-${part} ${sign < 0 ? "against" : "for"}" stroke-width="${width.toFixed(1)}" d="M${from.x} ${from.y}C${bend} ${from.y} ${bend} ${to.y} ${to.x} ${to.y}"/>`);
    };
    const image = at(this.image);
    this.rows.forEach(({ row, tile, score, scoreNumber, share }, digit) => {
      const [picture, bar, number, chance] = [at(tile), at(score.all), at(scoreNumber), at(share.all)];
      const evidence = Math.abs(this.scores[digit]) / most;
      const name = at(row.firstElementChild);
      if (!this.moved) {
        line("W", { x: image.right, y: image.y }, { x: name.left, y: picture.y }, evidence, this.scores[digit]);
        line("z", { x: picture.right, y: picture.y }, { x: bar.left, y: bar.y }, evidence, this.scores[digit]);
      }
      line("p", { x: number.right, y: bar.y }, { x: chance.left, y: chance.y }, this.shares[digit], 1);
    });
    const { label } = this.frame;
    if (label != null) {
      const [from, to] = [at(this.rows[label].shareNumber), at(this.amount)];
      line("L", { x: from.right, y: from.y }, { x: to.left, y: to.y }, -Math.log(this.shares[label]) / 4, 1);
    }
    this.links.innerHTML = lines.join("");
  }

  lost() {}

  close() {
    this.scroller?.removeEventListener("scroll", this.look);
    window.removeEventListener("resize", this.look);
    cancelAnimationFrame(this.looking);
  }
}
