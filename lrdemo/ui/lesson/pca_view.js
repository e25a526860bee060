// Which part of the map is in view: its middle in map steps, and how many canvas pixels one step takes.

class View {
  constructor(canvas, [low, high]) {
    this.canvas = canvas; this.low = low; this.high = high;
    this.x = 0; this.y = 0; this.scale = 1;
  }
  smallest() {
    const { canvas, low, high } = this;
    return 0.94 * Math.min(canvas.width / (high[0] - low[0]), canvas.height / (high[1] - low[1]));
  }
  zoom() { return this.scale / this.smallest(); }
  showAll() {
    const { low, high } = this;
    this.x = (low[0] + high[0]) / 2; this.y = (low[1] + high[1]) / 2; this.scale = this.smallest();
  }
  // Returns where on the canvas a point of the map lies, and the other way round.
  place(x, y) {
    const { width, height } = this.canvas;
    return [width / 2 + (x - this.x) * this.scale, height / 2 - (y - this.y) * this.scale];
  }
  under([px, py]) {
    const { width, height } = this.canvas;
    return [this.x + (px - width / 2) / this.scale, this.y - (py - height / 2) / this.scale];
  }
  move(across, down) { this.x -= across / this.scale; this.y += down / this.scale; }
  // What lies under the canvas pixel stays there.
  zoomBy(factor, [px, py] = [this.canvas.width / 2, this.canvas.height / 2]) {
    const before = this.scale, { width, height } = this.canvas;
    this.scale = Math.max(this.smallest() * 0.8, Math.min(before * factor, this.smallest() * 400));
    this.x += (px - width / 2) * (1 / before - 1 / this.scale);
    this.y -= (py - height / 2) * (1 / before - 1 / this.scale);
  }
}
