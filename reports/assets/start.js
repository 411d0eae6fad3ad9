// Joins the parts: one grouping a section, its controls, and the page's address as a record of what is shown.
class Controls {
  constructor(grouping) {
    this.grouping = grouping;
    this.form = grouping.root.querySelector(".controls");
    this.output = this.form.querySelector("output");
    this.crumbs = this.form.querySelector(".crumbs");
    this.selection = grouping.root.querySelector(".selection");
    this.names = [...this.form.elements].map((field) => field.name).filter(Boolean);
  }

  start() {
    const { form, grouping } = this;
    form.addEventListener("input", (event) => grouping.change({ [event.target.name]: event.target.value }));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => { event.preventDefault(); grouping.change(grouping.nothing); });
    savable.set(grouping.name + "-selection", { ...savable.get(grouping.name + "-table"), file: grouping.name + "-selected" });
    grouping.listeners.push((asked) => { if (asked) this.draw(); this.remember(asked); });
    this.typed = grouping.state.search;
    this.draw();
  }

  draw() {
    const { grouping } = this;
    for (const field of this.form.elements) if (field.name && field.value !== grouping.state[field.name]) field.value = grouping.state[field.name];
    const all = count(grouping.rows.length), found = grouping.matches().length;
    this.output.textContent = grouping.filtered ? `${count(found)} of ${all} ${grouping.noun}` : `${all} ${grouping.noun}`;
    this.form.classList.toggle("filtered", grouping.filtered);
    this.trail();
    this.summary();
  }

  // All › category › topic, and whatever else narrows; each step leads back to itself.
  trail() {
    const { grouping } = this, { state } = grouping;
    const steps = [{ text: "All " + grouping.noun, change: grouping.nothing }];
    if (state.category !== "") steps.push({ text: grouping.categories.get(Number(state.category))?.label, change: { topic: "", selection: null } });
    if (state.topic !== "") steps.push({ text: grouping.label(Number(state.topic)), change: { selection: null } });
    if (state.placed) steps.push({ text: state.placed === "yes" ? "placed" : "unplaced", change: { selection: null } });
    if (state.selection) steps.push({ text: "inside the line on the map", change: {} });
    this.crumbs.replaceChildren(...steps.map(({ text, change }, place) => {
      const step = element("li"), last = place === steps.length - 1;
      const inner = element(last ? "span" : "button", "", text);
      if (last) inner.setAttribute("aria-current", "location");
      else { inner.type = "button"; inner.addEventListener("click", () => grouping.change(change)); }
      step.append(inner);
      return step;
    }));
  }

  // What was circled on the map: how many, of which topics.
  summary() {
    const { grouping, selection } = this;
    selection.hidden = !grouping.state.selection;
    if (selection.hidden) return;
    const rows = grouping.matches(), sums = new Map();
    for (const row of rows) sums.set(row.topic, (sums.get(row.topic) || 0) + 1);
    const list = element("ul");
    for (const [topic, sum] of [...sums].sort((a, b) => b[1] - a[1] || a[0] - b[0])) {
      const item = element("li");
      item.append(glyph(grouping.topics.get(topic)), `${topic === -1 ? "unplaced" : grouping.label(topic)}: ${count(sum)}`);
      list.append(item);
    }
    const button = (text, act) => {
      const made = element("button", "", text);
      made.type = "button";
      made.addEventListener("click", act);
      return made;
    };
    const line = element("p", "", `${count(rows.length)} ${grouping.noun} inside the line. `);
    line.append(button("Save selection as CSV", () => save(grouping.name + "-selection", "csv")), button("Clear selection", () => grouping.change({ selection: null })));
    selection.replaceChildren(line, list);
  }

  // "#tools?topic=model-serving&search=gpu" shows the tools with that filter; without any, all.
  recall(given) {
    const { grouping } = this;
    const known = [...this.names, "sort", "direction"].filter((key) => given.has(key));
    const values = Object.fromEntries(known.map((key) => [key, given.get(key)]));
    for (const layer of ["category", "topic"]) if (values[layer]) values[layer] = String(grouping.nodeOf(layer, values[layer])?.[layer] ?? "");
    this.recalling = true;
    grouping.change({ ...grouping.nothing, sort: "", direction: "ascending", ...values });
    this.recalling = false;
  }

  remember(asked) {
    if (this.recalling) return;
    const { state, name } = this.grouping;
    const kept = [...this.names, "sort", "direction"].filter((key) => state[key] && (key !== "direction" || state.sort));
    // A topic says its category.
    const said = kept.filter((key) => key !== "category" || !state.topic);
    const value = (key) => (["category", "topic"].includes(key) ? this.grouping.nodeAt(key, state[key]).slug : state[key]);
    // Letters typed one after the other are one step back.
    const typed = state.search !== this.typed;
    this.typed = state.search;
    router.remember(addressOf(name, "", Object.fromEntries(said.map((key) => [key, value(key)]))), asked && !typed);
  }
}

// Known once the data are unpacked, before anything is shown.
let atlas, chunks, answers;
const router = new Router(), groupings = new Map(), maps = new Map();
// What the scripts of further sections do then.
const starters = [];

async function begin() {
  atlas = await unpack(document.getElementById("atlas-data"));
  chunks = new Chunks(atlas.files);
  answers = new Answers(atlas.answers);
  for (const [name, data] of Object.entries(atlas.groupings)) {
    const grouping = new Grouping(name, data, document.getElementById(name));
    if (name === "tools") answers.fill(grouping.rows);
    const controls = new Controls(grouping), map = new AtlasMap(grouping);
    new AtlasTable(grouping).start();
    controls.start();
    new Tree(grouping).start();
    new Icicle(grouping).start();
    map.start();
    groupings.set(name, grouping);
    maps.set(name, map);
    router.register(name, (_, params) => { controls.recall(params); return grouping.root.querySelector("h2").textContent; });
  }
  linkParts(document);
  if (document.getElementById("frameworks")) new HeatMap(groupings.get("requests")).start();
  if (groupings.has("requests")) new WishPage(groupings.get("requests")).start();
  const changed = document.getElementById("changes");
  if (changed) {
    new Changes(changed).start();
    router.register("changes", () => changed.querySelector("h2").textContent);
  }
  findFigures();
  document.querySelectorAll(".print").forEach((button) => button.addEventListener("click", () => window.print()));
  const toolView = new ToolView(groupings, answers);
  router.register("tool", (name) => toolView.show(name));
  router.register("gone", (value) => { document.querySelector("#gone .asked").textContent = value; return "Not found"; });
  starters.forEach((start) => start());
  router.start();
  // Everything is drawn and answers: said for who measures it.
  performance.mark("atlas-ready");
  document.documentElement.dataset.ready = "yes";
}

begin().catch(sayTrouble);
