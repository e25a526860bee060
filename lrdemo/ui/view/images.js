// Test images to take in place of a drawing: by number, one after the other, or any. One is asked for over the live
// link, which loses none of several quick clicks, and the pad's canvas stays where it is.

const TEST_IMAGES = 10000;
// So long after a click the number is the visitor's: frames may still tell of an image before it.
const CHOSEN_MS = 1000;

class Images {
  constructor(root, view) {
    this.view = view;
    this.at = -1;
    this.chosen = -CHOSEN_MS;
    this.root = root;
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Test images");
    this.button("‹", "Previous test image", () => this.take(this.at - 1));
    this.field = make("input");
    Object.assign(this.field, { type: "number", min: 0, max: TEST_IMAGES - 1, step: 1, placeholder: "Test image" });
    this.field.setAttribute("aria-label", "Test image, 0 to 9,999");
    this.field.addEventListener("change", () => {
      if (this.field.reportValidity() && this.field.value) this.take(Number(this.field.value));
    });
    this.root.append(this.field);
    this.button("›", "Next test image", () => this.take(this.at + 1));
    this.button("Any", "Any test image", () => this.take(Math.floor(TEST_IMAGES * Math.random())));
  }

  button(text, name, act) {
    const button = make("button", null, text);
    button.type = "button";
    button.title = name;
    button.setAttribute("aria-label", name);
    button.addEventListener("click", act);
    this.root.append(button);
  }

  take(index) {
    this.at = (Math.max(index, -1) + TEST_IMAGES) % TEST_IMAGES;
    this.chosen = performance.now();
    this.field.value = this.at;
    this.view.link.tell({ picture: String(this.at) });
  }

  receive({ state, testImage = null }) {
    clearTimeout(this.later);
    if (state === "starting") return;
    const wait = this.chosen + CHOSEN_MS - performance.now();
    if (wait > 0) this.later = setTimeout(() => this.receive(this.view.frame), wait);
    else this.show(testImage);
  }

  // With a drawing on the pad no image has a number, and the arrows go on from the last one.
  show(testImage) {
    if (testImage !== null) this.at = testImage;
    // Not while a number is being typed.
    if (this.field.getRootNode().activeElement !== this.field) this.field.value = testImage ?? "";
  }

  lost() {}

  close() {
    clearTimeout(this.later);
  }
}
