// Where the model errs: the confusion matrix, the images of what is chosen in it, most confident first, and which of
// them another model gets right. Everything that is shown together comes in one frame and is of one moment.

const CARDS = 12;
const IMAGE_SETS = { test: "10,000 test images", own: "My drawings" };
const GIVEN_AS = { deskewed: "deskewed", normalised: "normalised", directions: "as edges in 8 directions" };
const NO_OTHER = "none";
const TAUGHT_TIMES = ["", ", taught once", ", taught twice"];
const momentOf = ({ iteration, taught }) => `iteration ${count(iteration)}${TAUGHT_TIMES[taught] ?? `, taught ${taught} times`}`;

class Mistakes {
  constructor(root, view) {
    this.view = view;
    this.where = make("p", "where", "Asking the model about all images …");
    this.note = make("p", "note");
    const top = make("div", "choices");
    this.sources = this.either(top, "Images", IMAGE_SETS, (source) => this.ask({ source, cell: null, start: 0 }));
    this.units = this.either(top, "Numbers", { counts: "Counts", shares: "% of the row" }, (unit) => this.count(unit === "shares"));
    this.select = make("select");
    const other = make("label", "other");
    other.append(make("span", null, "Compare with"), this.select);
    this.select.addEventListener("change", () => this.ask({ other: this.select.value || null }));
    top.append(other);
    const left = make("div", "counted-all");
    left.append(make("p", "reading", "Row: the digit it is. Column: the digit the model says. Choose a cell to see its images."));
    this.confusion = new Confusion(left, (cell) => {
      this.ask({ cell, start: 0 });
      this.bringIntoView();
    });
    this.beside = make("div", "beside");
    left.append(this.beside);
    this.panel = make("section", "found");
    this.panel.setAttribute("aria-label", "Images");
    this.heading = make("h2");
    this.heading.setAttribute("aria-live", "polite");
    this.all = this.button("Show all mistakes", () => {
      this.ask({ cell: null, start: 0 });
      // The button goes; the focus stays near what was chosen.
      this.confusion.button(...this.confusion.at).focus({ preventScroll: true });
    });
    this.cards = Array.from({ length: CARDS }, () => new ImageCard(view));
    const list = make("ol", "cards");
    list.append(...this.cards.map(({ root: card }) => card));
    this.nothing = make("p", "nothing");
    this.way = this.button("", () => goToPage(this.wayTo));
    this.pages = make("div", "pages");
    this.former = this.button("◀ Previous", () => this.turn(-CARDS));
    this.place = make("span", "place");
    this.next = this.button("Next ▶", () => this.turn(CARDS));
    this.pages.append(this.former, this.place, this.next);
    const head = make("div", "heading");
    head.append(this.heading, this.all);
    this.barsRead = make("p", "bars-read", "Bars: the ten probabilities, the answer’s in orange and bold. Underlined: the digit that it is.");
    this.panel.append(head, this.barsRead, this.nothing, this.way, list, this.pages);
    root.append(this.where, this.note, top, left, this.panel);
    this.way.hidden = this.all.hidden = this.pages.hidden = this.panel.hidden = true;
    this.view.mistakes = { source: "test", cell: null, start: 0, other: null };
    this.offer([], null);
  }

  button(text, act) {
    const button = make("button", null, text);
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }

  // Buttons of which one is pressed.
  either(root, name, words, act) {
    const group = make("div", "either");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", name);
    const buttons = Object.fromEntries(Object.entries(words).map(([key, text]) => [key, this.button(text, () => act(key))]));
    group.append(...Object.values(buttons));
    root.append(group);
    const press = (chosen) => Object.entries(buttons).forEach(([key, button]) => button.setAttribute("aria-pressed", String(key === chosen)));
    press(Object.keys(words)[0]);
    return { buttons, press };
  }

  ask(change) {
    this.view.mistakes = { ...this.view.mistakes, ...change };
    this.view.link.ask();
  }

  turn(by) {
    const start = this.found.start + by;
    if (start >= 0 && start < this.found.among) this.ask({ start });
  }

  // On a narrow screen the images stand below the matrix.
  bringIntoView() {
    const calm = LESS_MOTION.matches;
    if (this.panel.getBoundingClientRect().top > 0.8 * innerHeight) this.panel.scrollIntoView({ behavior: calm ? "instant" : "smooth" });
  }

  count(shares) {
    this.confusion.shares = shares;
    this.units.press(shares ? "shares" : "counts");
    if (this.found?.matrix) this.confusion.show(this.found);
  }

  receive(frame) {
    if (!frame.mistakes || frame === this.shown) return;
    this.shown = frame;
    // While it trains the numbers change all the time, and a screen reader would not stop talking.
    this.where.setAttribute("aria-live", frame.state === "running" ? "off" : "polite");
    const found = frame.mistakes;
    if (found.problem) {
      this.say(this.where, found.problem);
      return;
    }
    this.found = found;
    this.sources.press(found.source);
    this.sources.buttons.own.textContent = `${IMAGE_SETS.own} (${count(found.drawings)})`;
    this.offer(found.others, found.other);
    this.say(this.where, this.whereWords(found));
    this.say(this.note, this.noteWords(found));
    if (found.matrix) this.confusion.show(found);
    else this.confusion.empty();
    this.compare(found);
    this.showImages(found, frame.mistakePictures, frame.mistakeShares);
  }

