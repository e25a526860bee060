// The canvas hides its tools until it is hovered, and their invisible card swallows strokes that begin below it.
// Its styles are isolated, so the rule that pins the tools above it is put inside. It stands elsewhere until its own
// style has been loaded: frame.css keeps it out of sight and out of reach until this rule makes it visible.

const RULE = ".dc-root { visibility: visible } .dc-toolbar { opacity: 1 !important; top: -2.65rem !important }";
const CANVASES = '[class*="st-key-canvas_"] [data-testid="stBidiComponentIsolated"]';

const canvases = () => [...document.querySelectorAll(CANVASES)];

function pin({ shadowRoot: root }) {
  if (root?.querySelector("style[data-pin]")) return true;
  const tools = root?.querySelector(".dc-toolbar");
  if (!tools || getComputedStyle(tools).position !== "absolute") return false;
  const style = document.createElement("style");
  style.dataset.pin = "";
  style.textContent = RULE;
  root.append(style);
  return true;
}

// Clear empties the canvas here and now, so that the next stroke need not wait for the server. A canvas that began with
// a drawing would only go back to it; it is taken away, and the server puts another in its place.
function clear(canvas, restored) {
  const root = canvas.shadowRoot;
  if (canvas.closest(`.st-key-${restored}`)) root.querySelector(".dc-root").style.visibility = "hidden";
  else for (const tool of ['[title="Edit"][aria-pressed="true"]', '[title^="Reset"]']) root?.querySelector(tool)?.click();
}

let stop = () => {};

export default function ({ data }) {
  stop();
  let frame = 0;
  const pinAll = () => {
    cancelAnimationFrame(frame);
    if (canvases().map(pin).includes(false)) frame = requestAnimationFrame(pinAll);
  };
  const clearAll = ({ target }) => {
    if (target.closest(".st-key-clear button")) for (const canvas of canvases()) clear(canvas, data.restored);
  };
  const changed = new MutationObserver(pinAll);
  changed.observe(document.body, { childList: true, subtree: true });
  document.addEventListener("click", clearAll, { capture: true });
  pinAll();
  return (stop = () => {
    changed.disconnect();
    cancelAnimationFrame(frame);
    document.removeEventListener("click", clearAll, { capture: true });
  });
}
