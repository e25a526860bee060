// The ten weight templates on one signed colour scale, with its key. Where they are large, one direction of edges can be
// looked at alone.

class Templates {
  constructor(root, large = false) {
    this.figure = make("figure", "templates");
    this.caption = make("figcaption");
    this.grid = make("div", "grid");
    this.key = make("div", "scale");
    this.low = make("span");
    this.high = make("span");
    const ramp = make("span", "ramp");
    ramp.style.background = `linear-gradient(90deg, ${STOPS.map((stop) => `rgb(${stop})`)})`;
    this.key.append(this.low, ramp, this.high);
    this.figure.append(this.caption);
    this.choice = large ? new DirectionChoice(this.figure, () => this.receive(this.frame)) : null;
    this.figure.append(this.grid, this.key);
    root.append(this.figure);
    this.tiles = [];
  }

  receive(frame) {
    if (!frame.templates) return;
    this.frame = frame;
    const form = formOf(template(frame.templates, 0));
    if (frame.hiddenUnits !== this.hidden || form !== this.form) this.build(frame.hiddenUnits, form);
    // First all pictures: their sizes on the screen are asked for.
    this.tiles.forEach(({ canvas }, index) => {
      const values = template(frame.templates, index);
      paint(canvas, this.choice?.of(values) ?? values, signedPixel);
    });
    const of = frame.shown && frame.probabilities ? frame.probabilities.indexOf(Math.max(...frame.probabilities)) : -1;
    this.tiles.forEach(({ tile, bias }, index) => {
      tile.classList.toggle("answer", !frame.hiddenUnits && index === of);
      bias.textContent = `bias ${fixed(frame.biases[index], 3)}`;
    });
    const limit = short(frame.limit, 2);
    this.low.textContent = `≤\u00a0−${limit}: ${form.lowers}`;
    this.high.textContent = `≥\u00a0+${limit}: ${form.raises}`;
    this.grid.setAttribute(
      "aria-label",
      `${TEMPLATES} pictures of weights${this.choice?.words ? ` of edges${this.choice.words}` : ""} after ${count(frame.iteration)} iterations. ` +
        `${form.reading}; full colour is reached at ${limit}.`,
    );
  }

  build(hidden, form) {
    Object.assign(this, { hidden, form });
    this.caption.textContent =
      hidden
        ? `The first ${TEMPLATES} of 256 hidden units: their weights ${form.many}`
        : `Templates: each digit’s weights ${form.one}`;
    this.grid.replaceChildren();
    this.grid.setAttribute("role", "img");
    this.tiles = Array.from({ length: TEMPLATES }, (_, index) => {
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