  // Rewriting the same text would make screen readers repeat it.
  say(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  whereWords(found) {
    if (!found.of) return "You have kept no drawings yet.";
    if (!found.known) return `At ${momentOf(found)} the model has no answers: training has diverged. Choose a lower learning rate, then press Reset.`;
    const right = found.matrix.reduce((sum, row, digit) => sum + row[digit], 0);
    const images = found.source === "own" ? `your ${count(found.of)} drawing${found.of === 1 ? "" : "s"}` : `${count(found.of)} test images`;
    const at = `At ${momentOf(found)}${found.iteration || found.taught ? "" : " the untrained model guesses"}`;
    return `${at}: right on ${count(right)} of ${images} (${percent(right / found.of, 2)}), wrong on ${count(found.of - right)}.`;
  }

  noteWords({ source, of, known, heldOut, features }) {
    if (!of || !known) return "";
    const words = [];
    if (source === "test" && heldOut) words.push(`Your run is judged on ${count(heldOut)} training images held out; here it answers the test images, which it has not seen either.`);
    if (GIVEN_AS[features]) words.push(`Shown ${source === "own" ? "as you drew them" : "as they are in MNIST"}; the model gets them ${GIVEN_AS[features]}.`);
    return words.join(" ");
  }

  // The models to compare with; the list is left alone while it stays the same, since it may be open.
  offer(others, other) {
    const keys = JSON.stringify(others);
    if (keys !== this.offered) {
      this.offered = keys;
      this.select.replaceChildren(new Option(others.length ? NO_OTHER : "no other model yet", ""), ...others.map(({ key, name }) => new Option(name, key)));
      this.select.disabled = !others.length;
    }
    if (other) this.select.value = other.key;
    else if (!this.view.mistakes.other) this.select.value = "";
    else if (!others.some(({ key }) => key === this.view.mistakes.other)) this.view.mistakes.other = null;
  }

  compare({ other, others, known, of }) {
    this.beside.replaceChildren();
    if (!others.length) {
      const way = this.button("Train some on Features", () => goToPage("features"));
      this.beside.append(make("p", null, "Which of these mistakes would another model make? There is no other model yet. Keep a run, with the button above or on Compare."), way);
      return;
    }
    if (!known || !of) return;
    if (!other) {
      this.beside.append(make("p", null, "Choose another model above to see which of these mistakes it makes, too."));
      return;
    }
    const { name, iteration, beside } = other;
    if (!beside) {
      this.beside.append(make("p", null, `${name} has no answers: its training has diverged.`));
      return;
    }
    const [[both, onlyThis], [onlyOther, neither]] = beside;
    const words = `At iteration ${count(iteration)}, ${name} gets ${count(onlyOther)} of your model’s ${count(onlyOther + neither)} mistakes right, and makes ${count(onlyThis)} others.`;
    const table = make("table");
    const rows = [
      ["", `${name} right`, `${name} wrong`],
      ["your model right", count(both), count(onlyThis)],
      ["your model wrong", count(onlyOther), count(neither)],
    ];
    rows.forEach((cells, at) => {
      const row = make("tr");
      row.append(...cells.map((text, column) => {
        const cell = make(at && column ? "td" : text ? "th" : "td", null, text);
        if (cell.tagName === "TH") cell.scope = at ? "row" : "col";
        return cell;
      }));
      table.append(row);
    });
    this.beside.append(make("p", null, words), table);
  }

  showImages(found, pictures, shares) {
    this.panel.hidden = found.of > 0 && !found.known;
    const { cell, among = 0, start = 0, images = [] } = found;
    this.say(this.heading, this.headingWords(found));
    this.all.hidden = !cell;
    this.cards.forEach((card, at) => card.show(images[at], pictures?.subarray(784 * at, 784 * (at + 1)), shares?.subarray(10 * at, 10 * (at + 1)), found.other));
    this.say(this.nothing, this.nothingWords(found));
    this.nothing.hidden = images.length > 0;
    this.barsRead.hidden = !images.length;
    this.wayTo = "draw";
    this.way.textContent = "Draw some";
    this.way.hidden = found.of > 0;
    this.pages.hidden = among <= CARDS;
    // Not disabled: a button that has the focus would lose it at the end.
    this.former.setAttribute("aria-disabled", String(!start));
    this.next.setAttribute("aria-disabled", String(start + CARDS >= among));
    this.say(this.place, `${count(start + 1)} to ${count(start + images.length)} of ${count(among)}`);
  }

  headingWords({ cell, of, source }) {
    if (!of) return "Your own drawings";
    if (!cell) return source === "own" ? "Your drawings that it misreads, most confident first" : "The most confident mistakes of all";
    const [digit, answer] = cell;
    return digit === answer ? `The ${someDigits(digit)} it reads, most confident first` : `${capitalised(aDigit(digit))} taken for ${aDigit(answer)}, most confident first`;
  }

  nothingWords({ cell, of, source }) {
    if (!of) return "Draw a digit on the page Draw, then label it there under “Teach it my handwriting”: what you add or keep for testing is asked about here.";
    if (cell && cell[0] !== cell[1]) return `No ${cell[0]} is taken for ${aDigit(cell[1])}.`;
    if (cell) return `No ${cell[0]} is classified correctly.`;
    return source === "own" ? "It reads all of your drawings." : "It makes no mistakes.";
  }

  lost(text) {
    this.say(this.note, text);
  }
}
