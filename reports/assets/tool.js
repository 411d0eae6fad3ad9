// A tool's page: what it is, where it stands and why, how it is used, what its users ask, what goes with it.
// Lines of a list that are shown before the rest is folded.
const FEW = 8;

class ToolView {
  constructor(groupings, answers) {
    this.tools = groupings.get("tools");
    this.requests = groupings.get("requests");
    this.answers = answers;
    this.root = document.getElementById("tool");
    this.rows = new Map(this.tools.rows.map((row) => [row.key, row]));
    this.asked = new Map((this.requests?.rows ?? []).map((row) => [row.key, row]));
  }

  // The title of what is shown; a former name leads to the present one.
  show(name) {
    const tool = this.answers.named(name), box = element("div", "column");
    this.root.replaceChildren(box);
    if (!tool) return this.missing(box, name);
    if (!this.answers.has(tool)) return this.wait(box, tool);
    if (tool.name.toLowerCase() !== name.toLowerCase()) router.remember(addressOf("tool", tool.name));
    this.tool = tool;
    this.row = this.rows.get(tool.key);
    const told = element("div", "told"), beside = element("div", "beside");
    told.append(...[this.standing(), this.life(), this.use(), this.wishes()].filter(Boolean));
    beside.append(...[this.facts(), this.company(), this.near(), this.lacking()].filter(Boolean));
    box.append(this.head(name), told, beside);
    box.classList.add("tool-page");
    return tool.name;
  }

  // Of a large page, what is known of a tool comes when it is asked for.
  wait(box, tool) {
    const said = element("p", "note", "Fetching what is known of it …");
    box.append(this.heading("h2", tool.name), said);
    const near = () => [tool, ...(tool.near ?? []).map(([at]) => this.answers.tools[at])];
    const late = this.answers.complete([tool]).then(() => this.tools.describe(near().map((each) => this.rows.get(each.key)).filter(Boolean)));
    late.catch(() => said.remove());
    router.again(late.then(() => true));
    return tool.name;
  }

  missing(box, name) {
    box.append(this.heading("h2", "There is no tool of this name"), element("p", "", `The atlas has no “${name}”, nor did any of its tools have that name.`));
    const again = element("p");
    const seek = element("a", "", "Search for it");
    seek.href = addressOf("find", name);
    again.append(seek, ".");
    box.append(again);
    return "No such tool";
  }

  heading(level, text) {
    const made = element(level, "", text);
    if (level === "h2") { made.id = "tool-heading"; made.tabIndex = -1; }
    return made;
  }

  head(name) {
    const { tool, row } = this, head = element("div", "tool-head"), crumbs = element("p", "crumb");
    if (tool.purpose) {
      const [topic, category, placed] = tool.purpose, nodes = [this.tools.categories.get(category), this.tools.topics.get(topic)];
      if (!placed) crumbs.append("In no purpose for sure; nearest: ");
      nodes.filter((node, place) => place === 1 || node.label !== nodes[1].label).forEach((node, place) => crumbs.append(place ? " › " : "", nodeLink(this.tools, node)));
    } else crumbs.append(tool.beside ? "Not one of the tools that this atlas sorts" : "In no purpose, nor near one");
    head.append(crumbs, this.heading("h2", tool.name));
    if (tool.former) head.append(element("p", "note", "Formerly " + tool.former.join(", ") + "."));
    if (name.toLowerCase() !== tool.name.toLowerCase()) head.append(element("p", "note", `“${name}” is a former name of it.`));
    const about = row?.description ?? tool.about;
    const lead = element("p", "lead", about);
    if (!about) lead.append(unknown(), ": no source of this atlas says what it is.");
    head.append(lead);
    const links = element("p", "links");
    for (const [what, url] of tool.links ?? []) links.append(link({ url, title: what === "repository" ? "Repository" : "Homepage" }), " ");
    head.append(links);
    return head;
  }

  standing() {
    const { tool } = this, box = element("section"), line = element("p", "standing-now");
    const why = this.answers.text(tool.because);
    box.append(this.heading("h3", "Where it stands"));
    if (tool.stage) {
      line.append(stageName(tool.stage), ` since ${tool.since ?? "an unknown month"}: ${why}.`);
    } else line.append(stageName(null), ": " + this.answers.text(tool.why?.stage) + ".");
    box.append(line, element("p", "note", tool.seen ? `Seen on ${tool.seen}; what came after is not known.` : "The day on which it was seen is not known."));
    const others = (tool.elsewhere ?? []).map(([snapshot, stage, because, seen]) => `${this.answers.text(snapshot)}: ${stage ?? "stage unknown"}, ${this.answers.text(because)}${seen ? ` (seen on ${seen})` : ""}`);
    if (others.length) box.append(element("p", "note", "In other snapshots: " + others.join("; ") + "."));
    return box;
  }

