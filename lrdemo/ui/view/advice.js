// What the record of the run shows to be wrong, said in the free corner of the loss chart, with a button that mends it.

class AdviceView {
  constructor(chart, view) {
    this.chart = chart;
    this.view = view;
    this.box = make("div", "advice");
    this.box.hidden = true;
    this.words = make("p");
    this.words.setAttribute("role", "status");
    this.button = make("button");
    this.button.addEventListener("click", () => this.follow());
    this.box.append(this.words, this.button);
    chart.figure.append(this.box);
  }

  receive(frame) {
    const { advice, smoothLoss } = frame;
    this.advice = advice;
    // Below a curve that has stayed high, above one that has come down.
    this.box.classList.toggle("above", smoothLoss?.length > 0 && smoothLoss.at(-1) < this.chart.range(frame)[1] / 2);
    this.box.hidden = !advice;
    const text = advice?.text ?? "";
    // Rewriting the same text would make screen readers repeat it.
    if (this.words.textContent !== text) this.words.textContent = text;
    this.button.textContent = advice?.label ?? "";
    this.button.hidden = !advice?.label;
  }

  follow() {
    this.view.report("advice", this.advice.label);
  }

  lost() {}
}
