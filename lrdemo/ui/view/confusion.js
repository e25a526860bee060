// The confusion matrix: a row for each digit that an image is, a column for each that the model takes it for, and how
// many of the digit are classified correctly. Each cell is a button; arrow keys move between them.

const TEN_DIGITS = Array.from({ length: 10 }, (_, digit) => digit);
const CELL_MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -9], End: [0, 9] };
const inTheGrid = (digit) => Math.min(9, Math.max(0, digit));
const someDigits = (digit) => ["zeros", "ones", "twos", "threes", "fours", "fives", "sixes", "sevens", "eights", "nines"][digit];

class Confusion {
  constructor(root, choose) {
    this.choose = choose;
    this.shares = false;
    this.root = make("div", "confusion");
    this.root.setAttribute("role", "grid");
    this.root.setAttribute("aria-label", "How many images of each digit are taken for which digit");
    const head = this.part(this.root, "row", "heads");
    this.part(head, "columnheader", "is", "is").title = "What the image is";
    for (const digit of TEN_DIGITS) this.part(head, "columnheader", "", String(digit));
    this.part(head, "columnheader", "of-row", "classified correctly");
    this.rows = TEN_DIGITS.map((digit) => this.row(digit));
    this.focusOn(0, 0);
    this.root.addEventListener("keydown", (event) => this.move(event));
    root.append(this.root);
  }

  part(root, role, className, text) {
    const found = make("div", className, text);
    found.setAttribute("role", role);
    root.append(found);
    return found;
  }

  row(digit) {
    const row = this.part(this.root, "row");
    this.part(row, "rowheader", "", String(digit));
    const cells = TEN_DIGITS.map((answer) => {
      const cell = this.part(row, "gridcell", answer === digit ? "correct" : "");
      const button = make("button", "", MISSING);
      button.type = "button";
      button.tabIndex = -1;
      button.addEventListener("click", () => {
        this.focusOn(digit, answer);
        this.choose([digit, answer]);
      });
      cell.append(button);
      return { cell, button };
    });
    const { all, bar } = track();
    const right = this.part(row, "gridcell", "of-row");
    const share = make("span", "rate", MISSING);
    const counted = make("span", "counted");
    right.append(all, share, counted);
    return { cells, bar, share, counted };
  }

  // One of the hundred is a stop of the Tab key; arrow keys lead to the others.
  focusOn(digit, answer) {
    if (this.at) this.button(...this.at).tabIndex = -1;
    this.at = [digit, answer];
    this.button(digit, answer).tabIndex = 0;
  }

  button(digit, answer) {
    return this.rows[digit].cells[answer].button;
  }

  move(event) {
    const by = CELL_MOVES[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.focusOn(...this.at.map((digit, axis) => inTheGrid(digit + by[axis])));
    this.button(...this.at).focus();
  }

  show({ matrix, cell: chosen }) {
    // A scale for the errors alone: beside the diagonal none of them could be told from another.
    const most = Math.max(1, ...matrix.flatMap((row, digit) => row.filter((_, answer) => answer !== digit)));
    matrix.forEach((row, digit) => {
      const of = row.reduce((sum, number) => sum + number, 0);
      const { cells, bar, share, counted } = this.rows[digit];
      row.forEach((number, answer) => {
        const { cell, button } = cells[answer];
        const part = of ? number / of : null;
        button.textContent = this.shares ? fixed(part == null ? null : 100 * part, 1) : count(number);
        const told = answer === digit ? `${digit} classified correctly` : `${digit} taken for ${answer}`;
        button.setAttribute("aria-label", `${told}: ${count(number)} of ${count(of)} ${someDigits(digit)}${of ? `, ${percent(part)}` : ""}`);
        button.classList.toggle("none", !number);
        cell.style.setProperty("--heat", answer === digit ? 0 : Math.sqrt(number / most).toFixed(3));
        const selected = chosen?.[0] === digit && chosen[1] === answer;
        cell.setAttribute("aria-selected", String(selected));
      });
      bar.style.width = of ? `${(100 * row[digit]) / of}%` : 0;
      share.textContent = percent(of ? row[digit] / of : null);
      counted.textContent = of ? `${count(row[digit])} of ${count(of)}` : "none";
    });
  }

  // Where there are no answers there is nothing to count.
  empty() {
    for (const { cells, bar, share, counted } of this.rows) {
      for (const { cell, button } of cells) {
        button.textContent = MISSING;
        button.setAttribute("aria-label", "nothing counted");
        cell.style.setProperty("--heat", 0);
        cell.setAttribute("aria-selected", "false");
      }
      bar.style.width = 0;
      share.textContent = MISSING;
      counted.textContent = "";
    }
  }
}
