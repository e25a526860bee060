// The tools below the pad. The canvas hides its own until it is hovered and has others than a pad needs; its styles are
// isolated, so the rules that take them away and fit it to its column are put inside. It stands elsewhere until its own
// style has been loaded: frame.css keeps it out of sight and out of reach until these rules make it visible.

const RULES = `
.dc-root { visibility: visible; width: 100%; max-width: none }
.dc-container { width: 100% !important; height: auto !important; aspect-ratio: 1 }
.dc-container > * { position: absolute !important; inset: 0 }
.dc-container > *, .dc-container canvas { width: 100% !important; height: 100% !important }
.dc-scroll { overflow: hidden !important }
.dc-toolbar { display: none !important }
.upper-canvas:focus-visible { outline: 3px solid var(--st-primary-color, #1c83e1) !important; outline-offset: -3px !important }
.dc-root[data-empty] .dc-container::after {
  content: "Draw a digit here"; position: absolute; inset: 0; z-index: 11; display: grid; place-items: center;
  pointer-events: none; color: #595959; font: 1.25rem var(--st-font, sans-serif)
}`;
const NAME = "Pad: draw a digit with mouse, pen or finger. With the keyboard, take a test image below.";
const CANVASES = '[class*="st-key-canvas_"] [data-testid="stBidiComponentIsolated"]';

const canvases = () => [...document.querySelectorAll(CANVASES)].filter((host) => host.shadowRoot?.querySelector(".dc-root"));
const content = (host) => host.shadowRoot.querySelector(".dc-root");

// The canvas sends a stroke when it ends. Until then its path goes to the server over the run's live link, so that the
// answer follows the pen: at once when the pen comes down, then every so often. What is erased is seen when it is done.
const SPACING_MS = 150;
const MOST_POINTS = 1500;

function follow(surface, brush) {
  surface.addEventListener("pointerdown", (down) => {
    const { erase, width } = brush();
    if (!down.isPrimary || down.button || erase) return;
    const stroke = Date.now();
    const path = [];
    let sent = -SPACING_MS;
    let timer = null;
    const send = (ended = false) => {
      timer = null;
      sent = performance.now();
      window.lrdemoLink?.tell({ stroke, width, path, ended });
    };
    const note = ({ isPrimary, clientX, clientY }) => {
      if (!isPrimary || path.length >= 2 * MOST_POINTS) return;
      const { left, top, width: wide, height: high } = surface.getBoundingClientRect();
      const at = [((clientX - left) * surface.width) / wide, ((clientY - top) * surface.height) / high];
      path.push(...at.map((value) => Math.round(10 * value) / 10));
      timer ??= setTimeout(() => send(), Math.max(0, sent + SPACING_MS - performance.now()));
    };
    const end = () => {
      for (const kind of ["pointerup", "pointercancel"]) window.removeEventListener(kind, end, { capture: true });
      window.removeEventListener("pointermove", note, { capture: true });
      clearTimeout(timer);
      send(true);
    };
    for (const kind of ["pointerup", "pointercancel"]) window.addEventListener(kind, end, { capture: true });
    window.addEventListener("pointermove", note, { capture: true });
    note(down);
  }, { capture: true });
}

// The canvas would wait for 0.2 s before it sends what was drawn, and forget it where a click takes the canvas away
// before; so it is made to send when it has the stroke.
const LIFTED = ["mouseup", "touchend"];

function hurry(host, surface) {
  const send = () => {
    for (const kind of LIFTED) window.removeEventListener(kind, send);
    press(host, "Update");
  };
  surface.addEventListener("pointerdown", () => {
    for (const kind of LIFTED) window.addEventListener(kind, send);
  }, { capture: true });
}

// Returns whether the canvas can be seen now.
function fit(host, data) {
  const root = host.shadowRoot;
  if (root.querySelector("style[data-fit]")) return true;
  const surface = root.querySelector("canvas.upper-canvas");
  if (!surface || getComputedStyle(root.querySelector(".dc-toolbar")).position !== "absolute") return false;
  const style = document.createElement("style");
  style.dataset.fit = "";
  style.textContent = RULES;
  root.append(style);
  surface.setAttribute("role", "img");
  surface.setAttribute("aria-label", NAME);
  surface.tabIndex = 0;
  content(host).toggleAttribute("data-empty", data().empty);
  surface.addEventListener("pointerdown", () => content(host).removeAttribute("data-empty"), { capture: true });
  follow(surface, data);
  hurry(host, surface);
  return true;
}

const press = (host, title) => host.shadowRoot.querySelector(`.dc-toolbar [title^="${title}"]`)?.click();

