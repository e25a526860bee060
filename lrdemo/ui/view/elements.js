// Elements of the page, the theme's colours, and canvases as sharp as the screen.

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text != null) element.textContent = text;
  return element;
}

function theme(element) {
  const style = getComputedStyle(element);
  const read = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  return {
    text: read("--st-text-color", "#31333f"),
    paper: read("--st-background-color", "#ffffff"),
    line: read("--st-border-color", "#d0d0d8"),
    font: read("--st-font", "sans-serif"),
    train: read("--st-blue-color", "#1c83e1"),
    test: read("--st-orange-color", "#d95a00"),
  };
}

// So many root font sizes in CSS pixels: what is drawn on a canvas grows with the type around it.
const rem = (number = 1) => number * parseFloat(getComputedStyle(document.documentElement).fontSize);

function sharp(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const wide = Math.round(width * ratio);
  const high = Math.round(height * ratio);
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}
