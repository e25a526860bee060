// The way back: a handle on the axis of a chart shows the run as it was at any iteration, plays it from there, and lets
// it go on from there as a new run.

const SPEEDS = [1, 3, 10, 30, 100, 300, 1000, 3000];
const PLAYED_IN_S = 8;
const TICK_MS = 80;
// After that another iteration is asked for even where the last one has not been computed yet.
const PATIENCE_MS = 400;
const THUMB = 10;

class Back {
  constructor(chart, view) {
    Object.assign(this, { chart, view });
    this.handle = make("input", "back-handle");
    Object.assign(this.handle, { type: "range", min: 0, step: 1 });
    this.handle.setAttribute("aria-label", "Look back at iteration");
    this.handle.addEventListener("input", () => {
      this.stop();
      this.look(Number(this.handle.value));
    });
    this.row = make("div", "back");
    this.button = make("button", "play");
    this.say(false);
    this.button.title = "Show again how the run has got here";
    this.button.addEventListener("click", () => (this.ticking ? this.stop() : this.play()));
    this.speed = make("select");
    this.speed.setAttribute("aria-label", "Iterations per second when it is played");
    for (const speed of SPEEDS) this.speed.append(new Option(`${count(speed)}/s`, speed));
    this.speed.addEventListener("change", () => this.ticking && this.play());
    this.onwards = make("button", "onwards", "Go on from here");
    this.onwards.title = "A new run that has come to this iteration only, and goes on";
    this.onwards.addEventListener("click", () => {
      this.stop();
      this.view.report("onwards", this.frame.iteration);
    });
    this.row.append(this.onwards, this.button, this.speed);
    this.row.hidden = this.handle.hidden = true;
    chart.figure.append(this.row, this.handle);
  }

  // The iteration that the handle is on.
  get at() {
    return this.wish ?? this.asked ?? this.frame.wanted ?? this.frame.reached;
  }

  receive(frame) {
    if (frame.state === "starting") return;
    const begun = this.frame?.revision !== frame.revision;
    this.frame = frame;
    if (begun) {
      this.stop();
      this.asked = this.wish = undefined;
    }
    if (this.length !== frame.iterations) {
      this.length = frame.iterations;
      // Its own speed, so that a run of any length is played in some seconds.
      const fitting = SPEEDS.filter((speed) => speed * PLAYED_IN_S <= Math.max(8, frame.iterations) * 1.4);
      this.speed.value = fitting.at(-1);
    }
    if (this.asked != null && this.answered) this.asked = undefined;
    this.send();
    const back = frame.wanted != null;
    this.row.hidden = this.handle.hidden = !frame.reached;
    this.onwards.disabled = !back || frame.iteration !== frame.wanted || frame.iteration >= frame.iterations;
    this.place();
  }

  // Whether what was asked for is what is shown; the end of the run is the present.
  get answered() {
    const { wanted, iteration, reached } = this.frame;
    return wanted === this.asked ? iteration === wanted : wanted == null && this.asked >= reached;
  }

  place() {
    const { chart, handle, frame } = this;
    if (!chart.scales || handle.hidden) return;
    const { x, bottom, right } = chart.scales;
    handle.max = Math.max(frame.reached, frame.iterations);
    handle.value = this.at;
    handle.style.left = `${x(0) - THUMB / 2}px`;
    handle.style.width = `${right - x(0) + THUMB}px`;
    handle.style.top = `${chart.canvas.offsetTop + bottom}px`;
    const now = frame.wanted == null ? "now, " : "";
    handle.setAttribute("aria-valuetext", `${now}iteration ${count(this.at)} of ${count(frame.iterations)}, ${percent(frame.testAccuracy, 2)} correct`);
  }

  look(iteration) {
    this.wish = Math.min(iteration, this.frame.reached);
    this.place();
    this.send();
  }

  // One iteration after the other: what is asked for too often would never be seen.
  send() {
    if (this.wish === undefined || (this.asked != null && performance.now() - this.askedAt < PATIENCE_MS)) return;
    this.asked = this.wish;
    this.wish = undefined;
    this.askedAt = performance.now();
    clearTimeout(this.later);
    this.later = setTimeout(() => this.send(), PATIENCE_MS);
    this.view.link.tell({ lookAt: this.asked >= this.frame.reached ? null : this.asked });
  }

  play() {
    this.stop();
    this.from = this.at >= this.frame.reached ? 0 : this.at;
    this.since = performance.now();
    this.say(true);
    this.ticking = setInterval(() => this.tick(), LESS_MOTION.matches ? CALM_MS : TICK_MS);
    this.look(this.from);
  }

  tick() {
    const on = this.from + Math.floor((Number(this.speed.value) * (performance.now() - this.since)) / 1000);
    // What is computed more slowly is played more slowly.
    if (this.asked == null && on !== this.at) this.look(on);
    if (this.at >= this.frame.reached) this.stop();
  }

  stop() {
    clearInterval(this.ticking);
    this.ticking = null;
    this.say(false);
  }

  say(plays) {
    this.button.replaceChildren(plays ? "❚❚" : "▶", make("span", "word", plays ? " Stop" : " Play"));
    this.button.setAttribute("aria-label", plays ? "Stop" : "Play");
  }

  lost() {
    this.stop();
    this.asked = this.wish = undefined;
  }

  close() {
    this.stop();
    clearTimeout(this.later);
  }
}
