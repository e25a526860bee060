// Looks at a page as it stands: what is cut, lies over something else, is broken within a number or too small. It sees
// into shadow roots and reads what is drawn on canvases; so it is loaded before the page. Each fault is one sentence.

(() => {
  // May end in an ellipsis: what it says in full stands under "Details", or in the field that opens.
  const MAY_BE_CUT = ".strip .second";
  // May be wider than its place: a box to be scrolled by itself.
  const MAY_SCROLL = ".pixels, .stMarkdown table, [data-testid=stDataFrame]";
  // Small beside larger type: indices of formulas, code within a sentence.
  const MAY_BE_SMALL = ".katex, code";
  // Paints its own text and scrolls by itself; is there for readers; is away.
  const NOT_READ = "[data-testid=stDataFrame], .katex-mathml, [data-testid=stSidebar]:not([aria-expanded=true])";
  // Meant to lie over the chart: what is said of its curves, where they are.
  const MAY_LIE_OVER = ".advice, .back, .end, .frame > :not(canvas)";
  // Stand in the middle of their dots, wherever those are.
  const DIGITS_OF_THE_MAP = ".frame";
  const PICTURES = "img, canvas, svg.chart, button, input, select, textarea";
  const UNIT = /[−+-]?\d[\d,.]*(?:[ \u00a0](?:%|px|°C?|it\/s|ms|s)(?![\w])|\u00a0·\u00a010[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)?/g;
  const LOOSE = /\d (?:%|px\b|°|·\s?10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻])/;
  const NEAR = 2;

  const painted = new WeakMap();
  const moves = [];

  const pen = CanvasRenderingContext2D.prototype;
  const { fillText, clearRect, putImageData } = pen;
  pen.fillText = function (text, x, y, ...rest) {
    const { actualBoundingBoxLeft: left, actualBoundingBoxRight: right, actualBoundingBoxAscent: above, actualBoundingBoxDescent: below } = this.measureText(text);
    const map = this.getTransform();
    const corners = [[x - left, y - above], [x + right, y - above], [x - left, y + below], [x + right, y + below]].map(([a, b]) => map.transformPoint(new DOMPoint(a, b)));
    const [xs, ys] = [corners.map((one) => one.x), corners.map((one) => one.y)];
    const size = parseFloat(this.font.match(/([\d.]+)px/)[1]) * Math.hypot(map.c, map.d);
    const list = painted.get(this.canvas) ?? [];
    list.push({ text: String(text), left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys), size });
    painted.set(this.canvas, list);
    return fillText.call(this, text, x, y, ...rest);
  };
  pen.clearRect = function (x, y, width, height) {
    const { a, d } = this.getTransform();
    if (width * a >= this.canvas.width - 1 && height * d >= this.canvas.height - 1) painted.delete(this.canvas);
    return clearRect.call(this, x, y, width, height);
  };
  pen.putImageData = function (image, ...rest) {
    if (image.width >= this.canvas.width && image.height >= this.canvas.height) painted.delete(this.canvas);
    return putImageData.call(this, image, ...rest);
  };
  const watcher = new PerformanceObserver((list) => moves.push(...list.getEntries()));
  watcher.observe({ type: "layout-shift", buffered: true });

  // What has jumped since a moment, not counting what a visitor's own click may move.
  function shifts(since) {
    moves.push(...watcher.takeRecords());
    return moves.filter(({ startTime, hadRecentInput }) => startTime > since && !hadRecentInput).map(({ value, sources }) => {
      const parts = sources.map(({ node, previousRect: a, currentRect: b }) => `${named(node)} ${[a, b].map(({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ")).join(" → ")}`);
      return `${value.toFixed(4)}: ${parts.join("; ")}`;
    });
  }

  const up = (node) => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host;
  function* upwards(element) {
    for (let node = element; node; node = up(node)) yield node;
  }
  const within = (element, selector) => [...upwards(element)].some((node) => node.matches(selector));
  const holds = (outer, inner) => [...upwards(inner)].includes(outer);
  const hidden = (element) =>
    !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) ||
    [...upwards(element)].some((node) => {
      const { clip, clipPath } = getComputedStyle(node);
      return clipPath === "inset(50%)" || /^rect\((0|1)px/.test(clip);
    });

  function named(node) {
    if (!node) return "?";
    const element = node.nodeType === 1 ? node : node.parentElement;
    for (const one of upwards(element)) {
      const own = [...one.classList].filter((name) => !/^(st-emotion|e[a-z0-9]{6})/.test(name)).slice(0, 2).join(".");
      const name = own || one.dataset.testid;
      if (name) return `${element.localName} in ${name}`;
    }
    return element.localName;
  }
  const told = ({ text, left, top, right, bottom }) => `“${text.length > 60 ? `${text.slice(0, 57)}…` : text}” (${[left, top, right, bottom].map(Math.round).join(" ")})`;

  function* elements(root) {
    for (const element of root.querySelectorAll("*")) {
      yield element;
      if (element.shadowRoot) yield* elements(element.shadowRoot);
    }
  }

  // One entry for each line of each text that can be seen.
  function texts() {
    const found = [];
    const range = new Range();
    for (const element of elements(document.body)) {
      if (element.matches("style, script, option, noscript, title") || within(element, NOT_READ)) continue;
      if (element.localName === "canvas") found.push(...written(element));
      for (const node of element.childNodes) {
        if (node.nodeType !== 3 || !node.data.trim() || hidden(element)) continue;
        range.selectNodeContents(node);
        const { fontSize } = getComputedStyle(element);
        const lines = [...range.getClientRects()].filter(({ width, height }) => width > 0.5 && height > 0.5);
        for (const { left, right, top, bottom } of lines) {
          // A line box is higher than what is written in it.
          const spare = 0.18 * (bottom - top);
          found.push({ element, node, text: node.data.trim(), left, right, top: top + spare, bottom: bottom - spare, size: parseFloat(fontSize) * zoom(element) });
        }
      }
    }
    return found;
  }

  const zoom = (element) => element.currentCSSZoom ?? 1;

  function written(canvas) {
    if (hidden(canvas)) return [];
    const box = canvas.getBoundingClientRect();
    const scale = box.width / canvas.width;
    return (painted.get(canvas) ?? []).filter(({ text }) => text.trim()).map(({ text, left, right, top, bottom, size }) => ({
      element: canvas, text, size: size * scale,
      left: box.left + scale * left, right: box.left + scale * right, top: box.top + scale * top, bottom: box.top + scale * bottom,
    }));
  }

  // What of a box can be seen; what cuts it off is noted in `cutBy`. What can be scrolled into view counts as seen.
  function visible(box) {
    let { left, right, top, bottom } = box;
    const canvas = box.element.localName === "canvas" ? box.element.getBoundingClientRect() : null;
    if (canvas && box.text && (left < canvas.left - NEAR || right > canvas.right + NEAR || top < canvas.top - NEAR || bottom > canvas.bottom + NEAR)) {
      return { ...box, cutBy: "its canvas" };
    }
    let position = getComputedStyle(box.element).position;
    const skip = (style) => (position === "absolute" && style.position === "static" && style.transform === "none");
    for (const node of upwards(box.element)) {
      const style = getComputedStyle(node);
      if (node !== box.element && skip(style)) continue;
      if (node !== box.element) position = style.position;
      if (style.position === "fixed") break;
      if (style.display === "inline" || style.display === "contents" || node === document.body || node === document.documentElement) continue;
      const edge = node.getBoundingClientRect();
      const page = node.matches(".stMain, .stApp, [data-testid=stAppViewContainer]");
      const apart = (low, high, from, to) => high <= from || low >= to;
      if (style.overflowX !== "visible") {
        const over = left < edge.left - NEAR || right > edge.right + NEAR;
        if (over && (page || /hidden|clip/.test(style.overflowX))) return { ...box, cutBy: named(node) };
        if (over && !within(node, MAY_SCROLL)) return { ...box, cutBy: `${named(node)}, which scrolls sideways` };
        if (apart(left, right, edge.left, edge.right)) return null;
        [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
      }
      if (style.overflowY !== "visible" && !page) {
        if (/hidden|clip/.test(style.overflowY) && (top < edge.top - NEAR || bottom > edge.bottom + NEAR)) return { ...box, cutBy: named(node) };
        if (apart(top, bottom, edge.top, edge.bottom)) return null;
        [top, bottom] = [Math.max(top, edge.top), Math.min(bottom, edge.bottom)];
      }
    }
    if (left < -NEAR || right > innerWidth + NEAR) return { ...box, cutBy: "the window" };
    return { ...box, left, right, top, bottom };
  }

  function pictures() {
    return [...elements(document.body)].filter((element) => element.matches(PICTURES) && !within(element, NOT_READ) && !hidden(element)).map((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return { element, text: "", left, right, top, bottom };
    }).filter(({ left, right, top, bottom }) => right - left > 1 && bottom - top > 1);
  }

  const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > NEAR && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > NEAR;

  function overlapping(boxes) {
    const found = [];
    const sorted = boxes.toSorted((a, b) => a.top - b.top);
    sorted.forEach((a, i) => {
      for (const b of sorted.slice(i + 1)) {
        if (b.top > a.bottom - NEAR) break;
        if (!over(a, b) || (!a.text && !b.text) || (a.node && a.node === b.node)) continue;
        if (a.element === b.element && a.element.localName !== "canvas") continue;
        if ((!a.text && holds(a.element, b.element)) || (!b.text && holds(b.element, a.element))) continue;
        if (a.element === b.element && within(a.element, DIGITS_OF_THE_MAP)) continue;
        if (within(a.element, ".katex") && within(b.element, ".katex")) continue;
        if ([[a, b], [b, a]].some(([one, other]) => within(one.element, MAY_LIE_OVER) && other.element.localName === "canvas")) continue;
        if (a.text === b.text && Math.abs(a.left - b.left) + Math.abs(a.top - b.top) < NEAR) continue;
        found.push(`${told(named_(a))} overlaps ${told(named_(b))}`);
      }
    });
    return found;
  }
  const named_ = (box) => ({ ...box, text: box.text || named(box.element) });

  // Numbers and their units, also where one of them is in bold.
  function broken(lines) {
    const found = [];
    const blocks = new Map();
    for (const { node, element } of lines) {
      if (!node) continue;
      const block = [...upwards(element)].find((one) => getComputedStyle(one).display !== "inline");
      blocks.set(block, (blocks.get(block) ?? new Set()).add(node));
    }
    const range = new Range();
    for (const [block, nodes] of blocks) {
      const parts = [...nodes].sort((a, b) => (a.compareDocumentPosition(b) & 4 ? -1 : 1));
      const text = parts.map((node) => node.data).join("");
      const at = (offset, end) => {
        let rest = offset;
        for (const node of parts) {
          if (rest < node.data.length || (end && rest === node.data.length)) return [node, rest];
          rest -= node.data.length;
        }
        return [parts.at(-1), parts.at(-1).data.length];
      };
      for (const match of text.matchAll(UNIT)) {
        range.setStart(...at(match.index, false));
        range.setEnd(...at(match.index + match[0].length, true));
        const rects = [...range.getClientRects()].filter(({ width }) => width > 0.5);
        const tops = rects.map(({ top, bottom }) => (top + bottom) / 2);
        if (Math.max(...tops) - Math.min(...tops) > rects[0].height / 2) {
          found.push(`“${match[0]}” is broken in “${text.slice(Math.max(0, match.index - 30), match.index + 30)}” (${named(block)})`);
        }
      }
      const loose = text.match(LOOSE);
      if (loose && getComputedStyle(block).whiteSpace !== "nowrap" && !block.closest("svg")) found.push(`“${loose[0]}” may be broken in “${text.slice(Math.max(0, loose.index - 30), loose.index + 30)}” (${named(block)})`);
    }
    return found;
  }

  // A button that something else lies over, if only at an edge.
  function covered() {
    const found = [];
    for (const element of elements(document.body)) {
      if (!element.matches("button, select, summary, [role=slider]") || hidden(element) || within(element, NOT_READ)) continue;
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const middle = (left + right) / 2;
      for (const y of [top + 2, bottom - 2]) {
        if (middle < 0 || middle > innerWidth || y < 0 || y > innerHeight) continue;
        let hit = document.elementFromPoint(middle, y);
        while (hit?.shadowRoot?.elementFromPoint(middle, y)) hit = hit.shadowRoot.elementFromPoint(middle, y);
        if (hit && !holds(element, hit) && !holds(hit, element)) found.push(`${named(hit)} lies over “${element.innerText || named(element)}” at ${Math.round(middle)} ${Math.round(y)}`);
      }
    }
    return found;
  }

  // Running text: how many characters stand on a full line.
  function tooLong(most) {
    const found = [];
    for (const element of document.querySelectorAll(".stMarkdown :is(p, li)")) {
      if (hidden(element) || element.closest("table")) continue;
      const range = new Range();
      range.selectNodeContents(element);
      const rects = [...range.getClientRects()];
      const total = rects.reduce((sum, { width }) => sum + width, 0);
      const widest = Math.max(...rects.map(({ right }) => right)) - Math.min(...rects.map(({ left }) => left));
      const length = (element.innerText.length * widest) / total;
      if (element.innerText.length > most && length > most) found.push(`${Math.round(length)} characters on a line of “${element.innerText.slice(0, 50)}…”`);
    }
    return found;
  }

  function line() {
    const bar = document.querySelector(".st-key-transport");
    const main = document.querySelector(".stMain");
    if (!bar) return [];
    const { top, height } = bar.getBoundingClientRect();
    const type = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    const most = type * (innerWidth <= 640 ? 48 : 56);
    const found = height > most + 0.5 ? [`The transport line is ${height} px high.`] : [];
    main.scrollTop = main.scrollHeight;
    const after = bar.getBoundingClientRect().top;
    main.scrollTop = 0;
    if (Math.abs(after - top) > 0.5) found.push(`The transport line moves from ${top} to ${after} when the page is scrolled.`);
    return found;
  }

  // `smallest` type in pixels, `measure`: the most characters on a line, `share` of the width that is used at least,
  // `wanted`: what must end within the window.
  function faults({ smallest = 0, measure = 1e9, share = 0, wanted = [] } = {}) {
    const all = texts();
    const seen = all.map(visible).filter(Boolean);
    const whole = seen.filter(({ cutBy }) => !cutBy);
    const shapes = pictures().map(visible).filter(Boolean);
    const found = [];
    for (const root of [document.documentElement, document.querySelector(".stMain")]) {
      if (root.scrollWidth > root.clientWidth) found.push(`${named(root)} is ${root.scrollWidth} px wide in ${root.clientWidth}.`);
    }
    for (const box of [...seen, ...shapes].filter(({ cutBy }) => cutBy)) {
      if (!within(box.element, MAY_BE_CUT)) found.push(`${told(named_(box))} is cut by ${box.cutBy}`);
    }
    for (const field of document.querySelectorAll("input:not([type=range], [type=checkbox], [type=radio])")) {
      if (!hidden(field) && field.clientWidth > 1 && field.scrollWidth > field.clientWidth + 1) found.push(`“${field.value}” is cut by its field (${field.ariaLabel})`);
    }
    found.push(...overlapping([...whole, ...shapes.filter(({ cutBy }) => !cutBy)]), ...broken(whole), ...tooLong(measure), ...covered(), ...line());
    for (const selector of wanted) {
      const [{ bottom }] = [...elements(document.body)].filter((one) => one.matches(selector)).map((one) => one.getBoundingClientRect());
      if (bottom > innerHeight + 1) found.push(`${selector} ends at ${Math.round(bottom)}, below the window.`);
    }
    for (const box of whole.filter(({ element }) => !within(element, MAY_BE_SMALL))) {
      if (box.size < smallest - 0.05) found.push(`${told(box)} is ${box.size.toFixed(1)} px small (${named(box.element)})`);
    }
    const places = [...document.querySelectorAll(".stMainBlockContainer .stElementContainer")].map((one) => one.getBoundingClientRect()).filter(({ height }) => height > 1);
    const [left, right] = [Math.min(...places.map((box) => box.left)), Math.max(...places.map((box) => box.right))];
    if (right - left < share * innerWidth) found.push(`Only ${Math.round(left)} … ${Math.round(right)} of ${innerWidth} px are used.`);
    return [...new Set(found)];
  }

  // What stands where: it changes while a page is still being built, not while numbers change.
  const arrangement = () => [document.querySelector(".stMain").scrollHeight, ...pictures().flatMap(({ left, top, right, bottom }) => [left, top, right, bottom])].map(Math.round).join();

  window.looking = { faults, shifts, arrangement };
})();
