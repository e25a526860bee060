// The points of the map as they travel: coordinates in map steps, and labels.

const STEPS = 32767;

function unpack(bytes) {
  const copy = bytes.slice().buffer;
  const number = new DataView(copy).getUint32(0, true);
  return { number, points: new Int16Array(copy, 8, 2 * number), labels: new Uint8Array(copy, 8 + 4 * number, number) };
}

function named({ labels }, index) { return `digit ${labels[index]}, image ${index}`; }

// The lowest and the highest [x, y].
function extent({ number, points }) {
  const low = [STEPS, STEPS], high = [-STEPS, -STEPS];
  for (let i = 0; i < 2 * number; i++) {
    low[i & 1] = Math.min(low[i & 1], points[i]);
    high[i & 1] = Math.max(high[i & 1], points[i]);
  }
  return [low, high];
}

// The medians [x, y] of one digit's points.
function middle({ number, points, labels }, digit) {
  const xs = [], ys = [];
  for (let i = 0; i < number; i++) if (labels[i] === digit) { xs.push(points[2 * i]); ys.push(points[2 * i + 1]); }
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
  return [median(xs), median(ys)];
}

// The point nearest to [x, y] within reach, of one digit where `only` is one; -1 where there is none.
function nearest({ number, points, labels }, [x, y], reach, only) {
  let best = -1, closest = reach ** 2;
  for (let i = 0; i < number; i++) {
    if (only >= 0 && labels[i] !== only) continue;
    const dx = points[2 * i] - x, dy = points[2 * i + 1] - y, d = dx * dx + dy * dy;
    if (d < closest) { closest = d; best = i; }
  }
  return best;
}
