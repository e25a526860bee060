// What breaks it: sliders that change the picture and all test images in the same way, and what the model makes of them.

const SEND_MS = 40;

class Breaking {
  constructor(root, data, view) {
    this.view = view;
    this.data = data;
    const head = make("div", "head");
    const score = make("div", "score");
    this.accuracy = make("output", "accuracy", "–");
    this.unchanged = make("p", "unchanged");
    this.reason = make("p", "reason");
    this.rest = make("p", "rest");
    score.append(this.accuracy, this.unchanged);
    head.append(score);
    this.answer = new Answer(head, data);
    const panel = make("div", "panel");
    this.controls = data.controls.map((control) => this.slider(panel, control));
    this.controls.push(this.toggle(panel), this.choice(panel, data.presets));
    this.undo = make("button", "undo", "Undo all changes");
    this.undo.type = "button";
    this.undo.addEventListener("click", () => {
      for (const { reset } of this.controls) reset();
      this.touched(null);
    });
    panel.append(this.undo);
    const why = make("div", "told");
    why.append(this.reason, this.rest);
    root.append(head, panel, why);
    this.touched(null);
  }

  row(panel, name, label, input) {
    const row = make("label", "control");
    row.append(make("span", "name", label), input);
    input.name = name;
    panel.append(row);
    return row;
  }

  slider(panel, { name, label, low, high, step, start, unit, decimals }) {
    const input = make("input");
    Object.assign(input, { type: "range", min: low, max: high, step, value: start });
    // What is shown beside it the slider itself says as well.
    const shown = make("span", "value");
    shown.setAttribute("aria-hidden", "true");
    this.row(panel, name, label, input).append(shown);
    const show = () => {
      shown.textContent = `${decimals == null ? percent(Number(input.value), 0) : fixed(Number(input.value), decimals)}${unit}`;
      input.setAttribute("aria-valuetext", shown.textContent);
    };
    input.addEventListener("input", () => {
      show();
      this.touched(name);
    });
    show();
    const reset = () => {
      input.value = start;
      show();
    };
    return { name, value: () => Number(input.value), changed: () => Number(input.value) !== start, reset };
  }

  toggle(panel) {
    const input = make("input");
    input.type = "checkbox";
    this.row(panel, "invert", "Invert: paper is ink", input).classList.add("toggle");
    input.addEventListener("change", () => this.touched("invert"));
    return { name: "invert", value: () => input.checked, changed: () => input.checked, reset: () => (input.checked = false) };
  }

  choice(panel, presets) {
    const input = make("select");
    input.append(...presets.map((name) => new Option(name)));
    this.row(panel, "prepared", "Prepared", input);
    input.addEventListener("change", () => this.touched("prepared"));
    return { name: "prepared", value: () => input.value, changed: () => input.selectedIndex > 0, reset: () => (input.selectedIndex = 0) };
  }

  update(data) {
    this.data = data;
    this.explain();
  }

  // The latest change is explained; where it was taken back, another one that is still made.
  explain() {
    const active = this.controls.filter(({ changed }) => changed());
    const told = active.find((control) => control.name === this.latest) ?? active[0];
    const key = told?.name === "prepared" ? told.value() : told?.name;
    this.reason.textContent = this.data.reasons[key ?? ""];
  }

  touched(name) {
    this.latest = name;
    this.explain();
    this.view.change = Object.fromEntries(this.controls.map((control) => [control.name, control.value()]));
    this.sending ??= setTimeout(() => {
      this.sending = null;
      this.view.link.ask();
    }, SEND_MS);
  }

  receive(frame) {
    const { broken } = frame;
    if (!broken) return;
    if (broken.problem) {
      this.rest.textContent = broken.problem;
      return;
    }
    const { changed, plain, iteration, of, image, edges, logits, probabilities, title, lowest, highest } = broken;
    this.accuracy.setAttribute("aria-live", frame.state === "running" ? "off" : "polite");
    this.accuracy.textContent = percent(changed.accuracy);
    this.unchanged.textContent = `of ${count(of)} test images, changed in the same way, are classified correctly. Unchanged: ${percent(plain.accuracy)}`;
    this.rest.textContent =
      `At iteration ${count(iteration)}. Loss ${fixed(plain.loss)} → ${fixed(changed.loss)}, mean confidence ` +
      `${percent(plain.confidence, 0)} → ${percent(changed.confidence, 0)}. Pixels of this picture: ${short(lowest, 3)} … ${short(highest, 3)}.`;
    const numbers = (values) => Float32Array.from(values, (value) => value ?? NaN);
    this.answer.receive({
      ...frame,
      image: Uint8Array.from(edges ?? image.flat()),
      picture: edges && Uint8Array.from(image.flat()),
      logits: numbers(logits),
      probabilities: numbers(probabilities),
      iteration,
      shown: title,
      temperature: 1,
      advice: null,
      threshold: 0,
      warning: null,
      blank: !title,
    });
  }

  lost() {}
}
