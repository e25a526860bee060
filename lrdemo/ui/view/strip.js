// The transport's read-out: progress, iteration, epoch, loss, accuracy, speed, state.

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
const STEPS = "One iteration trains on one minibatch; one epoch is once through all 60,000 training images.";

// What the run is doing, in a few words; trouble first.
function stateWords({ problem, busy, exploded, taught, state, iteration }) {
  if (problem) return problem;
  if (busy) return BUSY;
  if (exploded && state !== "diverged") return state === "finished" ? `Finished, but ${EXPLODED.toLowerCase()}` : EXPLODED;
  if (taught && !iteration && state !== "running") return TAUGHT;
  return WORDS[state] ?? state;
}

// What has come of it and what to do next.
function noteWords(frame, { race, linear }) {
  const { state, exploded, rebuilt, taught, iteration } = frame;
  if (race) return state === "diverged" ? "The highest rate diverged. Remove it and reset the race." : "";
  if (state === "diverged" || exploded) {
    const what = state === "diverged" ? "" : "The loss has stayed above its start. ";
    return `${what}Choose a lower learning rate or a lower momentum, then press Reset.`;
  }
  if (state === "finished") {
    const top = linear ? " About 92.5 % is what a linear model on pixels can reach." : "";
    return `Finished: ${percent(frame.testAccuracy, 2)} of the 10,000 test images are classified correctly, test loss ${fixed(frame.testLoss, 3)}.${top}`;
  }
  if (rebuilt) return "The training process stopped and was started again. Your run was restored to where it was.";
  if (taught && !iteration) return "The model has learnt from your drawings and a few MNIST images. Press Start to train it from the beginning.";
  if (state === "ready") return `${STEPS} The model has learnt nothing yet, so about 1 answer in 10 is right.`;
  return STEPS;
}

class Strip {
  constructor(root, data) {
    this.parts = [];
    this.root = make("section", data.race ? "strip of-race" : "strip");
    this.root.setAttribute("aria-label", data.race ? "Progress of the race" : "Training progress");
    this.bar = make("div", "bar");
    this.bar.setAttribute("role", "progressbar");
    this.bar.setAttribute("aria-label", "Iterations done");
    this.fill = make("div", "fill");
    this.bar.append(this.fill);
    this.state = make("span", "state");
    this.state.setAttribute("role", "status");
    this.numbers = make("dl", "numbers");
    this.cells = {};
    for (const [key, label, hint] of [
      ["iteration", "Iteration", "One iteration trains on one minibatch."],
      ["epoch", "Epoch", "One epoch is once through all 60,000 training images."],
      ["loss", "Loss (train)", "Mean cross-entropy of the last minibatches, smoothed."],
      ["accuracy", "Test accuracy", "Share of the 10,000 test images that are classified correctly."],
      ["speed", "Speed", "Iterations per second."],
      ["device", "Device", "Where the training is computed."],
    ]) {
      const cell = make("div", `cell ${key}`);
      cell.title = hint;
      this.cells[key] = make("dd", "value", "–");
      cell.append(make("dt", "label", label), this.cells[key]);
      this.numbers.append(cell);
    }
    this.note = make("p", "note");
    const first = make("div", "line");
    first.append(this.state, this.bar);
    this.root.append(first, this.numbers, this.note);
    root.append(this.root);
    this.update(data);
  }

  update(data) {
    this.data = data;
  }

  receive(frame) {
    this.frame = frame;
    const { cells } = this;
    this.root.dataset.state = frame.problem || frame.exploded ? "diverged" : frame.state;
    this.say(this.state, stateWords(frame));
    if (frame.state === "starting") return;
    const share = frame.iteration / frame.iterations;
    this.fill.style.width = `${(100 * share).toFixed(2)}%`;
    this.bar.setAttribute("aria-valuemin", 0);
    this.bar.setAttribute("aria-valuemax", frame.iterations);
    this.bar.setAttribute("aria-valuenow", frame.iteration);
    cells.iteration.textContent = `${count(frame.iteration)} / ${count(frame.iterations)}`;
    cells.epoch.textContent = `${frame.epoch.toFixed(2)} / ${(frame.iterations / frame.iterationsPerEpoch).toFixed(2)}`;
    cells.loss.textContent = fixed(frame.loss, 3);
    cells.accuracy.textContent = percent(frame.testAccuracy, 2);
    cells.speed.textContent = frame.speed ? `${count(frame.speed)} it/s` : "–";
    cells.device.textContent = frame.device.toUpperCase();
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
