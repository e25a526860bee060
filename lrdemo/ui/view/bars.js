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

// So many are in a frame: UNITS_SHOWN in lrdemo/pictures.py.
const TEMPLATES = 10;

function template(templates, index) {
  const size = templates.length / TEMPLATES;
  return templates.subarray(index * size, (index + 1) * size);
}
