// What was published for the recipe that the run follows: marks in both charts, and a table, folded, that grows as the run
// comes to where there are figures. Both are gone once the run is no longer the recipe's.

const verdict = (within) => (within == null ? "not yet" : within ? "inside" : "outside");

// Whether the run is as it should be at its latest place, in words; before the first one, where that will be.
function recipeWords(places) {
  const done = places.filter(({ accuracy }) => accuracy != null);
  const last = done.at(-1);
  if (places.every(({ range }) => !range)) return "What this recipe shows";
  if (!last) return `Recipe: compared at ${count(places[0].iteration)}`;
  return `Recipe: ${last.within ? "in" : "outside"} range at ${count(last.iteration)}`;
}

class RecipeView {
  constructor(loss, accuracy) {
    this.charts = [
      { chart: loss, of: ({ losses }) => losses },
      { chart: accuracy, of: ({ figures }) => figures.map((percentage) => percentage / 100) },
    ];
    this.details = make("details", "recipe");
    this.details.hidden = true;
    this.summary = make("summary");
    this.panel = make("div", "panel");
    this.details.append(this.summary, this.panel);
    this.details.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.details.open = false;
      this.summary.focus();
    });
    accuracy.figure.append(this.details);
    for (const one of this.charts) this.markIn(one);
  }

  markIn({ chart, of }) {
    const { finish, describe } = chart;
    chart.finish = (pen, colours, frame) => {
      finish?.(pen, colours, frame);
      this.mark(chart, pen, colours, this.marked(frame, of));
    };
    chart.describe = (frame) => {
      const marks = this.marked(frame, of);
      return marks.length ? `${describe(frame)} Published figures are marked; the recipe's table has them.` : describe(frame);
    };
  }

  marked({ recipe }, of) {
    return (recipe?.places ?? []).flatMap((place) => of(place).map((value) => ({ at: place.iteration, value })));
  }

  // A cross at each, which no curve has.
  mark({ scales: { x, y } }, pen, colours, marks) {
    const side = rem(0.28);
    pen.strokeStyle = colours.text;
    pen.lineWidth = 1.8;
    pen.beginPath();
    for (const { at, value } of marks) {
      const [across, down] = [x(at), y(value)];
      pen.moveTo(across - side, down - side);
      pen.lineTo(across + side, down + side);
      pen.moveTo(across - side, down + side);
      pen.lineTo(across + side, down - side);
    }
    pen.stroke();
  }

  receive(frame) {
    const { recipe } = frame;
    for (const { chart, of } of this.charts) this.name(chart, this.marked(frame, of).length > 0);
    this.details.hidden = !recipe;
    if (!recipe) {
      this.details.open = false;
      return;
    }
    // Built anew only where it differs: what is selected or read aloud in it stays.
    const told = JSON.stringify(recipe);
    if (told === this.told) return;
    this.told = told;
    this.summary.textContent = recipeWords(recipe.places);
    this.panel.replaceChildren(make("p", null, recipe.shows), ...this.table(recipe.places));
  }

  // In the legend while there are marks.
  name({ legend }, marked) {
    let key = legend.querySelector(".published");
    if (marked && !key) {
      key = make("span", "key published", "published");
      legend.append(key);
    }
    if (!marked) key?.remove();
  }

  table(places) {
    if (places.every(({ range }) => !range)) return [];
    const along = places.some(({ losses }) => losses.length);
    const published = places.some((place) => place.published);
    const columns = [
      ["iteration", (place) => count(place.iteration)],
      along && ["loss, published", ({ losses }) => losses.map((loss) => fixed(loss, 2)).join(", ")],
      along && ["loss, here", ({ loss }) => (loss == null ? "not yet" : fixed(loss, 2))],
      published && ["accuracy in %, published", (place) => place.published],
      ["accuracy in %, here", ({ accuracy }) => (accuracy == null ? "not yet" : fixed(accuracy, 2))],
      ["usual range", ({ range, within }) => `${range.map((end) => short(end, 4)).join(" to ")}: ${verdict(within)}`],
    ].filter(Boolean);
    const table = make("table", "held");
    const row = (cells) => {
      const line = make("tr");
      line.append(...cells);
      table.append(line);
    };
    const heads = columns.map(([name]) => make("th", null, name));
    for (const head of heads) head.scope = "col";
    row(heads);
    for (const place of places) row(columns.map(([, text]) => make("td", null, text(place))));
    const note = "The usual range is what this recipe gives with other seeds; some seeds are outside.";
    return [table, make("p", "note", along ? `${note} Losses are those of one minibatch.` : note)];
  }

  lost() {}
}
