// The ten weight templates on one signed colour scale, with its key.

class Templates {
  constructor(root) {
    this.figure = make("figure", "templates");
    this.caption = make("figcaption");
    this.grid = make("div", "grid");
    this.key = make("div", "scale");
    this.low = make("span");
    this.high = make("span");
    const ramp = make("span", "ramp");
    ramp.style.background = `linear-gradient(90deg, ${STOPS.map((stop) => `rgb(${stop})`)})`;
    this.key.append(this.low, ramp, this.high);
    this.figure.append(this.caption, this.grid, this.key);
    root.append(this.figure);
    this.tiles = [];
  }

  receive(frame) {
    if (!frame.templates) return;
    const number = frame.templates.length / 784;
    if (number !== this.tiles.length || frame.hiddenUnits !== this.hidden) this.build(number, frame.hiddenUnits);
    const of = frame.shown && frame.probabilities ? frame.probabilities.indexOf(Math.max(...frame.probabilities)) : -1;
    this.tiles.forEach(({ canvas, tile, bias }, index) => {
      paint(canvas, template(frame, index), signedPixel);
      tile.classList.toggle("answer", !frame.hiddenUnits && index === of);
      bias.textContent = frame.biases ? `bias ${fixed(frame.biases[index], 3)}` : "";
    });
    const limit = short(frame.limit, 2);
    this.low.textContent = `≤\u00a0−${limit}: ink lowers the score`;
    this.high.textContent = `≥\u00a0+${limit}: ink raises it`;
    this.grid.setAttribute(
      "aria-label",
      `${number} pictures of weights after ${count(frame.iteration)} iterations. ` +
        `Ink on red raises the score, ink on blue lowers it; full colour is reached at ${limit}.`,
    );
  }

  build(number, hidden) {
    this.hidden = hidden;
    this.caption.textContent =
      hidden
        ? `The first ${number} of 256 hidden units: their weights as 28×28 pictures`
        : "Templates: each digit’s weights as a 28×28 picture";
    this.grid.replaceChildren();
    this.grid.setAttribute("role", "img");
    this.tiles = Array.from({ length: number }, (_, index) => {
      const tile = make("div", "tile");
      const canvas = pixelCanvas();
      const bias = make("span", "bias");
      tile.append(canvas, make("span", "name", hidden ? `unit ${index}` : String(index)), bias);
      this.grid.append(tile);
      return { canvas, tile, bias };
    });
  }

  lost() {}
}
