// Small drawing helpers shared by the parts: theme colours, sharp canvases, numbers as text.

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

const whole = (value) => Math.round(value).toLocaleString("en-US");
const percent = (value) => (value == null ? "–" : `${(100 * value).toFixed(2)} %`);
const signed = (value, digits) => value.toFixed(digits).replace("-", "−");
const scientific = (value) => {
  const [digits, power] = value.toExponential(1).split("e");
  return `${digits} · 10${[...power.replace("+", "")].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("")}`;
};
const number = (value, digits = 3) => (value == null ? "–" : Number(value).toFixed(digits));

// Red for, blue against, white neither: the colours of lrdemo.lesson.pictures.
const STOPS = __STOPS__;

function signedColour(share) {
  const place = Math.min(1, Math.max(0, (share + 1) / 2)) * (STOPS.length - 1);
  const low = Math.min(STOPS.length - 2, Math.floor(place));
  return STOPS[low].map((value, i) => Math.round(value + (place - low) * (STOPS[low + 1][i] - value)));
}

const SIGNED = Uint32Array.from({ length: 256 }, (_, i) => {
  const [red, green, blue] = signedColour((i - 128) / 127);
  return (255 << 24) | (blue << 16) | (green << 8) | red;
});

function paint(canvas, values, colourOf) {
  canvas.width = 28;
  canvas.height = 28;
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(28, 28);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < 784; i += 1) pixels[i] = colourOf(values[i]);
  pen.putImageData(image, 0, 0);
}

const signedPixel = (value) => SIGNED[value + 128];
const inkPixel = (value) => (255 << 24) | ((255 - value) * 0x010101);

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text != null) element.textContent = text;
  return element;
}
