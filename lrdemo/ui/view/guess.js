// Guess before you press: two guesses, asked where the accuracy will be drawn, then marked there and compared with what
// came of them. They belong to one run, and are gone when it is reset or started again.

// By run, so that they outlive a change of page: the browser loads this script once.
const guesses = (window.lrdemoGuesses = new Map());
// Heights of the chart that curves and the line of guessing mostly leave free.
const FREE = [0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7];
const TAKEN = [0.1, 0.9];

class Guess {
  constructor(chart, token) {
    Object.assign(this, { chart, token });
    this.form = make("form", "guess");
    this.ask = make("p", "ask");
    this.form.append(this.ask);
    [this.untrained, this.trained] = [this.question(), this.question()];
    this.untrained.name.textContent = "untrained";
    this.form.append(make("button", null, "Guess"));
    this.form.addEventListener("submit", (event) => this.take(event));
    this.line = make("p", "line");
    this.line.setAttribute("role", "status");
    this.told = make("span", "told");
    this.line.append(this.told);
    chart.figure.append(this.form, this.line);
    chart.finish = (pen, colours) => this.mark(pen, colours);
    const { describe } = chart;
    chart.describe = (frame) => [describe(frame), ...this.marks.map(({ at, words }) => `At ${count(at)}: ${words}.`)].join(" ");
  }

  question() {
    const label = make("label");
    const name = make("span");
    const input = make("input");
    Object.assign(input, { type: "range", min: 0, max: 100, value: 50 });
    const value = make("span", "value");
    value.setAttribute("aria-hidden", "true");
    const show = () => {
      value.textContent = percent(input.value / 100, 0);
      input.setAttribute("aria-valuetext", value.textContent);
    };
    input.addEventListener("input", show);
    show();
    label.append(name, input);
    this.form.append(label, value);
    return { name, input };
  }

  get guess() {
    return guesses.get(this.token);
  }

  get marks() {
    const { guess, frame } = this;
    if (!guess || !frame) return [];
    const [untrained, trained] = guess.shares.map((share) => ({ share, words: `your guess ${percent(share, 0)}` }));
    return [{ ...untrained, at: 0 }, { ...trained, at: frame.iterations }];
  }

  take(event) {
    event.preventDefault();
    guesses.set(this.token, { shares: [this.untrained, this.trained].map(({ input }) => input.value / 100) });
    this.receive(this.frame);
    this.chart.receive(this.frame);
    // The button that had the focus is gone.
    this.chart.canvas.focus();
  }

  receive(frame) {
    if (frame.state === "starting") return;
    this.frame = frame;
    if (this.guess && !neverTrained(frame)) this.guess.run ??= frame.revision;
    if (this.guess?.run != null && this.guess.run !== frame.revision) guesses.delete(this.token);
    this.chart.figure.classList.toggle("asking", neverTrained(frame) && !this.guess);
    this.ask.textContent = `Guess first: what share of the ${imagesOf(frame)} will it classify correctly?`;
    const last = count(frame.iterations);
    this.trained.name.textContent = `after ${last}\u00a0${last === "1" ? "iteration" : "iterations"}`;
    this.tell(frame);
  }

  // How near the guess is whose value is there.
  tell({ state, testX, testAccuracies, reached }) {
    const { guess, chart } = this;
    const near = (when, share, guessed) => `${when}: ${percent(share)}. You guessed ${percent(guessed, 0)}.`;
    let words = "";
    if (guess && state === "finished" && testX?.at(-1) === reached) words = near("Trained", testAccuracies.at(-1), guess.shares[1]);
    else if (guess && testX?.[0] === 0) words = near("Untrained", testAccuracies[0], guess.shares[0]);
    // Rewriting the same text would make screen readers repeat it.
    if (this.told.textContent !== words) this.told.textContent = words;
    if (!words || !chart.scales) return;
    const taken = [...TAKEN, ...guess.shares];
    const room = (height) => Math.min(...taken.map((other) => Math.abs(height - other)));
    const freest = FREE.reduce((best, height) => (room(height) > room(best) + 1e-9 ? height : best));
    this.line.style.top = `${chart.canvas.offsetTop + chart.scales.y(freest)}px`;
  }

  // A diamond at each guess, with its words towards the middle of the chart.
  mark(pen, colours) {
    const { x, y, top, bottom } = this.chart.scales;
    const [side, half] = [rem(0.35), rem(TYPE_REM) / 2];
    this.marks.forEach(({ share, at, words }) => {
      const [across, down] = [x(at), y(share)];
      pen.beginPath();
      for (const [right, below] of [[0, -side], [side, 0], [0, side], [-side, 0]]) pen.lineTo(across + right, down + below);
      pen.closePath();
      pen.fillStyle = colours.text;
      pen.fill();
      const inwards = at ? -1 : 1;
      pen.textAlign = at ? "right" : "left";
      pen.textBaseline = "middle";
      // Lines may pass behind the words.
      pen.strokeStyle = colours.paper;
      pen.lineWidth = 4;
      const told = [words, across + inwards * 1.7 * side, Math.max(top + half, Math.min(bottom - half, down))];
      pen.strokeText(...told);
      pen.fillText(...told);
    });
  }

  lost() {}
}
