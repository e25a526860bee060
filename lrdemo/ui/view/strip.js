// The read-out of the transport line: where the run stands, in one line; the other figures folded under "Details".

const WORDS = {
  starting: "Loading the digits …",
  ready: "Untrained: press Start",
  running: "Training",
  paused: "Paused",
  finished: "Finished",
  diverged: "Stopped: the loss is no longer a number",
};
const BUSY = "The computer is busy; your click is in the queue";
const TAUGHT = "Taught, untrained otherwise";
const EXPLODED = "Training has gone wrong";
const PENDING = "Changed settings apply at the next start or reset.";
const FIGURES = [
  ["iteration", "Iteration", "Each iteration trains on one minibatch."],
  ["epoch", "Epoch", "One epoch is once through all training images."],
  ["loss", "Loss (train)", "Mean cross-entropy of the last minibatches, smoothed."],
  ["accuracy", "Accuracy", "Share of the images it is tested on that are classified correctly."],
  ["speed", "Speed", "Iterations per second."],
  ["device", "Device", "Where the training is computed."],
  ["gradients", "By hand − autograd", "Largest difference between the two gradients on the next minibatch."],
];

// What is trained beside the visitor's own run has several accuracies, which stand on its page.
const besideOf = (data) => ["race", "comparison"].find((name) => data[name]);

// Its accuracy is not told before the visitor has had a chance to guess it.
const neverTrained = ({ state, taught }) => state === "ready" && !taught;

// What the run is doing, in a few words; trouble first.
function stateWords({ problem, busy, exploded, taught, state, iteration, wanted }, { step }) {
  if (problem) return problem;
  if (busy) return BUSY;
  if (wanted != null) return "Looking back";
  if (exploded && state !== "diverged") return state === "finished" ? `Finished, but ${EXPLODED.toLowerCase()}` : EXPLODED;
  if (taught && !iteration && state !== "running") return TAUGHT;
  // Beside the step there is no Start.
  if (step && state === "ready") return "Untrained";
  return WORDS[state] ?? state;
}

// What has come of it and what to do next.
function noteWords(frame, { race, comparison, linear }) {
  const { state, busy, exploded, pending, rebuilt, taught, iteration, reached, wanted } = frame;
  if (busy || comparison) return "";
  if (wanted != null) {
    const now = state === "running" ? `The run goes on; it is at ${count(reached)}.` : `The run stands at ${count(reached)}.`;
    return wanted === iteration ? now : `${now} Computing iteration ${count(wanted)}\u00a0…`;
  }
  if (race) return state === "diverged" ? "The highest rate diverged. Remove it and reset the race." : "";
  if (state === "diverged" || exploded) return "Choose a lower learning rate or a lower momentum, then press Reset.";
  if (pending) return PENDING;
  if (state === "finished") return linear ? "About 92.5\u00a0% is what a linear model on pixels can reach." : "";
  if (rebuilt) return "The training process stopped and was started again. Your run was restored to where it was.";
  if (taught && !iteration) return "The model knows your drawings and little else. Press Start to train it from the beginning.";
  if (state === "ready") return "The model has learnt nothing yet.";
  return "";
}

class Strip {
  constructor(root, data, view) {
    const beside = besideOf(data);
    this.root = make("section", beside ? `strip of-${beside}` : "strip");
    this.root.setAttribute("aria-label", beside ? `Progress of the ${beside}` : "Training progress");
    this.bar = make("div", "bar");
    this.bar.setAttribute("role", "progressbar");
    this.bar.setAttribute("aria-label", "Iterations done");
    this.fill = make("div", "fill");
    this.bar.append(this.fill);
    const said = make("div", "said");
    this.headline = make("p", "headline");
    this.place = make("span", "place");
    this.score = make("span", "score");
    this.score.dataset.widest = percent(0.5, 2);
    this.of = make("span", "long");
    this.dot = make("span", "dot");
    this.headline.append(make("span", "long", "iteration "), this.place, this.dot, this.score, this.of);
    const second = make("p", "second");
    this.state = make("span", "state");
    this.state.setAttribute("role", "status");
    this.note = make("span", "note");
    second.append(this.state, this.note);
    said.append(this.headline, second);
    this.now = make("button", "now");
    this.now.append(make("span", "word", "Back to "), "now");
    this.now.addEventListener("click", () => view.link.tell({ lookAt: null }));
    this.root.append(said, this.now, this.details(), this.bar);
    root.append(this.root);
    this.update(data);
  }

  details() {
    const details = make("details", "more");
    const numbers = make("dl", "numbers");
    this.cells = {};
    for (const [key, label, hint] of FIGURES) {
      const cell = make("div", `cell ${key}`);
      this.cells[key] = make("dd", "value", MISSING);
      cell.append(make("dt", "label", label), this.cells[key], make("dd", "hint", hint));
      numbers.append(cell);
    }
    const summary = make("summary");
    summary.append(make("span", "word", "Details"));
    details.append(summary, numbers);
    details.addEventListener("keydown", (event) => {
      if (event.key === "Escape") details.open = false;
    });
    return details;
  }

  update(data) {
    this.data = data;
    if (this.frame) this.receive(this.frame);
  }

  receive(frame) {
    this.frame = frame;
    const { cells } = this;
    this.root.dataset.state = frame.problem || frame.exploded ? "diverged" : frame.state;
    this.say(this.state, stateWords(frame, this.data));
    this.now.hidden = frame.wanted == null;
    if (frame.state === "starting") return;
    const share = frame.iteration / frame.iterations;
    this.fill.style.width = `${(100 * share).toFixed(2)}%`;
    this.bar.setAttribute("aria-valuemin", 0);
    this.bar.setAttribute("aria-valuemax", frame.iterations);
    this.bar.setAttribute("aria-valuenow", frame.iteration);
    this.say(this.place, `${count(frame.iteration)} of ${count(frame.iterations)}`);
    this.place.dataset.widest = `${count(frame.iterations)} of ${count(frame.iterations)}`;
    const score = !besideOf(this.data);
    this.say(this.dot, score ? " · " : "");
    this.say(this.score, score ? (neverTrained(frame) ? "not trained yet" : percent(frame.testAccuracy, 2)) : "");
    this.say(this.of, score && !neverTrained(frame) ? ` of ${imagesOf(frame)}${testedAt(frame)}` : "");
    cells.iteration.textContent = `${count(frame.iteration)} / ${count(frame.iterations)}`;
    cells.epoch.textContent = `${frame.epoch.toFixed(2)} / ${(frame.iterations / frame.iterationsPerEpoch).toFixed(2)}`;
    cells.loss.textContent = fixed(frame.loss, 3);
    cells.accuracy.textContent = `${percent(frame.testAccuracy, 2)}${testedAt(frame)}`;
    cells.speed.textContent = frame.speed ? `${count(frame.speed)} it/s` : MISSING;
    cells.device.textContent = frame.device.toUpperCase();
    cells.gradients.textContent = short(frame.gradientDifference, 2);
    this.say(this.note, noteWords(frame, this.data));
  }

  say(element, text) {
    // Rewriting the same text would make screen readers repeat it.
    if (element.textContent !== text) element.textContent = text;
  }

  lost(text) {
    this.root.dataset.state = "lost";
    this.say(this.state, text);
  }
}
