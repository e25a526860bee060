// The map on its canvas: a dot per point, the ten digits at the middles of theirs, rings around marked points.

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
    const ratio = window.devicePixelRatio || 1, zoom = this.view.zoom();
    this.dots(Math.max(1, Math.round(ratio * Math.min(6, 1.3 + 0.9 * Math.log2(zoom + 1)))));
    const style = getComputedStyle(this.canvas);
    const ink = style.getPropertyValue("--st-text-color") || "#222";
    const paper = style.getPropertyValue("--st-background-color") || "#fff";
    if (zoom < 6) this.digits(ratio, ink, paper);
    this.rings(ratio, ink);
  }
  dots(size) {
    const { canvas: { width, height }, data: { number, points, labels }, view, words, rgba } = this;
    const digit = this.marks.only, s = view.scale, [left, top] = view.place(0, 0);
    words.fill(0);
    for (let i = 0; i < number; i++) {
      const label = labels[i];
      if (digit >= 0 && label !== digit) continue;
      const x = (points[2 * i] * s + left) | 0, y = (top - points[2 * i + 1] * s) | 0;
      if (x < 0 || y < 0 || x >= width - size || y >= height - size) continue;
      const colour = rgba[label];
      for (let row = 0, at = y * width + x; row < size; row++, at += width)
        for (let column = 0; column < size; column++) words[at + column] = colour;
    }
    this.pen.putImageData(this.pixels, 0, 0);
  }
  digits(ratio, ink, paper) {
    const { pen, marks: { only } } = this;
    pen.font = `700 ${22 * ratio}px sans-serif`; pen.textAlign = "center"; pen.textBaseline = "middle";
    pen.lineWidth = 5 * ratio; pen.strokeStyle = paper; pen.fillStyle = ink;
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
