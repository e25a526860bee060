// Why this answer: the evidence, the duel with another digit, and the smallest change, beside the answer and live.
// Python computes the numbers from the run's weights; here they are asked for and shown.

const WHY_KINDS = { evidence: "Why this answer?", duel: "Why not another?", change: "What would change it?" };
const WHY_HINT = "Touch a bar to ask about its digit.";
const noMap = ({ part, parts }) =>
  `Only softmax regression can be explained ${part} by ${part}. In the multilayer perceptron each ${part}’s part depends on all other ${parts}, so no map of single ${parts} adds up to its answer.`;
const FORMULA =
  "With d = template of the answer − template of the other digit and m = difference of their logits, δ = −m · d / |d|² makes the two logits equal.";
const EVENED = "On the pad: strokes are evened to one width first, so the edges differ a little.";

// What the colours of the parts mean.
function colours({ kind, first, second }, { ink, added }) {
  if (kind === "change") return `Red: ${added}. Blue: taken away.`;
  return `Red: ${ink} here speaks for ${first}. Blue: ${kind === "duel" ? `for ${second}` : "against it"}.`;
}

class Why {
  constructor(root, answer, ask) {
    this.answer = answer;
    this.ask = ask;
    this.kind = null;
    this.digit = null;
    this.onPad = false;
    // The button for it stands among the pad's tools (draw/canvas_tools.js).
    this.turn = () => this.lay(!this.onPad);
    window.addEventListener("lrdemo-lay-evidence", this.turn);
    this.root = make("section", "why");
    this.root.setAttribute("aria-label", "Why this answer?");
    const kinds = make("div", "kinds");
    this.buttons = Object.entries(WHY_KINDS).map(([kind, text]) => {
      const button = make("button", "kind", text);
      button.type = "button";
      button.addEventListener("click", () => this.choose(this.kind === kind ? null : kind));
      kinds.append(button);
      return { kind, button };
    });
    this.hint = make("p", "hint", WHY_HINT);
    kinds.append(this.hint);
    this.panel = make("div", "panel");
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.key = make("p", "key");
    const picture = make("div", "parts");
    picture.append(this.canvas);
    this.heading = make("h2");
    this.slider = make("input");
    Object.assign(this.slider, { type: "range", min: 0, max: 1, step: 0.01, value: 0 });
    this.slider.setAttribute("aria-label", "How far to change the picture");
    this.slider.addEventListener("input", () => this.send());
    this.sums = make("table", "sums");
    this.text = make("p", "text");
    this.laid = make("p", "laid");
    this.details = make("details");
    this.more = make("div", "more");
    this.details.append(make("summary", null, "Details"), this.more);
    const words = make("div", "explained");
    words.append(this.heading, this.slider, this.sums, this.key, this.text, this.laid, this.details);
    this.panel.append(picture, words);
    this.root.append(kinds, this.panel);
    root.append(this.root);
    answer.touchable((digit) => this.touch(digit));
    // Another page may have led here with the question.
    this.choose(window.lrdemoWhyNext ?? null);
    window.lrdemoWhyNext = null;
  }

  touch(digit) {
    this.digit = digit;
    this.choose(this.kind ?? (digit === this.best ? "evidence" : "duel"), digit);
  }

  choose(kind, digit = null) {
    this.kind = kind;
    this.digit = digit;
    this.slider.value = 0;
    if (!kind) this.tellLaid(false);
    this.root.classList.toggle("closed", !kind);
    for (const { kind: one, button } of this.buttons) button.setAttribute("aria-pressed", String(one === kind));
    this.send();
  }

  // Whether the evidence lies on the pad as well; without a question it is the evidence for the answer.
  lay(on) {
    this.tellLaid(on);
    if (on && !this.kind) this.choose("evidence");
    else this.send();
  }

  tellLaid(on) {
    this.onPad = window.lrdemoEvidenceOnPad = on;
    window.dispatchEvent(new Event("lrdemo-evidence-laid"));
  }

  send() {
    this.ask(this.kind && { kind: this.kind, digit: this.digit, push: Number(this.slider.value), onPad: this.onPad });
  }

