// The map on its canvas: a dot per point and the ten digits at the middles of theirs, close up each point as its digit;
// rings around marked points. Ten colours are more than many people can tell apart: one digit can be picked out of grey.

// Middle grey over paper of any colour, as ABGR and in CSS.
const GREY = 0x4d808080, GREY_TEXT = "#8080804d";
const CLOSE = 2, ROOM_REM = 0.9, GLYPH_REM = 0.85;

class Painting {
  // `marks` names the one digit that is shown, the chosen point and the one pointed at, -1 where there is none.
  constructor(canvas, data, view, marks) {
    Object.assign(this, { canvas, data, view, marks });
    this.pen = canvas.getContext("2d");
    this.middles = COLOURS.map((_, digit) => middle(data, digit));
    this.rgba = COLOURS.map((c) => 0xff000000 | (parseInt(c.slice(5, 7), 16) << 16)
      | (parseInt(c.slice(3, 5), 16) << 8) | parseInt(c.slice(1, 3), 16));
    this.frame = 0; this.pixels = null; this.words = null;
  }
  draw() { if (!this.frame) this.frame = requestAnimationFrame(() => this.render()); }
  stop() { cancelAnimationFrame(this.frame); this.frame = 0; }
  resize(width, height) {
    this.canvas.width = width; this.canvas.height = height;
    this.pixels = this.pen.createImageData(width, height); this.words = new Uint32Array(this.pixels.data.buffer);
  }
  render() {
    this.frame = 0;
    if (!this.words) return;
    const ratio = window.devicePixelRatio || 1, style = getComputedStyle(this.canvas);
    const rem = ratio * parseFloat(getComputedStyle(document.documentElement).fontSize);
    const ink = style.getPropertyValue("--st-text-color") || "#222";
    const paper = style.getPropertyValue("--st-background-color") || "#fff";
    const few = this.few((this.canvas.width * this.canvas.height) / (ROOM_REM * rem) ** 2);
    this.words.fill(0);
    if (!few) this.dots(Math.max(1, Math.round(ratio * Math.min(6, 1.3 + 0.9 * Math.log2(this.view.zoom() + 1)))));
    this.pen.putImageData(this.pixels, 0, 0);
    if (few) this.glyphs(few, rem);
    else this.digits(rem, ink, paper);
    this.rings(ratio, ink);
  }
  // The points in view, where the view is close and they are so few that each has room for its digit; else nothing.
  few(most) {
    const { canvas: { width, height }, data: { number, points }, view } = this, seen = [];
    if (view.zoom() < CLOSE) return null;
    for (let i = 0; i < number; i++) {
      const [x, y] = view.place(points[2 * i], points[2 * i + 1]);
      if (x < 0 || y < 0 || x > width || y > height) continue;
      if (seen.push(i) > most) return null;
    }
    return seen;
  }
  // A digit that is picked out comes last, over the grey of the others.
  inOrder(paint) {
    const { only } = this.marks;
    if (only >= 0) paint((label) => label !== only, true);
    paint((label) => only < 0 || label === only, false);
  }
  dots(size) {
    const { canvas: { width, height }, data: { number, points, labels }, view, words, rgba } = this;
    const s = view.scale, [left, top] = view.place(0, 0);
    this.inOrder((wanted, grey) => {
      for (let i = 0; i < number; i++) {
        if (!wanted(labels[i])) continue;
        const x = (points[2 * i] * s + left) | 0, y = (top - points[2 * i + 1] * s) | 0;
        if (x < 0 || y < 0 || x >= width - size || y >= height - size) continue;
        const colour = grey ? GREY : rgba[labels[i]];
        for (let row = 0, at = y * width + x; row < size; row++, at += width)
          for (let column = 0; column < size; column++) words[at + column] = colour;
      }
    });
  }
  glyphs(seen, rem) {
    const { pen, data: { points, labels }, view } = this;
    pen.font = `700 ${GLYPH_REM * rem}px sans-serif`; pen.textAlign = "center"; pen.textBaseline = "middle";
    this.inOrder((wanted, grey) => {
      for (const i of seen) {
        if (!wanted(labels[i])) continue;
        pen.fillStyle = grey ? GREY_TEXT : COLOURS[labels[i]];
        pen.fillText(labels[i], ...view.place(points[2 * i], points[2 * i + 1]));
      }
    });
  }
  digits(rem, ink, paper) {
    const { pen, marks: { only } } = this;
    pen.font = `700 ${1.4 * rem}px sans-serif`; pen.textAlign = "center"; pen.textBaseline = "middle";
    pen.lineWidth = 0.3 * rem; pen.strokeStyle = paper; pen.fillStyle = ink;
    this.middles.forEach((at, digit) => {
      if (only >= 0 && only !== digit) return;
      const [x, y] = this.view.place(...at);
      pen.strokeText(digit, x, y); pen.fillText(digit, x, y);
    });
  }
  rings(ratio, ink) {
    const { pen, data: { points }, marks: { pointed, chosen } } = this;
    for (const index of [pointed, chosen]) if (index >= 0) {
      const [x, y] = this.view.place(points[2 * index], points[2 * index + 1]);
      pen.beginPath(); pen.arc(x, y, 9 * ratio, 0, 7);
      pen.lineWidth = (index === chosen ? 3 : 1.5) * ratio; pen.strokeStyle = ink; pen.stroke();
    }
  }
}
