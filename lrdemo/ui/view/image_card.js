// One image that a model was asked about: what it is, what the model says with its two largest probabilities, all ten
// as bars, and the way to Draw's why.

// Streamlit's own link to a page: any other would begin a new session.
const goToPage = (page) => document.querySelector(`a[href$="/${page}"]`)?.click();
const capitalised = (text) => text[0].toUpperCase() + text.slice(1);

class ImageCard {
  constructor(view) {
    this.root = make("li", "card");
    this.canvas = pixelCanvas();
    this.canvas.setAttribute("role", "img");
    this.title = make("p", "title");
    this.says = make("p", "says");
    this.first = make("p");
    this.second = make("p");
    this.mark = make("p", "mark");
    this.bars = make("div", "ten");
    this.bars.setAttribute("role", "img");
    this.columns = TEN_DIGITS.map((digit) => {
      const column = make("div", "column");
      const bar = make("div", "fill");
      const room = make("div", "room");
      room.append(bar);
      column.append(room, make("span", null, String(digit)));
      this.bars.append(column);
      return { column, bar };
    });
    this.why = make("button", "ask-why", "Why?");
    this.why.type = "button";
    this.why.addEventListener("click", () => {
      window.lrdemoWhyNext = "evidence";
      view.link.tell({ picture: this.value });
      goToPage("draw");
    });
    const words = make("div", "told-of");
    words.append(this.title, this.first, this.second, this.mark);
    this.root.append(this.says, this.canvas, words, this.bars, this.why);
    this.root.hidden = true;
  }

  show(image, picture, shares, other) {
    this.root.hidden = !image;
    if (!image) return;
    const { title, label, answer, value } = image;
    this.value = value;
    paint(this.canvas, picture, inkPixel);
    this.canvas.setAttribute("aria-label", `${title}, ${aDigit(label)}`);
    this.title.textContent = title;
    this.says.textContent = label === answer ? `${capitalised(aDigit(label))}, read correctly` : `${capitalised(aDigit(label))} taken for ${aDigit(answer)}`;
    const second = TEN_DIGITS.filter((digit) => digit !== answer).reduce((best, digit) => (shares[digit] > shares[best] ? digit : best));
    this.first.textContent = `${answer}: ${percent(shares[answer])}`;
    this.second.textContent = `${second}: ${percent(shares[second])}`;
    this.mark.textContent = image.other == null ? "" : `other: ${image.other} ${image.other === label ? "✓" : "✗"}`;
    this.mark.title = image.other == null ? "" : `${other.name} says ${image.other}, which is ${image.other === label ? "right" : "wrong"}.`;
    this.bars.setAttribute("aria-label", `Probabilities: ${TEN_DIGITS.map((digit) => `${digit}: ${percent(shares[digit])}`).join(", ")}`);
    this.columns.forEach(({ column, bar }, digit) => {
      // A height that changes would count as something that jumps.
      bar.style.transform = `scaleY(${shares[digit].toFixed(3)})`;
      column.classList.toggle("said-so", digit === answer);
      column.classList.toggle("is-so", digit === label);
    });
    this.why.setAttribute("aria-label", `Why? Ask about ${title} on Draw`);
    this.why.disabled = value == null;
    this.why.title = value == null ? "Drawn with the eraser or by more than 20 strokes: it cannot be put back on the pad." : "";
  }
}