  receive(frame) {
    const known = frame.probabilities?.every(Number.isFinite);
    this.best = known ? frame.probabilities.indexOf(Math.max(...frame.probabilities)) : -1;
    const why = frame.why?.kind === this.kind ? frame.why : null;
    const shown = Boolean(why?.linear && why.known);
    this.panel.classList.toggle("none", !shown);
    this.hint.textContent = why && !why.linear ? noMap(formOf(frame.image)) : WHY_HINT;
    this.answer.rows.forEach(({ row }, digit) => row.classList.toggle("rival", shown && digit === (why.second ?? why.first)));
    if (!shown) return;
    this.slider.hidden = why.kind !== "change" || !frame.changedImage;
    this.sums.hidden = why.kind === "change";
    this.canvas.hidden = !frame.parts;
    if (frame.parts) paint(this.canvas, frame.parts, signedPixel);
    this.laid.textContent = frame.onPad && frame.testImage === null ? EVENED : "";
    if (why.kind === "change") this.change(frame, why, formOf(frame.image));
    else this.addition(frame, why, formOf(frame.image));
  }

  addition(frame, why, form) {
    const { first, second } = why;
    const duel = why.kind === "duel";
    this.heading.textContent = duel ? `Why ${first} and not ${second}?` : first === this.best ? `Why ${first}?` : `What speaks for ${first}?`;
    this.key.textContent = `${form.factor} × weight, ±${short(why.limit, 2)}. ${colours(why, form)}`;
    this.canvas.setAttribute("aria-label", this.key.textContent);
    this.rows([
      [duel ? `${form.parts} for ${first}` : `${form.parts} in favour`, why.favour],
      [duel ? `${form.parts} for ${second}` : `${form.parts} against`, why.against],
      ["sum of the evidence", why.total],
      [duel ? "difference of the biases" : "bias", why.bias],
      [duel ? `logit of ${first} − logit of ${second}` : `logit of ${first}`, why.logit],
    ]);
    const power = frame.temperature === 1 ? fixed(why.logit, 2) : `${fixed(why.logit, 2)} / ${fixed(frame.temperature, 2)}`;
    this.text.textContent = duel ? `${first} is ${short(why.times, 3)} times as probable as ${second}: e^(${power}).` : "";
    const additions = why.totals.map((total, digit) => `${digit}: ${signed(total, 4)} ${signed(why.biases[digit], 4)} = ${signed(total + why.biases[digit], 4)}`);
    this.tell([
      "Evidence + bias = logit, of all ten digits:",
      ...additions,
      `Nothing is left out. The model adds 32-bit numbers, so here its result differs by ${short(why.error, 1)}.`,
    ]);
  }

  change(frame, why, form) {
    const { first, second } = why;
    this.heading.textContent = `What would make it ${aDigit(second)}?`;
    if (!frame.changedImage) {
      this.key.textContent = "";
      this.text.textContent = `No picture of ${form.among("between 0", "and")} makes ${second} overtake ${first}.`;
    } else {
      this.key.textContent = `Change, ±${short(why.most, 2)}. ${colours(why, form)}`;
      this.canvas.setAttribute("aria-label", this.key.textContent);
      const past = why.push === 1 ? `${second} has just overtaken ${first}.` : `Slide to the end, and ${second} overtakes ${first}.`;
      this.text.textContent =
        `${past} The smallest change has size ${fixed(why.size, 3)}, ${percent(why.size / why.whole, 0)} of the picture’s own; ` +
        `no ${form.part} changes by more than ${short(why.most, 2)}.${form.aside}`;
    }
    this.tell([
      `Size: the root of the sum of squares over all ${form.parts}.`,
      FORMULA,
      `Here |δ| is ${fixed(why.formula, 3)}. ` +
        `Limited to ${form.among("from 0", "to")} it ` +
        (why.enough ? "still flips the answer." : `no longer flips the answer; repeating it on the ${form.parts} that can still move finds the change above.`),
    ]);
  }

  rows(found) {
    this.sums.replaceChildren(
      ...found.map(([name, value], at) => {
        const row = make("tr", at === found.length - 1 ? "total" : null);
        const head = make("th", null, name);
        head.scope = "row";
        row.append(head, make("td", "number", signed(value, 4)));
        return row;
      }),
    );
  }

  tell(lines) {
    this.more.replaceChildren(...lines.map((line) => make("p", null, line)));
  }

  lost() {}

  close() {
    window.removeEventListener("lrdemo-lay-evidence", this.turn);
    this.tellLaid(false);
  }
}
