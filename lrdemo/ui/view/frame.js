// What every page has: one entry in the history per page, the projector's large type, and keys that work everywhere.

const LARGE_TYPE = 1.8;
const MENU_MS = 150;
const TYPED_INTO = "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable], [role=listbox]";
const FILLED = '.st-key-transport button[kind="primary"]';
// Buttons that give way to another when they are pressed: Start to Pause, a recipe to another's name.
const RENEWED = [FILLED, ".st-key-recipe button"];
const PRESSED = "button, a, summary, canvas, [role=button], [role=tab], [role=radio], [type=checkbox]";

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
  // The arrows are a slider's own while it has the focus.
  const turns = root.hasAttribute("data-projector") && !element?.matches("[type=range]");
  if (key === "f") projector(!root.hasAttribute("data-projector"));
  else if (key === " " && !element?.closest(PRESSED)) press(FILLED);
  else if (key === "arrowright" && turns) press(".st-key-way_on a");
  else if (key === "arrowleft" && turns) history.back();
  else return false;
  return true;
}

// A menu that a key has opened takes the focus, which Streamlit's own sometimes forget to do.
function enterMenus() {
  let opened = null;
  new MutationObserver(() => {
    const menu = document.querySelector("[role=menu]");
    if (menu === opened) return;
    opened = menu;
    setTimeout(() => {
      if (menu?.isConnected && !menu.contains(document.activeElement)) menu.querySelector('[tabindex="0"]')?.focus();
    }, MENU_MS);
  }).observe(document.body, { childList: true, subtree: true });
}

// Where the focus is when what had it is gone: on what has taken its place; on another page as a whole, unless that was
// chosen in the navigation, which stays.
function keepFocus() {
  let held = null;
  let place = null;
  let path = location.pathname;
  document.addEventListener("focusin", ({ target }) => {
    held = target;
    // A menu belongs to the button that has opened it.
    if (!target.closest("[role=menu]")) place = RENEWED.find((selector) => target.matches(selector));
  });
  new MutationObserver(() => {
    if (path !== location.pathname) {
      path = location.pathname;
      if (!document.activeElement.closest("header, .stSidebar")) document.querySelector(".stMain").focus({ preventScroll: true });
    }
    if (!place || held.isConnected || document.activeElement !== document.body) return;
    document.querySelector(place)?.focus({ preventScroll: true });
  }).observe(document.body, { childList: true, subtree: true });
}

if (!window.lrdemoKeys) {
  window.lrdemoKeys = true;
  if (sessionStorage.getItem("lrdemo-projector")) projector(true);
  keepFocus();
  enterMenus();
  document.addEventListener("keydown", (event) => {
    const element = focused();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented || element?.closest(TYPED_INTO)) return;
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
