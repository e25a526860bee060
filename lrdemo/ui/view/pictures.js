// Bytes as a picture: ink on paper, or signed values on one red–white–blue scale, as lrdemo/pictures.py does it.
// STOPS, the colours of the scale from blue to red, come from there.

function signedColour(share) {
  const place = Math.min(1, Math.max(0, (share + 1) / 2)) * (STOPS.length - 1);
  const low = Math.min(STOPS.length - 2, Math.floor(place));
  return STOPS[low].map((value, i) => Math.round(value + (place - low) * (STOPS[low + 1][i] - value)));
}

const SIGNED = Uint32Array.from({ length: 256 }, (_, i) => {
  const [red, green, blue] = signedColour((i - 128) / 127);
  return (255 << 24) | (blue << 16) | (green << 8) | red;
});

const signedPixel = (value) => SIGNED[value + 128];
const inkPixel = (value) => (255 << 24) | ((255 - value) * 0x010101);

// Pixels, or squares, as they are; edges as strokes, sharp on any screen.
function paint(canvas, values, colourOf, strokesSide) {
  const strokes = values.length === EDGES;
  canvas.style.imageRendering = strokes ? "auto" : "";
  if (strokes) {
    paintStrokes(canvas, values, colourOf, strokesSide ?? sideOf(canvas));
    return;
  }
  const side = Math.sqrt(values.length);
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < values.length; i += 1) pixels[i] = colourOf(values[i]);
  pen.putImageData(image, 0, 0);
}
