// The one picture of a moment that stands still: its numbers come with the page, not over the live link.

const ALONE = { ask() {}, link: { tell() {} } };

class Still {
  constructor(parentElement, told) {
    this.root = make("div", "view machine");
    parentElement.append(this.root);
    this.machine = new Machine(this.root, { ...told, pictures: [] }, ALONE);
    this.machine.light();
    this.resized = new ResizeObserver(() => this.machine.join());
    this.resized.observe(this.root);
  }

  close() {
    this.resized.disconnect();
    this.machine.close();
    this.root.remove();
  }
}

export default function ({ parentElement, data }) {
  const frame = decode(data.slice().buffer);
  const still = (parentElement.lrdemoStill ??= new Still(parentElement, frame.told));
  still.machine.receive(frame);
  return closing(parentElement, () => {
    still.close();
    parentElement.lrdemoStill = null;
  });
}
