// How far the two ways to the gradient are apart on the next minibatch.
class Gradients {
  constructor(root) {
    this.line = make("p", "gradients");
    root.append(this.line);
  }

  receive({ gradientDifference }) {
    this.line.textContent =
      gradientDifference == null
        ? ""
        : `Gradient by hand and by autograd on the next minibatch: largest difference ${short(gradientDifference, 2)}.`;
  }

  lost() {}
}
