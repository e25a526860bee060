// The two charts of a run: loss and accuracy, of the minibatches and of the images that it is tested on.

const LN10 = Math.log(10);
// Where the axis of the loss may end; beyond the last, training has gone wrong, and how far is no picture.
const LOSS_ENDS = [2.6, 4, 6, 10, 16, 25];
const CALM = 0.95;

// The axis holds all but the highest twentieth of what is drawn, so that a spike does not flatten the rest.
function lossEnd(...curves) {
  const values = curves.flatMap((curve) => [...curve]).sort((one, other) => one - other);
  const usual = 1.1 * (values[Math.floor(CALM * (values.length - 1))] ?? 0);
  return LOSS_ENDS.find((end) => end >= usual) ?? LOSS_ENDS.at(-1);
}

const imagesOf = ({ testedOn }) => (testedOn === "held-out" ? "held-out images" : "test images");
// While it trains, the last test is of an earlier iteration, which is said.
const testedAt = ({ testIteration: at, iteration }) => (at == null || at === iteration ? "" : ` at ${count(at)}`);

const lookingBack = ({ wanted, iteration: at }) => (wanted == null ? "" : `Looking back at ${count(at)}. `);

// The curve of the tests is named after the images that they are made on.
class RunChart extends Chart {
  constructor(root, { curves, ...looks }) {
    super(root, { ...looks, curves: curves("test images") });
    this.curvesOn = curves;
  }

  receive(frame) {
    const images = imagesOf(frame);
    if (images !== this.curves.at(-1).name) this.setCurves(this.curvesOn(images));
    super.receive(frame);
  }
}

function lossChart(root) {
  return new RunChart(root, {
    title: "Loss: how wrong the model is (0 = perfect, 2.3 = guessing)",
    unit: "loss",
    reference: { value: LN10, name: "guessing: ln 10 = 2.303" },
    curves: (images) => [
      { name: "each minibatch", x: "x", y: "rawLoss", colour: "train", style: "thin" },
      { name: "train, smoothed", x: "x", y: "smoothLoss", colour: "train", style: "thick" },
      { name: images, x: "testX", y: "testLosses", colour: "test", style: "dots" },
    ],
    cut: true,
    range: ({ rawLoss, testLosses }) => [0, lossEnd(rawLoss, testLosses)],
    format: (value, exact) => (exact ? fixed(value, 3) : short(value, 3)),
    describe: (frame) =>
      `Loss over ${count(frame.reached)} of ${count(frame.iterations)} iterations. ` +
      `${lookingBack(frame)}Train, smoothed: ${fixed(frame.loss, 3)}. On the ${imagesOf(frame)}${testedAt(frame)}: ${fixed(frame.testLoss, 3)}. Guessing gives 2.303.`,
  });
}

function accuracyChart(root) {
  return new RunChart(root, {
    title: "Accuracy: images classified correctly, in %",
    unit: "accuracy, %",
    reference: { value: 0.1, name: "guessing: 10\u00a0%" },
    curves: (images) => [
      { name: "train, smoothed", x: "x", y: "smoothAccuracy", colour: "train", style: "thick" },
      { name: images, x: "testX", y: "testAccuracies", colour: "test", style: "dots" },
    ],
    // A little below guessing, or below what is worse than that.
    range: ({ smoothAccuracy, testAccuracies }) => [Math.max(0, Math.min(0.1, ...smoothAccuracy, ...testAccuracies) - 0.04), 1],
    format: (value, exact) => (exact ? percent(value, 2) : fixed(100 * value, 0)),
    describe: (frame) =>
      `Accuracy over ${count(frame.reached)} of ${count(frame.iterations)} iterations. ` +
      `${lookingBack(frame)}On the ${imagesOf(frame)}${testedAt(frame)}: ${percent(frame.testAccuracy, 2)}. Guessing gives 10\u00a0%.`,
  });
}
