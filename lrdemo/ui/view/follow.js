// Has a section of the page drawn again when the run has moved on: at once where it stands still, else now and then.

const FOLLOW_MS = 2000;
const STANDING_MS = 150;

class Follow {
  constructor(view) {
    this.view = view;
    this.drawn = performance.now();
  }

  update({ seen }) {
    this.seen = seen;
    clearTimeout(this.unanswered);
    this.drawn = performance.now();
  }

  receive({ state, revision, iteration, taught }) {
    const now = [revision, iteration, taught].join();
    if (state === "starting" || now === this.seen || now === this.asked || this.waiting) return;
    const pause = state === "running" ? FOLLOW_MS - (performance.now() - this.drawn) : STANDING_MS;
    this.waiting = setTimeout(() => {
      this.waiting = null;
      // Not under a click, while there will be another occasion.
      if (performance.now() - lastTouch < QUIET_MS && state === "running") this.receive(this.view.frame);
      else this.ask(now);
    }, Math.max(STANDING_MS, pause));
  }

  ask(now) {
    this.asked = now;
    this.view.report("moved", now);
    clearTimeout(this.unanswered);
    this.unanswered = setTimeout(() => this.ask(now), AGAIN_MS);
  }

  lost() {}

  close() {
    clearTimeout(this.waiting);
    clearTimeout(this.unanswered);
  }
}
