// One image as 28 × 28 cells: each has the grey of its pixel with the number on it. Beside it the pixels around the
// chosen one, larger, and where that one is. MIDDLE is the grey on which black and white can be read equally well.

const SIDE = 28, REACH = 2, FIRST = [7, 14];
// In rem, the side of a cell that has room for a number that can be read; on a projector none has.
const READABLE = 1.1;

const share = (value) => (value % 255 ? fixed(value / 255, 2).replace(/^0/, "") : String(value / 255));
const paper = (value) => `rgb(${255 - value}, ${255 - value}, ${255 - value})`;
const inkOn = (value) => (255 - value < MIDDLE ? "#fff" : value ? "#000" : "#6b6b6b");
const within = (at) => Math.min(SIDE - 1, Math.max(0, at));

const STEPS = {
  ArrowLeft: ([row, column]) => [row, column - 1], ArrowRight: ([row, column]) => [row, column + 1],
  ArrowUp: ([row, column]) => [row - 1, column], ArrowDown: ([row, column]) => [row + 1, column],
};

class PixelGrid {
  constructor(parent) {
    this.grid = parent.querySelector(".grid"); this.canvas = parent.querySelector("canvas");
    this.find = (name) => parent.querySelector(`.${name}`);
    this.at = FIRST;
    this.watcher = new ResizeObserver(() => this.draw());
    for (const kind of ["pointermove", "pointerdown"]) this.canvas.addEventListener(kind, (event) => this.point(event));
    this.grid.addEventListener("keydown", (event) => this.step(event));
  }
  show({ pixels, name, label }) {
    this.pixels = pixels; this.find("name").textContent = name; this.find("label").textContent = `label ${label}`;
    this.watcher.observe(this.canvas);
    this.choose(this.at);
  }
  point({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    this.choose([(clientY - top) / height, (clientX - left) / width].map((part) => Math.floor(SIDE * part)));
  }
  step(event) {
    const moved = STEPS[event.key];
    if (!moved || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault(); event.stopPropagation();
    this.choose(moved(this.at));
  }
  choose(at) {
    this.at = at.map(within);
    const [row, column] = this.at, index = row * SIDE + column, value = this.pixels[index];
    this.find("place").textContent = `row ${row + 1}, column ${column + 1}`;
    this.find("value").textContent = `${value} ÷ 255 = ${fixed(value / 255, 2)}`;
    this.find("order").textContent = `pixel ${index + 1} of ${SIDE ** 2}`;
    this.find("near").replaceChildren(...this.around());
    this.draw();
  }
  around() {
    const [row, column] = this.at, cells = [];
    for (let down = -REACH; down <= REACH; down += 1) for (let across = -REACH; across <= REACH; across += 1) {
      const y = row + down, x = column + across;
      if (y !== within(y) || x !== within(x)) { cells.push(make("span", "outside")); continue; }
      const value = this.pixels[y * SIDE + x], cell = make("span", down || across ? "" : "chosen", share(value));
      cell.style.background = paper(value); cell.style.color = inkOn(value);
      cells.push(cell);
    }
    return cells;
  }
  draw() {
    const size = this.canvas.clientWidth, cell = size / SIDE;
    if (!size) return;
    const pen = sharp(this.canvas, size, size);
    pen.font = `${0.44 * cell}px sans-serif`; pen.textAlign = "center"; pen.textBaseline = "middle";
    this.pixels.forEach((value, index) => {
      const x = (index % SIDE) * cell, y = Math.floor(index / SIDE) * cell;
      pen.fillStyle = paper(value); pen.fillRect(x, y, cell + 1, cell + 1);
      if (cell < rem(READABLE)) return;
      pen.fillStyle = inkOn(value); pen.fillText(share(value), x + cell / 2, y + cell / 2);
    });
    const [row, column] = this.at, { train } = theme(this.canvas);
    const frame = (reach, width) => {
      const box = [(column - reach) * cell, (row - reach) * cell, (2 * reach + 1) * cell, (2 * reach + 1) * cell];
      for (const [colour, wide] of [["#fff", width + 3], [train, width]]) {
        pen.strokeStyle = colour; pen.lineWidth = wide; pen.strokeRect(...box);
      }
    };
    frame(REACH, 2); frame(0, 3);
  }
}

const mounted = new WeakMap();

export default function ({ data, parentElement }) {
  const canvas = parentElement.querySelector("canvas");
  if (!mounted.has(canvas)) mounted.set(canvas, new PixelGrid(parentElement));
  mounted.get(canvas).show(data);
}
