// The pictures to choose from below the digit in question: test images, and the visitor's own drawing or the way to it.

class Choice {
  constructor(root, view) {
    this.view = view;
    this.root = make("div", "choice");
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Pictures to choose from");
    root.append(this.root);
  }

  update({ pictures = [] }) {
    const given = JSON.stringify(pictures);
    // The same buttons stay: one of them may have the focus.
    if (given === this.given) return;
    this.given = given;
    this.buttons = pictures.map((picture) => ({ ...picture, button: this.button(picture) }));
    this.root.replaceChildren(...this.buttons.map(({ button }) => button));
    if (this.shown) this.receive({ shown: this.shown });
  }

  button({ value, name, source }) {
    const button = make("button", source ? "picture" : "way");
    button.type = "button";
    if (source) {
      const image = make("img");
      image.alt = "";
      image.src = source;
      button.append(image);
    }
    button.append(make("span", "name", name));
    button.addEventListener("click", () => {
      this.view.link.tell({ picture: value });
      // Streamlit's own link to the page: any other would begin a new session.
      if (!source) document.querySelector('a[href$="draw"]')?.click();
    });
    return button;
  }

  receive({ shown }) {
    if (!shown) return;
    this.shown = shown;
    for (const { button, title } of this.buttons ?? []) if (title) button.setAttribute("aria-pressed", title === shown);
  }

  lost() {}
}
