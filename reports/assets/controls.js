// What a grouping is asked by its form, and the page's address as a record of it.
class Controls {
  constructor(grouping) {
    this.grouping = grouping;
    this.form = grouping.root.querySelector(".controls");
    this.output = this.form.querySelector("output");
    this.crumbs = this.form.querySelector(".crumbs");
    this.selection = grouping.root.querySelector(".selection");
    this.missing = this.form.querySelector(".missing");
  }

  start() {
    const { form, grouping } = this;
    form.querySelector(".fields").append(...filterFields(grouping));
    // What rows are searched by is ready before the first letter.
    form.elements.search.addEventListener("focus", () => grouping.rows.forEach((row) => grouping.words(row)));
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
    if (state.category !== "") steps.push({ text: grouping.categories.get(Number(state.category))?.label, change: { topic: "", area: "" } });
    if (state.topic !== "") steps.push({ text: grouping.label(Number(state.topic)), change: { area: "" } });
    if (state.placed) steps.push({ text: state.placed === "yes" ? "placed" : "unplaced", change: { area: "" } });
    if (state.area) steps.push({ text: "inside the line on the map", change: {} });
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
    selection.hidden = !grouping.state.area;
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
    line.append(button("Save selection as CSV", () => save(grouping.name + "-selection", "csv")), button("Clear selection", () => grouping.change({ area: "" })));
    selection.replaceChildren(line, list);
  }

  // "#tools?topic=model-serving&search=gpu" shows the tools with that filter; without any, all.
  recall(given) {
    const { grouping } = this, nodes = {};
    this.missing.replaceChildren();
    for (const layer of ["category", "topic"]) {
      const slug = given.get(layer);
      if (!slug) continue;
      const { node, told } = foundNode(grouping, slug, layer);
      // A former name may lead to another layer.
      const found = node && "topic" in node ? "topic" : "category";
      nodes[layer] = "";
      if (node) nodes[found] = String(node[found]);
      if (told) this.missing.replaceChildren(told);
    }
    this.missing.hidden = !this.missing.textContent;
    grouping.recall(given, nodes);
    this.typed = grouping.state.search;
  }

  remember(asked) {
    const { grouping } = this, { state, name } = grouping;
    if (grouping.recalling) return;
    const said = grouping.said();
    for (const layer of ["category", "topic"]) if (said[layer]) said[layer] = grouping.nodeAt(layer, said[layer]).slug;
    // A topic says its category.
    if (said.topic) delete said.category;
    // Letters typed one after the other are one step back.
    const typed = state.search !== this.typed;
    this.typed = state.search;
    router.remember(addressOf(name, "", said), asked && !typed);
  }
}

// The view of a grouping: its controls, figures and table. They are drawn when it is first looked at, so that the page opens soon.
class GroupingView {
  constructor(grouping) {
    this.grouping = grouping;
    this.map = new AtlasMap(grouping);
  }

  show(params) {
    if (!this.controls) this.start();
    this.controls.recall(params);
    return this.grouping.root.querySelector("h2").textContent;
  }

  start() {
    const { grouping } = this, { name, root } = grouping;
    new DocumentTable(grouping, root.querySelector(".documents"), { name, caption: capital(name) }).start();
    this.controls = new Controls(grouping);
    this.controls.start();
    new Tree(grouping).start();
    new Icicle(grouping).start();
    this.map.start();
  }
}
