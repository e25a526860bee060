// What lies on the pad: a test image in place of the drawing, which comes back when the image is pressed, and what is
// asked about the answer. The model's image is the pad's ink moved, scaled and sheared to 28×28 (lrdemo/features.py); the
// frame brings the way back, so that each pixel, or edge, of the evidence lies where it came from.

const PAD_SIDE = 840;
const IMAGE_SIDE = 28;
// Of the strokes, which are drawn once and then laid on the pad: the image takes up about two thirds of it.
const STROKES_SIDE = 560;
// The colours of signed values, the more opaque the more a pixel says: where it says nothing the ink is seen.
const laidPixel = (value) => {
  const opacity = value && Math.min(255, 90 + 3 * Math.abs(value));
  return ((signedPixel(value) & 0xffffff) | (opacity << 24)) >>> 0;
};

class Pad {
  constructor(root) {
    this.test = make("div", "test-image");
    this.image = make("canvas");
    // The picture says the same to who hears the page.
    this.title = make("p", "key");
    this.title.setAttribute("aria-hidden", "true");
    this.test.append(this.image, this.title);
    this.test.addEventListener("pointerdown", () => window.lrdemoLink?.tell({ picture: "drawing" }));
    this.evidence = make("div", "evidence");
    this.canvas = make("canvas");
    this.key = make("p", "key");
    this.evidence.append(this.canvas, this.key);
    for (const canvas of [this.image, this.canvas]) canvas.setAttribute("role", "img");
    this.parts = make("canvas");
    root.append(this.test, this.evidence);
    this.test.hidden = this.evidence.hidden = true;
  }

  receive(frame) {
    if (frame.state === "starting") return;
    this.take(frame);
    this.lay(frame);
  }

  take({ onPadPixels, shown }) {
    this.test.hidden = !onPadPixels;
    if (onPadPixels) {
      paint(this.image, onPadPixels, inkPixel);
      this.image.setAttribute("aria-label", shown);
      this.title.textContent = shown;
    }
    // The pad's tools go with the drawing (draw/canvas_tools.js).
    if (window.lrdemoTestImageOnPad === Boolean(onPadPixels)) return;
    window.lrdemoTestImageOnPad = Boolean(onPadPixels);
    window.dispatchEvent(new Event("lrdemo-pad-changed"));
  }

  lay(frame) {
    const laid = Boolean(frame.onPad && frame.parts);
    this.evidence.hidden = !laid;
    if (!laid) return;
    paint(this.parts, frame.parts, laidPixel, STROKES_SIDE);
    this.canvas.width = this.canvas.height = PAD_SIDE; // This empties it.
    const pen = this.canvas.getContext("2d");
    pen.setTransform(...frame.onPad.map((value) => value * PAD_SIDE));
    pen.imageSmoothingEnabled = this.parts.width > IMAGE_SIDE;
    pen.drawImage(this.parts, 0, 0, IMAGE_SIDE, IMAGE_SIDE);
    this.key.textContent = colours(frame.why, formOf(frame.parts));
    this.canvas.setAttribute("aria-label", `On the pad: ${this.key.textContent}`);
  }

  lost() {}
}
