// The transport's read-out: progress, iteration, epoch, loss, accuracy, speed, state.

const WORDS = {
  starting: "Loading the digits …",
  ready: "Untrained: press Start",
  running: "Training",
  paused: "Paused",
  finished: "Finished",
  diverged: "Stopped: the loss is no longer a number",
};

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
      ["accuracy", "Test accuracy", "Share of the 10,000 test images that are read right."],
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
    this.root.dataset.state = frame.state;
    this.say(this.state, frame.problem ?? WORDS[frame.state] ?? frame.state);
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
    this.say(this.note, this.sentence(frame));
  }

  sentence(frame) {
    if (this.data.race) return frame.state === "diverged" ? "The highest rate made a loss that is no number. Reset the race without it." : "";
    if (frame.state === "diverged") return "The learning rate is too high. Choose a lower one and press Reset.";
    if (frame.state === "finished") {
      const top = this.data.linear
        ? " About 92.5 % is what a linear model on pixels can reach."
        : "";
      return `Finished: ${percent(frame.testAccuracy, 2)} of the 10,000 test images are read right, test loss ${fixed(frame.testLoss, 3)}.${top}`;
    }
    if (frame.rebuilt) return "The training process stopped and was started again. Your run was built again up to where it was.";
    if (frame.state === "ready") return "One iteration trains on one minibatch; one epoch is once through all 60,000 training images. The weights are still random, so about 1 answer in 10 is right.";
    return "One iteration trains on one minibatch; one epoch is once through all 60,000 training images.";
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
