// What a visitor sees and where he presses, also inside components: elements by selector and words.
() => {
  const LEGIBLE = 2;
  const all = (selector, root) =>
    [...root.querySelectorAll("*")].flatMap((one) => [
      ...(one.matches(selector) ? [one] : []),
      ...(one.shadowRoot ? all(selector, one.shadowRoot) : []),
    ]);
  const parent = (one) => one.assignedSlot ?? one.parentElement ?? one.getRootNode().host ?? null;
  const up = (one) => (one ? [one, ...up(parent(one))] : []);
  const seen = (selector) =>
    all(selector, document).filter((one) => one.getClientRects().length && one.checkVisibility({ visibilityProperty: true, opacityProperty: true }));
  const words = (one) => (one.innerText ?? one.textContent).trim();
  const find = (selector, pattern = "") => seen(selector).find((one) => new RegExp(pattern).test(words(one)));
  const text = (selector) => seen(selector).map(words).join("\n");

  // The element that a press at a place would meet.
  function met(x, y, root = document) {
    const one = root.elementFromPoint(x, y);
    return one?.shadowRoot && one !== root.host ? met(x, y, one.shadowRoot) : one;
  }

  // Where an element is, in view and with nothing before its middle; null while it cannot be pressed.
  function place(selector, pattern) {
    const one = find(selector, pattern);
    if (!one || one.disabled) return null;
    if (!inView(one)) one.scrollIntoView({ block: "center", behavior: "instant" });
    const { x, y, width, height } = one.getBoundingClientRect();
    return up(met(x + width / 2, y + height / 2)).includes(one) ? [x, y, width, height] : null;
  }

  function inView(one) {
    const { top, bottom } = one.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  }

  const body = (selector) => seen(selector).filter((one) => up(one).some(({ dataset }) => dataset.testid === "stMain"));
  // Of a formula what is drawn, not the copy of it for screen readers, which nobody sees.
  const spoken = () =>
    body(":not(canvas *, .katex-mathml *)").filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));

  // What is wider than the window, or cut off by it with no way to scroll there.
  function cut() {
    const sideways = [...document.querySelectorAll("[data-testid=stMain], .st-key-transport")].filter((one) => one.scrollWidth > one.clientWidth);
    const outside = [...spoken(), ...body("button, canvas, img")].filter((one) => {
      const { left, right } = one.getBoundingClientRect();
      return left < -1 || right > innerWidth + 1;
    });
    const reached = (one) => up(one).some((box) => box.dataset.testid !== "stMain" && /auto|scroll/.test(getComputedStyle(box).overflowX));
    return [...sideways, ...outside.filter((one) => !reached(one))].map((one) => `${one.tagName}: ${words(one)}`);
  }

  // Texts that stand out from what is under them as little as if they were made for a page of the other kind.
  function dim() {
    const drop = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    const paint = (colour) => {
      drop.fillStyle = colour;
      drop.fillRect(0, 0, 1, 1);
      const [red, green, blue] = [...drop.getImageData(0, 0, 1, 1).data].map((part) => (part <= 10 ? part / 3295 : ((part / 255 + 0.055) / 1.055) ** 2.4));
      return 0.05 + 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (one) => {
      let ground = paint("white");
      for (const box of up(one).reverse()) ground = paint(getComputedStyle(box).backgroundColor);
      const letters = paint(getComputedStyle(one).color);
      return Math.max(ground, letters) / Math.min(ground, letters);
    };
    // The number at a slider's knob stands above it, not on it.
    const standing = spoken().filter((one) => !one.closest("[data-testid=stSliderThumbValue]"));
    return standing.filter((one) => contrast(one) < LEGIBLE).map((one) => `${one.tagName}: ${words(one)} (${contrast(one).toFixed(2)})`);
  }

  window.eyes = { find, text, place, cut, dim };
  return true;
}
