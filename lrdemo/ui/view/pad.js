// What is asked about the answer, laid over the pad. The model's 28×28 pixels are the pad's ink moved, scaled and sheared
// (lrdemo/features.py); the frame brings the way back, so that each pixel lies where it came from.

const PAD_SIDE = 840;
// The colours of signed values, the more opaque the more a pixel says: where it says nothing the ink is seen.
const laidPixel = (value) => {
  const opacity = value && Math.min(255, 90 + 3 * Math.abs(value));
  return ((signedPixel(value) & 0xffffff) | (opacity << 24)) >>> 0;
};

class PadEvidence {
  constructor(root) {
    this.root = root;
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.key = make("p", "key");
    this.parts = make("canvas");
    root.append(this.canvas, this.key);
    root.hidden = true;
  }

  receive(frame) {
    const shown = Boolean(frame.onPad && frame.parts);
    this.root.hidden = !shown;
    if (!shown) return;
    paint(this.parts, frame.parts, laidPixel);
    this.canvas.width = this.canvas.height = PAD_SIDE; // This empties it.
    const pen = this.canvas.getContext("2d");
    pen.setTransform(...frame.onPad.map((value) => value * PAD_SIDE));
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this.parts, 0, 0);
    this.key.textContent = colours(frame.why);
    this.canvas.setAttribute("aria-label", `On the pad: ${this.key.textContent}`);
  }

  lost() {}
}
