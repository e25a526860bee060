// The edge of stability in words, for the learning rate that is chosen, and as a mark on its slider.

const NO_EDGE = "Adam has no edge of stability: it sizes the step of every weight by itself.";
const NO_EDGE_HERE = "The edge of stability cannot be found: the loss is not finite.";
// Closer than this share of it a rate is neither above nor below: the edge is that of one minibatch.
const CLOSE = 0.1;

const listed = (names) => (names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join());

function besideEdge(rate, edge) {
  if (Math.abs(rate / edge - 1) <= CLOSE) return "close to it: steps swing to and fro";
  return rate < edge ? "below it: no step overshoots" : "above it: steps overshoot";
}

// Where a value lies among marks in equal steps, 0 to 1; null beyond them.
function placeAmong(marks, value) {
  const next = marks.findIndex((mark) => mark >= value);
  if (next < 0 || value < marks[0]) return null;
  if (next === 0) return 0;
  const [low, high] = [marks[next - 1], marks[next]].map(Math.log);
  return (next - 1 + (Math.log(value) - low) / (high - low)) / (marks.length - 1);
}

class EdgeLine {
  constructor(root) {
    this.words = make("p", "stability");
    this.curved = make("p", "curved");
    root.append(this.words, this.curved);
  }

  update(data) {
    this.data = data;
    this.show();
  }

  receive({ edge, learningRate }) {
    Object.assign(this, { edge, rate: learningRate });
    this.show();
  }

  show() {
    const { edge, data } = this;
    const text = this.said();
    if (this.words.textContent !== text) this.words.textContent = text;
    if (data.details && edge?.now != null) {
      this.curved.textContent =
        `Largest curvature λ: ${short(edge.curved_now, 2)} (start: ${short(edge.curved_at_start, 2)}), on ` +
        `${edge.images === 1 ? "the one image" : `${count(edge.images)} images`} of the next minibatch.`;
    }
    this.mark(data.marks && edge?.now ? placeAmong(data.marks, edge.now) : null);
  }

  said() {
    const { edge, rate } = this;
    if (!edge) return "Edge of stability: computing …";
    if (edge.none) return NO_EDGE;
    if (edge.now == null) return NO_EDGE_HERE;
    return `Edge of stability at iteration ${count(edge.iteration)}: about ${short(edge.now, 2)} (start: ${short(edge.start, 2)}). ${short(rate)} is ${besideEdge(rate, edge.now)}.`;
  }

  // The slider is Streamlit's: its style draws the mark.
  mark(place) {
    const { style, dataset } = document.documentElement;
    if (place == null) delete dataset.edge;
    else {
      dataset.edge = "";
      style.setProperty("--edge-at", place);
    }
  }

  lost() {}

  close() {
    if (this.data.marks) this.mark(null);
  }
}
