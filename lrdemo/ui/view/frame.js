// What every page has: one entry in the history per page, the projector's large type, and keys that work everywhere.

const LARGE_TYPE = 1.8;
const TYPED_INTO = "input, textarea, select, [contenteditable], [role=slider], [role=combobox], [role=listbox]";
const PRESSED = "button, a, summary, canvas, [role=button], [role=tab], [role=radio]";

const root = document.documentElement;

function projector(on) {
  root.toggleAttribute("data-projector", on);
  root.style.fontSize = on ? `${16 * LARGE_TYPE}px` : "";
  sessionStorage.setItem("lrdemo-projector", on ? "on" : "");
  window.dispatchEvent(new Event("resize"));
}

// The element with the focus, also inside a component of its own.
function focused() {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

const press = (selector) => document.querySelector(selector)?.click();

function act(key, element) {
  if (key === "f") projector(!root.hasAttribute("data-projector"));
  else if (key === " " && !element?.closest(PRESSED)) press('.st-key-transport button[kind="primary"]');
  else if (key === "arrowright" && root.hasAttribute("data-projector")) press(".st-key-way_on a");
  else if (key === "arrowleft" && root.hasAttribute("data-projector")) history.back();
  else return false;
  return true;
}

if (!window.lrdemoKeys) {
  window.lrdemoKeys = true;
  if (sessionStorage.getItem("lrdemo-projector")) projector(true);
  document.addEventListener("keydown", (event) => {
    const element = focused();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || element?.closest(TYPED_INTO)) return;
    if (act(event.key.toLowerCase(), element)) event.preventDefault();
  });
}

export default function ({ parentElement }) {
  if (parentElement.querySelector("button")) return;
  const button = document.createElement("button");
  button.className = "projector";
  button.title = "Large type for a projector (key F); then ← and → change the page";
  button.textContent = "Projector";
  const key = document.createElement("kbd");
  key.textContent = "F";
  button.append(" ", key);
  button.addEventListener("click", () => projector(!root.hasAttribute("data-projector")));
  parentElement.append(button);
}
