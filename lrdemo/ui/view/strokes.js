// Edges in eight directions, 800 numbers [8 directions, 10 rows, 10 columns], as one picture: in each place and direction
// a short line along the edge, the thicker, the larger the number; where lines cross, the strongest is seen. As
// lrdemo/stroke_pictures.py draws them; STROKE comes from there.

const PLACES = 10;
const MAP = PLACES * PLACES;
const EDGES = 8 * MAP;
// In screen pixels; a larger picture is enlarged.
const MOST_SIDE = 480;
const SHEETS_KEPT = 8;
const COMPASS = Array.from({ length: 8 }, (_, direction) =>
  [0, 2].map((quarter) => Number(Math.cos((direction - quarter) * (Math.PI / 4)).toFixed(15))),
);
const sheets = new Map();
const shades = new Map();

// Which pixels a line covers, as steps from its middle in a sheet, and how far, of 256.
function line([right, down], level, cell, wide) {
  const half = (STROKE.length / 2) * cell * (right && down ? Math.SQRT2 : 1);
  const thick = Math.max(STROKE.thickness * cell * (level / STROKE.levels) ** STROKE.power, STROKE.thinnest) / 2;
  const reach = Math.ceil(half) + 1;
  const [steps, covers] = [[], []];
  for (let y = -reach; y <= reach; y += 1) {
    for (let x = -reach; x <= reach; x += 1) {
      const across = Math.min(1, 2 * thick, thick + 0.5 - Math.abs(x * right + y * down));
      const along = Math.min(1, half + 0.5 - Math.abs(x * down - y * right));
      if (across <= 0 || along <= 0) continue;
      steps.push(y * wide + x);
      covers.push(Math.round(256 * across * along));
    }
  }
  return { steps: Int32Array.from(steps), covers: Int32Array.from(covers) };
}

// What all pictures of one size share: the lines by axis and thickness, where their middles lie, and paper to draw on,
// with a margin for what sticks out.
function sheetOf(side) {
  if (sheets.has(side)) return sheets.get(side);
  // Sizes that have been left while a window was resized.
  if (sheets.size >= SHEETS_KEPT) sheets.clear();
  const cell = side / PLACES;
  const margin = Math.ceil(cell) + 1;
  const wide = side + 2 * margin;
  const lines = COMPASS.slice(0, 4).map((towards) => Array.from({ length: STROKE.levels + 1 }, (_, level) => line(towards, level, cell, wide)));
  const middles = Int32Array.from({ length: EDGES }, (_, i) => {
    const place = [i % PLACES, Math.floor(i / PLACES) % PLACES];
    const [x, y] = COMPASS[Math.floor(i / MAP)].map((towards, axis) => Math.floor((place[axis] + 0.5 - STROKE.offset * towards) * cell));
    return (y + margin) * wide + x + margin;
  });
  const sheet = { lines, middles, margin, strongest: new Uint8Array(wide * wide), image: new ImageData(wide, wide) };
  sheets.set(side, sheet);
  return sheet;
}

const sideOf = (canvas) => Math.min(MOST_SIDE, Math.max(PLACES, Math.round(canvas.clientWidth * (window.devicePixelRatio || 1))));

// The colours of all sizes, of numbers above zero and below it.
function shadesOf(colourOf, signed, limit) {
  if (!shades.has(colourOf)) {
    const scale = signed ? 1 : 255 / limit;
    shades.set(colourOf, [1, -1].map((sign) => Uint32Array.from({ length: limit + 1 }, (_, size) => colourOf(Math.round(sign * size * scale)))));
  }
  return shades.get(colourOf);
}

function paintStrokes(canvas, values, colourOf, side) {
  if (canvas.width !== side || canvas.height !== side) canvas.width = canvas.height = side;
  const signed = values instanceof Int8Array;
  const limit = signed ? 127 : STROKE.black;
  const [above, below] = shadesOf(colourOf, signed, limit);
  const { lines, middles, margin, strongest, image } = sheetOf(side);
  const pixels = new Uint32Array(image.data.buffer);
  pixels.fill(above[0]);
  strongest.fill(0);
  for (let i = 0; i < EDGES; i += 1) {
    const size = Math.min(limit, Math.abs(values[i]));
    if (size < STROKE.faintest * limit) continue;
    const shade = values[i] > 0 ? above : below;
    const middle = middles[i];
    const { steps, covers } = lines[Math.floor(i / MAP) % 4][Math.round((size / limit) * STROKE.levels)];
    for (let j = 0; j < steps.length; j += 1) {
      const at = middle + steps[j];
      const shown = (size * covers[j]) >> 8;
      if (shown > strongest[at]) {
        strongest[at] = shown;
        pixels[at] = shade[shown];
      }
    }
  }
  canvas.getContext("2d").putImageData(image, -margin, -margin);
}

// The numbers of one direction alone, [10 rows, 10 columns].
function mapOf(values, direction) {
  const map = values.subarray(direction * MAP, (direction + 1) * MAP);
  return values instanceof Int8Array ? map : map.map((value) => Math.min(255, (255 * value) / STROKE.black));
}
