// One WebSocket per run, shared by all live views of it on the page.

const CLOSED_FOR_GOOD = 4404;
const CALM_MS = 1000;
const LESS_MOTION = matchMedia("(prefers-reduced-motion: reduce)");

class Link {
  constructor(token) {
    this.token = token;
    this.views = new Set();
    this.delay = 300;
    this.frames = 0;
    this.shownAt = -CALM_MS;
  }

  add(view) {
    this.views.add(view);
    clearTimeout(this.closing);
    if (!this.socket) this.open();
    else this.ask();
    if (this.last) view.receive(this.last);
  }

  remove(view) {
    this.views.delete(view);
    clearTimeout(this.closing);
    // Pages replace their views one after the other; close only when no new one has come.
    this.closing = setTimeout(() => (this.views.size ? this.ask() : this.close()), 1000);
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/live`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.delay = 300;
      // In a message, since addresses end up in logs.
      this.ask({ token: this.token });
    };
    socket.onmessage = (event) => {
      this.take(decode(event.data));
      socket.send("{}");
    };
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      clearTimeout(this.held);
      const gone = event.code === CLOSED_FOR_GOOD;
      const text = gone ? "This run has ended. Reload the page to begin a new one." : "Connection lost. Trying again …";
      for (const view of this.views) view.lost(text);
      if (gone || !this.views.size) return;
      this.retry = setTimeout(() => this.open(), this.delay);
      this.delay = Math.min(3000, this.delay * 1.7);
    };
    this.socket = socket;
  }

  // Where less motion is wanted, training alone changes what is seen once a second; all else does so at once.
  take(frame) {
    clearTimeout(this.held);
    const wait = this.shownAt + CALM_MS - performance.now();
    const trainsOn = frame.state === "running" && this.last?.state === "running" && !frame.prompt;
    if (LESS_MOTION.matches && trainsOn && wait > 0) this.held = setTimeout(() => this.show(frame), wait);
    else this.show(frame);
  }

  show(frame) {
    this.last = frame;
    this.frames += 1;
    this.shownAt = performance.now();
    for (const view of this.views) view.receive(frame);
  }

  ask(more = {}) {
    const parts = [...new Set([...this.views].flatMap((view) => view.parts))];
    const views = [...this.views];
    const why = views.map((view) => view.question).find(Boolean);
    const change = views.map((view) => view.change).find(Boolean);
    const mistakes = views.map((view) => view.mistakes).find(Boolean);
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ ...more, parts, why, change, mistakes }));
  }

  // What is told is for this moment only: a lost connection loses it.
  tell(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  close() {
    clearTimeout(this.retry);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    links.delete(this.token);
  }
}

const links = (window.lrdemoLinks = new Map());

function linkTo(token) {
  if (!links.has(token)) links.set(token, new Link(token));
  return links.get(token);
}
