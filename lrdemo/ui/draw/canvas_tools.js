// The canvas hides its tools until it is hovered, and their invisible card swallows strokes that begin below it.
// Its styles are isolated, so the rule that pins the tools above the canvas is put inside.

const RULE = ".dc-root { margin-top: 2.7rem } .dc-toolbar { opacity: 1 !important; top: -2.65rem !important }";

function pin() {
  for (const element of document.querySelectorAll('[class*="st-key-canvas_"] *')) {
    const root = element.shadowRoot;
    if (!root?.querySelector(".dc-root") || root.querySelector("style[data-pin]")) continue;
    const style = document.createElement("style");
    style.dataset.pin = "";
    style.textContent = RULE;
    root.append(style);
  }
}

export default function () {
  pin();
  const again = setInterval(pin, 200);
  return () => clearInterval(again);
}
