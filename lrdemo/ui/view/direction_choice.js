// All eight directions of edges at once, or one alone: a choice that is there only for a model that gets edges.

// The last sign asks for the arrow as text: some telephones have a coloured picture for it.
const COMPASS_SIGNS = [..."→↘↓↙←↖↑↗"].map((arrow) => `${arrow}\ufe0e`);
const TOWARDS = [
  "to the right", "to the lower right", "downwards", "to the lower left", "to the left", "to the upper left", "upwards", "to the upper right",
];

class DirectionChoice {
  constructor(root, chosen) {
    this.direction = null;
    this.fieldset = make("fieldset", "directions");
    this.fieldset.append(make("legend", null, "Edges where ink grows"));
    this.add(null, "all, in any direction", "all", chosen).checked = true;
    COMPASS_SIGNS.forEach((arrow, direction) => this.add(direction, TOWARDS[direction], arrow, chosen));
    root.append(this.fieldset);
  }

  add(direction, name, sign, chosen) {
    const input = make("input");
    Object.assign(input, { type: "radio", name: "direction" });
    input.setAttribute("aria-label", name);
    input.addEventListener("change", () => {
      this.direction = direction;
      chosen();
    });
    const label = make("label");
    label.title = name;
    label.append(input, make("span", null, sign));
    this.fieldset.append(label);
    return input;
  }

  // What is shown of some values: all of them, or one direction's map.
  of(values) {
    const edges = values.length === EDGES;
    this.fieldset.hidden = !edges;
    return edges && this.direction !== null ? mapOf(values, this.direction) : values;
  }

  get words() {
    return this.fieldset.hidden || this.direction === null ? "" : ` where ink grows ${TOWARDS[this.direction]}`;
  }
}
