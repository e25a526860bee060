// The component: mounts the parts that the page asks for and connects them to the run.

const BUILD = {
  strip: (root, data, view) => [new Strip(root, data, view)],
  lab: (root, data, view) => {
    const pieces = [new Answer(root, data), new Choice(root, view), new Templates(root)];
    const charts = make("div", "charts");
    root.append(charts);
    const loss = lossChart(charts);
    const accuracy = accuracyChart(charts);
    // First the guesses, which the chart of the accuracy marks.
    const guess = new Guess(accuracy, data.token);
    return [...pieces, loss, guess, accuracy, new Back(accuracy, view), new AdviceView(loss, view), new RecipeView(loss, accuracy)];
  },
  answer: (root, data, view) => {
    const answer = new Answer(root, data);
    return [answer, new Why(root, answer, (question) => view.ask(question))];
  },
  pad: (root) => [new Pad(root)],
  images: (root, data, view) => [new Images(root, view)],
  inside: (root) => [new Templates(root, true)],
  race: (root) => [new RaceView(root)],
  comparison: (root, data, view) => [new Comparison(root, view)],
  breaking: (root, data, view) => [new Breaking(root, data, view)],
  mistakes: (root, data, view) => [new Mistakes(root, view)],
  machine: (root, data, view) => [new Machine(root, data, view)],
  follow: (root, data, view) => [new Follow(view)],
  edge: (root) => [new EdgeLine(root)],
  loss: (root) => [lossChart(root)],
};

const PARTS = {
  strip: [], lab: ["curves", "templates", "answer"], answer: ["answer"], pad: ["answer", "pad"], images: ["answer"], inside: ["templates"], race: ["race", "edge"],
  comparison: ["comparison"],
  breaking: ["breaking"], mistakes: ["mistakes"], machine: ["templates", "answer"], follow: [],
  edge: ["edge"], loss: ["curves"],
};

const QUIET_MS = 500;
const SOON_MS = 250;
// Streamlit can lose a rerun under another one: what has not come by then is asked for again.
const AGAIN_MS = 3000;
const sameButtons = (one, other) => one === other || (["starting", "ready"].includes(one) && ["starting", "ready"].includes(other));

// Streamlit draws one part of the page again for all that is reported at the same time: reports come one by one, each
// so long after the one before was made, also where a busy browser is late.
const APART_MS = 50;
const reports = [];

function inTurn(report) {
  reports.push(report);
  if (reports.length === 1) reportNext();
}

function reportNext() {
  reports[0]();
  setTimeout(() => {
    reports.shift();
    if (reports.length) reportNext();
  }, APART_MS);
}

let lastTouch = -QUIET_MS;
for (const kind of ["pointerdown", "keydown"]) {
  document.addEventListener(kind, () => (lastTouch = performance.now()), { capture: true });
}

class View {
  constructor(root, data) {
    this.root = make("div", `view ${data.view}`);
    root.append(this.root);
    this.parts = PARTS[data.view];
    this.link = linkTo(data.token);
    this.pieces = BUILD[data.view](this.root, data, this);
    if (data.view === "strip" && !besideOf(data)) window.lrdemoLink = this.link;
    this.resized = new ResizeObserver(() => this.repaint());
    this.resized.observe(this.root);
    // A change of theme sends no event.
    this.themed = setInterval(() => {
      const colours = JSON.stringify(theme(this.root));
      if (colours !== this.colours) this.repaint();
      this.colours = colours;
    }, 500);
  }

  update(component) {
    this.report = (name, value) => inTurn(() => this.root.isConnected && component.setTriggerValue(name, value));
    this.rendered = component.data.state;
    for (const piece of this.pieces) piece.update?.(component.data);
    if (!this.link.views.has(this)) this.link.add(this);
    // The run may have moved on while the buttons were being drawn.
    if (this.frame) this.tell(this.frame);
  }

  // What is asked about the answer goes with the parts; it is asked again after a lost connection.
  ask(question) {
    this.question = question;
    this.link.ask();
  }

  receive(frame) {
    this.frame = frame;
    this.trouble = null;
    for (const piece of this.pieces) piece.receive(frame);
    this.tell(frame);
  }

  // The buttons were drawn for one state; ask for new ones when the run has come to another by itself. Not while the
  // visitor is clicking: a button that is exchanged under the finger is not pressed.
  tell(frame, soonest = SOON_MS) {
    if (this.rendered == null || this.waiting || sameButtons(frame.state, this.rendered)) return;
    const quiet = performance.now() - lastTouch;
    this.waiting = setTimeout(() => {
      this.waiting = null;
      const { revision, state, iteration } = this.frame;
      if (performance.now() - lastTouch < QUIET_MS) this.tell(this.frame);
      else if (!sameButtons(state, this.rendered)) {
        this.report("state", `${revision}:${state}:${iteration}`);
        this.tell(this.frame, AGAIN_MS);
      }
    }, Math.max(soonest, QUIET_MS - quiet));
  }

  repaint() {
    if (this.frame) for (const piece of this.pieces) piece.receive(this.frame);
    if (this.trouble) this.lost(this.trouble);
  }

  lost(text) {
    this.trouble = text;
    for (const piece of this.pieces) piece.lost(text);
  }

  close() {
    clearInterval(this.themed);
    clearTimeout(this.waiting);
    for (const piece of this.pieces) piece.close?.();
    this.resized.disconnect();
    this.link.remove(this);
    this.root.remove();
  }
}

export default function (component) {
  const { parentElement, data } = component;
  let view = parentElement.lrdemoView;
  if (view && view.link.token !== data.token) {
    view.close();
    view = null;
  }
  view ??= new View(parentElement, data);
  parentElement.lrdemoView = view;
  view.update(component);
  return closing(parentElement, () => {
    view.close();
    parentElement.lrdemoView = null;
  });
}