// What the canvas can do by itself it does here and now, so that the next stroke need not wait for the server.
const ACTS = {
  undo(host) {
    if (host.shadowRoot.querySelector('.dc-toolbar [title="Undo"]').disabled) return true;
    press(host, "Undo");
    return false;
  },
  // A canvas that began with a drawing would only go back to it; it is taken away, and the server puts another there.
  clear(host, { restored }) {
    if (host.closest(`.st-key-${restored}`)) {
      content(host).style.visibility = "hidden";
      return true;
    }
    press(host, "Reset");
    content(host).setAttribute("data-empty", "");
    return true;
  },
};

class Tools {
  constructor(root) {
    this.root = document.createElement("div");
    this.root.className = "tools";
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Drawing tools");
    root.append(this.root);
    this.undo = this.button("undo", "Undo");
    this.eraser = this.button("eraser", "Eraser");
    this.widths = document.createElement("div");
    this.widths.className = "widths";
    this.widths.setAttribute("role", "group");
    this.widths.setAttribute("aria-label", "Brush width");
    this.root.append(this.widths);
    this.brushes(false);
    this.clear = this.button("clear", "Clear");
    this.forDrawing = [...this.root.children];
    this.back = this.button("back", "Back to my drawing");
    this.back.onclick = () => window.lrdemoLink?.tell({ picture: "drawing" });
    this.evidence = this.button("evidence", "");
    this.evidence.setAttribute("aria-label", "Evidence on the pad");
    const words = document.createElement("span");
    words.className = "long";
    words.textContent = "Evidence on the pad ";
    this.evidence.append(words, "◐");
    this.evidence.onclick = () => window.dispatchEvent(new Event("lrdemo-lay-evidence"));
    this.laid = () => this.evidence.setAttribute("aria-pressed", Boolean(window.lrdemoEvidenceOnPad));
    window.addEventListener("lrdemo-evidence-laid", this.laid);
    this.laid();
    this.replaced = () => this.replace(Boolean(window.lrdemoTestImageOnPad));
    window.addEventListener("lrdemo-pad-changed", this.replaced);
    this.replaced();
    this.changed = new MutationObserver(() => this.fitAll());
    this.changed.observe(document.body, { childList: true, subtree: true });
  }

  button(act, text, parent = this.root) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.onclick = () => this.act(act);
    parent.append(button);
    return button;
  }

  update({ data, setTriggerValue }) {
    this.data = data;
    this.report = setTriggerValue;
    this.eraser.setAttribute("aria-pressed", data.erase);
    if (!this.widths.children.length) for (const name of Object.keys(data.widths)) this.width(name, data.widths[name]);
    for (const button of this.widths.children) button.setAttribute("aria-pressed", Number(button.dataset.width) === data.width);
    for (const host of canvases()) content(host).toggleAttribute("data-empty", data.empty);
    this.fitAll();
  }

  width(name, pixels) {
    const button = this.button(name, "", this.widths);
    button.dataset.width = pixels;
    button.setAttribute("aria-label", `${name} brush`);
    const dot = document.createElement("span");
    dot.className = "dot";
    dot.style.width = dot.style.height = `${pixels / 32}rem`;
    button.append(dot);
  }

  brushes(usable) {
    for (const tool of [this.eraser, this.widths]) tool.inert = !usable;
  }

  // A test image may lie on the pad in place of the drawing; nobody draws below it.
  replace(on) {
    for (const tool of this.forDrawing) tool.hidden = on;
    this.back.hidden = !on;
    for (const place of document.querySelectorAll('[class*="st-key-canvas_"]')) place.inert = on;
  }

  act(name) {
    const tell = canvases().map((host) => ACTS[name]?.(host, this.data) ?? true);
    if (!tell.includes(false)) this.report("act", name);
  }

  fitAll() {
    cancelAnimationFrame(this.frame);
    this.replaced();
    const hosts = canvases();
    const waiting = document.querySelectorAll(CANVASES).length > hosts.length;
    // A canvas that is given another brush while its script is loading would be taken away once it has loaded.
    if (hosts.length) this.brushes(true);
    const seen = hosts.map((host) => fit(host, () => this.data));
    if (waiting || seen.includes(false)) this.frame = requestAnimationFrame(() => this.fitAll());
  }

  close() {
    this.changed.disconnect();
    window.removeEventListener("lrdemo-evidence-laid", this.laid);
    window.removeEventListener("lrdemo-pad-changed", this.replaced);
    cancelAnimationFrame(this.frame);
    this.root.remove();
  }
}

export default function (component) {
  const { parentElement } = component;
  parentElement.lrdemoTools ??= new Tools(parentElement);
  parentElement.lrdemoTools.update(component);
  return closing(parentElement, () => {
    parentElement.lrdemoTools.close();
    parentElement.lrdemoTools = null;
  });
}
