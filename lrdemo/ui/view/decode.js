// A frame as lrdemo/serving/frames.py packs it: a length, a header of that length, and the arrays that the header lists.

const FOUR_BYTES = { float32: Float32Array, uint8: Uint8Array, int8: Int8Array };

function decode(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const frame = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let offset = 4 + length;
  for (const [name, kind, size] of frame.arrays ?? []) {
    const Kind = FOUR_BYTES[kind];
    frame[name] = new Kind(buffer, offset, size);
    offset += size * Kind.BYTES_PER_ELEMENT;
  }
  return frame;
}
