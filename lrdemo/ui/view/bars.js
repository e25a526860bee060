// A bar in its track, and a template: what every picture of the model is made of.

function track(kind = "share") {
  const all = make("div", "all");
  const bar = make("div", kind);
  all.append(bar);
  return { all, bar };
}

function pixelCanvas(className) {
  const canvas = make("canvas", className);
  canvas.width = 28;
  canvas.height = 28;
  return canvas;
}

const template = (frame, index) => frame.templates.subarray(index * 784, (index + 1) * 784);
