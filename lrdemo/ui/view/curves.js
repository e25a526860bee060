// The two charts of a run: loss and accuracy, of the minibatches and of the test images.

const LN10 = Math.log(10);

function lossChart(root) {
  return new Chart(root, {
    title: "Loss (mean cross-entropy, in nats)",
    unit: "loss",
    reference: { value: LN10, name: "guessing: ln 10 = 2.303" },
    curves: [
      { name: "each minibatch", x: "x", y: "rawLoss", colour: "train", style: "thin" },
      { name: "train, smoothed", x: "x", y: "smoothLoss", colour: "train", style: "thick" },
      { name: "test", x: "testX", y: "testLosses", colour: "test", style: "dots" },
    ],
    range: (frame) => {
      let high = 2.6;
      for (const value of [...frame.smoothLoss, ...frame.testLosses]) if (value < 1e6) high = Math.max(high, value * 1.05);
      return [0, high];
    },
    format: (value, exact) => (exact ? number(value) : String(Number(value.toPrecision(3)))),
    describe: (frame) =>
      `Loss over ${whole(frame.iteration)} of ${whole(frame.iterations)} iterations. ` +
      `Train, smoothed: ${number(frame.loss)}. Test: ${number(frame.testLoss)}. Guessing gives 2.303.`,
  });
}

function accuracyChart(root) {
  return new Chart(root, {
    title: "Accuracy (share of images read right, in %)",
    unit: "accuracy, %",
    reference: { value: 0.1, name: "guessing: 10 %" },
    curves: [
      { name: "train, smoothed", x: "x", y: "smoothAccuracy", colour: "train", style: "thick" },
      { name: "test, all 10,000", x: "testX", y: "testAccuracies", colour: "test", style: "dots" },
    ],
    range: () => [0, 1],
    format: (value, exact) => (exact ? percent(value) : String(Math.round(value * 100))),
    describe: (frame) =>
      `Accuracy over ${whole(frame.iteration)} of ${whole(frame.iterations)} iterations. ` +
      `Test accuracy now: ${percent(frame.testAccuracy)}. Guessing gives 10 %.`,
  });
}
