// Read all places of a page at one moment, also inside its components: { name: [text, …] }. A place is a selector, or
// a selector and an attribute. What Streamlit keeps of an earlier run, out of sight, is left out. `quiet` tells that no
// script of the page runs and nothing on it is of an earlier one.

(places) => {
  const roots = [document];
  for (const root of roots) {
    for (const element of root.querySelectorAll("*")) if (element.shadowRoot) roots.push(element.shadowRoot);
  }
  const kept = (element) => element.closest("[data-retained]");
  const seen = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)].filter((one) => !kept(one)));
  const links = [...(window.lrdemoLinks?.values() ?? [])].map(({ last }) => last);
  const run = document.querySelector(".st-key-live_race") ? links.findLast((last) => last?.lanes) : window.lrdemoLink?.last;
  const app = document.querySelector(".stApp");
  const found = Object.entries(places).map(([name, [selector, attribute]]) => [
    name,
    seen(selector).map((one) => (attribute ? one.getAttribute(attribute) : one.textContent)?.trim() ?? ""),
  ]);
  return {
    quiet: app.dataset.testScriptState === "notRunning" && !document.querySelector("[data-stale=true]"),
    title: document.title,
    frame: run && Object.fromEntries(Object.entries(run).filter(([, value]) => !ArrayBuffer.isView(value))),
    numbers: Object.fromEntries(found),
  };
}