  life() {
    return this.tool.life ? lifeFigure(this.tool, this.answers.stages) : null;
  }

  facts() {
    const box = element("section"), list = element("dl", "facts");
    for (const { key } of this.answers.facts) {
      const { name, value } = this.answers.fact(this.tool, key);
      if (value === null || key === "seen") continue;
      const told = typeof value === "number" ? count(value) : value === true ? "yes" : value === false ? "no" : value;
      list.append(element("dt", "", name), element("dd", "", told));
    }
    if (!list.children.length) return null;
    box.append(this.heading("h3", "Facts"), list);
    return box;
  }

  use() {
    const { tool } = this, { use } = tool;
    if (!use) return null;
    const box = element("section"), used = use.features.filter(([, , n]) => n), none = use.features.filter(([, , n]) => n === 0), untold = use.features.filter(([, , n]) => n === null);
    box.append(this.heading("h3", "How dependents use it"), element("p", "", `${count(use.n)} dependent${use.n === 1 ? "" : "s"} (${use.heading}) use it for:`));
    box.append(this.bars(used.map(([, name, n, share, low, high, evidence]) => ({ name, n, share, low, high, evidence })), use.n, "dependents"));
    const rest = [none.length ? "Nobody: " + none.map(([, name]) => name.toLowerCase()).join(", ") + "." : "", untold.length ? "Not told by code: " + untold.map(([, name]) => name.toLowerCase()).join(", ") + "." : ""].filter(Boolean);
    if (rest.length) box.append(element("p", "note", rest.join(" ")));
    const ways = use.channels.filter(([, , n]) => n).map(([, name, n]) => `${name} ${count(n)}`);
    if (ways.length) box.append(element("p", "", "Through: " + ways.join(", ") + "."));
    if (use.wanted) box.append(element("p", "note", use.wanted));
    return box;
  }

  // Counts as bars; each opens the lines of code that it rests on, in the place below.
  bars(lines, whole, what) {
    const box = element("div"), list = element("ul", "bars");
    for (const { name, n, share, low, high, evidence } of lines.slice(0, FEW)) {
      const item = element("li"), bar = element("span", "bar"), said = `${name}: ${count(n)} ${what}`;
      bar.style.setProperty("--width", whole ? n / whole : 0);
      const number = element(evidence ? "button" : "span", "n", count(n));
      if (evidence) {
        number.type = "button";
        number.dataset.evidence = evidence;
        number.setAttribute("aria-expanded", "false");
        number.setAttribute("aria-label", said + ": the lines of code");
      }
      item.append(element("span", "name", name), bar, number);
      if (share !== null && share !== undefined) item.append(element("span", "note", `${percent(share)} (${percent(low)}–${percent(high)})`));
      list.append(item);
    }
    box.append(list, evidencePlace());
    if (lines.length > FEW) box.append(element("p", "note", "And fewer: " + lines.slice(FEW).map(({ name, n }) => `${name} ${count(n)}`).join(", ") + "."));
    return box;
  }

  wishes() {
    const { tool, requests } = this, { asked } = tool;
    if (!asked) return null;
    const box = element("section"), open = asked.open === null || asked.open === undefined ? "" : `, ${count(asked.open)} of them open`;
    box.append(this.heading("h3", "What its users ask for"), element("p", "", `${count(asked.n)} request${asked.n === 1 ? "" : "s"} were collected${open}. A collection is no census: how often users want something it does not say.`));
    const themes = element("ul", "bars"), most = Math.max(...asked.themes.map(([, n]) => n));
    for (const [topic, n, opened] of asked.themes) {
      const item = element("li"), bar = element("span", "bar"), node = requests.topics.get(topic);
      bar.style.setProperty("--width", n / most);
      item.append(node ? nodeLink(requests, node, "name") : element("span", "name", "in no theme"), bar, element("span", "n", count(n)));
      if (opened !== null && opened !== undefined && opened) item.append(element("span", "note", `${count(opened)} open`));
      themes.append(item);
    }
    folded(themes, "themes");
    box.append(themes, element("p", "note", "Requests, " + this.answers.text(asked.order) + ":"));
    const list = element("ul", "requests");
    for (const [key, weight] of asked.wanted) {
      const request = this.asked.get(key);
      if (request) list.append(this.request(request, weight));
    }
    box.append(list);
    const all = element("a", "", `All ${count(asked.n)} requests of ${tool.name}`);
    all.href = addressOf("requests", "", { repository: requests.rows.find((row) => row.repository.toLowerCase() === tool.name.toLowerCase())?.repository ?? tool.name });
    box.append(all);
    return box;
  }

  request(row, weight) {
    const item = element("li"), { text, more } = askedFor(row);
    const wanted = weight === null ? "" : `${count(weight)} reactions and comments`;
    item.append(link({ url: row.url, title: text }, "name"));
    item.append(element("span", "note", " " + ["#" + row.number, row.state, row.created_at, wanted].filter(Boolean).join(", ")));
    if (more) item.append(element("span", "text", more));
    return item;
  }

  company() {
    const { tool } = this;
    if (!tool.with) return null;
    const box = element("section"), list = element("ul", "company");
    box.append(this.heading("h3", "What goes with it"), element("p", "note", "Seen together, which is no recommendation."));
    for (const each of tool.with) list.append(this.partner(...each));
    folded(list, "tools");
    box.append(list);
    return box;
  }

  partner(name, at, by, owners, chance, lift, low, high, relation, source, evidence) {
    const item = element("li"), other = at === null ? null : this.answers.tools[at], how = by === "used" ? "used together by" : "named together by";
    item.append(other ? toolLink({ title: other.name }, "name") : element("span", "name", name), ` ${how} `);
    const who = `${count(owners)} owner${owners === 1 ? "" : "s"}`;
    if (evidence) {
      const button = element("button", "to-evidence", who);
      button.type = "button";
      button.dataset.evidence = evidence;
      button.setAttribute("aria-expanded", "false");
      item.append(button);
    } else item.append(who);
    const more = [chance === null ? "" : `${chance.toFixed(1)} by chance`, lift === null ? "" : `lift ${lift.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`, relation ?? "", this.answers.text(source)].filter(Boolean);
    item.append(element("span", "note", " " + more.join("; ")));
    if (evidence) item.append(evidencePlace());
    return item;
  }

  near() {
    const { tool } = this;
    if (!tool.near) return null;
    const box = element("section"), list = element("ul", "near");
    box.append(this.heading("h3", "Nearest in meaning"));
    for (const [at, , same] of tool.near) {
      const other = this.answers.tools[at], row = this.rows.get(other.key), item = element("li");
      item.append(toolLink({ title: other.name }, "name"), " ", stageName(other.stage ?? null, this.answers.text(other.why?.stage)));
      if (same === 0 && row) item.append(element("span", "note", " " + (this.tools.topics.get(row.topic)?.label ?? "")));
      list.append(item);
    }
    box.append(list);
    const side = element("a", "", "Compare it with the first of these");
    side.href = addressOf("compare", [tool, ...tool.near.slice(0, 3).map(([at]) => this.answers.tools[at])].map((each) => each.name).join(","));
    box.append(side);
    return box;
  }

  // What is not known of it, those of one reason together.
  lacking() {
    const { tool } = this, of = new Map(), parts = { use: "how dependents use it", asked: "what its users ask for", with: "what goes with it", near: "what is near in meaning" };
    const say = (reason, what) => of.set(reason, [...(of.get(reason) ?? []), what]);
    for (const { key } of this.answers.facts) {
      const { name, value, reason } = this.answers.fact(tool, key);
      if (value === null) say(reason, name);
    }
    for (const [part, what] of Object.entries(parts)) if (tool.why?.[part] !== undefined) say(this.answers.text(tool.why[part]), what);
    if (!of.size) return null;
    const box = element("details", "lacking"), list = element("ul");
    box.append(element("summary", "", "What is not known of it, and why"));
    for (const [reason, whats] of of) list.append(element("li", "", `${whats.join(", ")}: ${reason || "no reason is known"}`));
    box.append(list);
    return box;
  }
}

// The place below a list in which the lines of code behind a number are opened.
function evidencePlace() {
  const place = element("div", "evidence");
  Object.assign(place, { hidden: true, tabIndex: -1 });
  place.setAttribute("role", "region");
  place.setAttribute("aria-label", "What the number rests on");
  return place;
}

// Shows the first lines of a list, and the others when they are asked for.
function folded(list, what) {
  const more = [...list.children].slice(FEW);
  if (more.length < 3) return;
  more.forEach((item) => { item.hidden = true; });
  const item = element("li", "more"), button = element("button", "", `${count(more.length)} more ${what}`);
  button.type = "button";
  button.addEventListener("click", () => {
    more.forEach((each) => { each.hidden = false; });
    item.remove();
    more[0].querySelector("a, button")?.focus();
  });
  item.append(button);
  list.append(item);
}
