// Open requests first, and the newest of them; what is not known comes last.
function openFirst(a, b) {
  const rank = (row) => (row.state === null ? 2 : row.state === "open" ? 0 : 1);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (a.created_at === b.created_at) return a.index - b.index;
  if (a.created_at === null || b.created_at === null) return a.created_at === null ? 1 : -1;
  return a.created_at < b.created_at ? 1 : -1;
}

// Open before closed, what is not known last.
function byState(a, b) {
  return (a === null) - (b === null) || (a < b ? 1 : a > b ? -1 : 0);
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

const MOST_REQUESTS = 25;
const STATE_UNKNOWN = "the source does not say whether it is open";

// What is asked for, said once in the list of all wishes; a request without a title says it itself.
function askedFor(row) {
  const isBare = row.title === `${row.repository} #${row.number}`;
  if (isBare && row.description) return { text: row.description, more: "" };
  return { text: row.title, more: row.description === row.title ? "" : row.description };
}

// How many requests are open, of those whose state is known; nothing where none is.
function saidOpen(rows) {
  const known = rows.filter((row) => row.state !== null), open = known.filter((row) => row.state === "open").length;
  if (!known.length) return "whether they are open is unknown";
  return known.length === rows.length ? `${count(open)} open` : `${count(open)} open of ${count(known.length)} whose state is known`;
}

// One wish: a theme of requests, or a category of themes. "#wish=drift?framework=mlflow/mlflow&state=open"
class WishPage {
  constructor(grouping) {
    this.grouping = grouping;
    this.box = document.querySelector("#wish .column");
    this.heading = this.box.querySelector("h2");
  }

  start() {
    router.register("wish", (slug, params) => this.show(slug, params));
  }

  show(slug, params) {
    const { grouping } = this, { node, told } = foundNode(grouping, slug);
    if (!node) return this.missing(slug, told);
    // A link of an earlier build goes on under the name of today.
    if (node.slug !== slug) router.remember(addressOf("wish", node.slug, Object.fromEntries(params)), false);
    const topic = "topic" in node ? node : undefined;
    const category = topic ? grouping.categories.get(topic.category) : node;
    const rows = grouping.rows.filter((row) => (topic ? row.topic === topic.topic : grouping.categoryOf(row.topic) === category));
    router.again(grouping.describe(rows));
    this.slug = node.slug;
    this.asked = { framework: params.get("framework") ?? "", state: params.get("state") ?? "" };
    this.most = MOST_REQUESTS;
    this.heading.replaceChildren(topic ? glyph(topic) : this.swatch(category), node.label);
    const sentence = document.querySelector(`#wishes [data-of="${topic ? "topic " + topic.topic : "category " + category.category}"] .sentence`)?.textContent;
    this.list = element("div", "asked");
    const aside = element("div", "aside"), parts = element("div", "wish-parts");
    aside.append(this.frameworks(rows), ...this.beside(topic, category), ...this.purposes(rows), this.sureness(node, topic, rows));
    parts.append(this.list, aside);
    this.box.replaceChildren(
      this.trail(topic ? category : null), this.heading,
      ...(told ? [wrapped("p", told)] : []), ...(sentence ? [element("p", "finding", sentence)] : []),
      element("p", "note", `${count(rows.length)} request${rows.length === 1 ? "" : "s"}, ${saidOpen(rows)}, in this collection; it is no census.`),
      parts);
    this.draw(rows);
    return node.label;
  }

  missing(slug, told) {
    this.heading.textContent = "There is no such wish here";
    const said = wrapped("p", told, " ");
    said.append(this.link("#wishes", "All wishes"));
    this.box.replaceChildren(this.heading, said);
    return "Not found";
  }

  link(address, text) {
    const made = element("a", "", text);
    made.href = address;
    return made;
  }

  swatch(category) {
    const made = element("span", "swatch hue-" + category.hue);
    made.setAttribute("aria-hidden", "true");
    return made;
  }

  trail(category) {
    const made = element("p", "kicker");
    made.append(this.link("#wishes", "What users ask for"), ...(category ? [" › ", nodeLink(this.grouping, category)] : []));
    return made;
  }

  // Who is asked, and how many of the requests are open; each name leads to its requests here.
  frameworks(rows) {
    const sums = new Map();
    for (const row of rows) sums.set(row.repository, [...(sums.get(row.repository) ?? []), row]);
    const order = [...sums].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
    const states = [...new Set(rows.map((row) => row.state))].sort(byState);
    const table = element("table", "by-framework"), body = element("tbody"), head = element("tr");
    for (const text of ["Asked of", "All", ...states.map((state) => capital(state ?? "unknown"))]) {
      const cell = element("th", head.cells.length ? "number" : "", text);
      cell.scope = "col";
      head.append(cell);
    }
    table.append(element("thead"), body);
    table.tHead.append(head);
    for (const [repository, its] of order) {
      const line = element("tr"), name = element("th");
      name.scope = "row";
      name.append(this.link(addressOf("wish", this.slug, { framework: repository }), atlas.frameworks[repository] ?? repository));
      name.firstChild.title = repository;
      if (repository === this.asked.framework) name.firstChild.setAttribute("aria-current", "true");
      const counts = states.map((state) => its.filter((row) => row.state === state).length);
      line.append(name, ...[its.length, ...counts].map((n) => element("td", "number", count(n))));
      body.append(line);
    }
    return table;
  }

  // The themes of a category, or the other themes beside one.
  beside(topic, category) {
    const others = [...this.grouping.topics.values()].filter((each) => each.category === category.category && each !== topic);
    if (!others.length) return [];
    const list = element("ul", "beside");
    for (const each of others.sort((a, b) => b.size - a.size)) {
      const item = element("li");
      item.append(glyph(each), nodeLink(this.grouping, each), " " + count(each.size));
      list.append(item);
    }
    return [element("h3", "", topic ? "Other wishes of this kind" : "The wishes in it"), list];
  }

  // The requests that the address asks for.
  draw(rows) {
    const { framework, state } = this.asked;
    const found = rows.filter((row) => (!framework || row.repository === framework) && (!state || (state === "unknown" ? row.state === null : row.state === state)));
    const list = element("ol", "requests");
    for (const row of found.sort(openFirst).slice(0, this.most)) list.append(this.request(row));
    const parts = [element("h3", "", "The requests"), this.filters(rows, found), element("p", "note", "Open ones come first, each kind from the newest on; those of unknown state or date come last."), list];
    if (!found.length) list.replaceWith(parts[3] = element("p", "", "No request of this wish is so. "));
    if (found.length > this.most) {
      const more = element("button", "more", `Show ${count(Math.min(MOST_REQUESTS, found.length - this.most))} more`);
      more.type = "button";
      more.addEventListener("click", () => {
        const from = this.most;
        this.most += MOST_REQUESTS;
        this.draw(rows);
        this.list.querySelectorAll("ol.requests > li")[from]?.querySelector("a")?.focus();
      });
      parts.push(more);
    }
    this.list.replaceChildren(...parts);
  }

  filters(rows, found) {
    const form = element("form", "heat-controls"), names = [...new Set(rows.map((row) => row.repository))];
    const called = (name) => atlas.frameworks[name] ?? name, n = (test) => ` (${count(rows.filter(test).length)})`;
    const states = [...new Set(rows.map((row) => row.state))].sort(byState);
    form.setAttribute("aria-label", "Filter the requests");
    form.append(
      this.select("Framework", "framework", [["", "all frameworks"], ...names.sort((a, b) => called(a).localeCompare(called(b), "en")).map((name) => [name, called(name) + n((row) => row.repository === name)])]),
      this.select("State", "state", [["", "all states"], ...states.map((state) => [state ?? "unknown", (state ?? "unknown") + n((row) => row.state === state)])]));
    const said = element("output", "", found.length === rows.length ? `${count(rows.length)} requests` : `${count(found.length)} of ${count(rows.length)} requests`);
    said.setAttribute("aria-live", "polite");
    form.append(said);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", (event) => {
      this.asked[event.target.name] = event.target.value;
      this.most = MOST_REQUESTS;
      router.remember(addressOf("wish", this.slug, this.asked), true);
      this.box.querySelectorAll(".by-framework a").forEach((each) => each.removeAttribute("aria-current"));
      const { name } = event.target;
      this.draw(rows);
      this.list.querySelector(`select[name="${name}"]`).focus();
    });
    return form;
  }

  select(label, name, options) {
    const made = element("label"), field = element("select");
    field.name = name;
    for (const [value, text] of options) {
      const option = element("option", "", text);
      option.value = value;
      field.append(option);
    }
    field.value = this.asked[name];
    made.append(element("span", "", label), field);
    return made;
  }

  request(row) {
    const item = element("li"), { text, more } = askedFor(row), meta = element("p", "why");
    item.append(link({ url: row.url, title: text }, "name"));
    if (more) item.append(element("p", "text", more));
    const state = element("span", "state", row.state ?? "");
    if (row.state === null) state.append("state ", unknown(STATE_UNKNOWN));
    else state.dataset.state = row.state;
    meta.append(frameworkName(row.repository), " #" + row.number + " · ", state, " · ");
    if (row.created_at) meta.append("asked on " + row.created_at);
    else meta.append("day ", unknown("the source does not say when it was asked"));
    item.append(meta);
    return item;
  }

  // What the frameworks that are asked are for.
  purposes(rows) {
    const tools = groupings.get("tools"), sums = new Map();
    for (const row of rows) {
      const tool = toolOf(row.repository), purpose = tool && tools.topics.get(tool.topic);
      if (purpose) sums.set(purpose, (sums.get(purpose) ?? new Set()).add(row.repository));
    }
    if (!sums.size) return [];
    const list = element("ul", "beside");
    for (const [purpose, names] of [...sums].sort((a, b) => b[1].size - a[1].size || b[0].size - a[0].size)) {
      const item = element("li");
      item.append(glyph(purpose), nodeLink(tools, purpose), ": " + [...names].map((name) => atlas.frameworks[name] ?? name).join(", "));
      list.append(item);
    }
    return [element("h3", "", "What the frameworks asked are for"), list];
  }

  sureness(node, topic, rows) {
    const details = element("details"), near = topic ? this.grouping.rows.filter((row) => row.topic === -1 && row.nearest === topic.topic).length : 0;
    const strengths = rows.map((row) => row.strength).filter((each) => each !== null);
    const said = [
      "A program put these requests together by what they say; no person sorted them one by one.",
      node.stability === null ? "How firmly they belong together was not measured." : `Parts of the work, done again on their own, find this group to ${stability(node)}, where 1 is the very same requests${node.standing === "unstable" ? ": that is little, so read it as loose" : ""}.`,
      strengths.length ? `The least certain of them was in it in ${percent(Math.min(...strengths))} of the runs.` : "",
      node.keywords.length ? `Words that set them apart: ${node.keywords.join(", ")}.` : "",
    ];
    const text = element("p", "note", said.filter(Boolean).join(" ") + " ");
    if (near) text.append(`${count(near)} more came near, and are not counted: see `, this.link("#requests?placed=no", "the unplaced"), ". ");
    const filter = topic ? { topic: this.slug } : { category: this.slug };
    text.append(this.link(addressOf("requests", "", filter), "These requests on the map and in a table"), ". ", this.link("#method", "How all of it was made"), ".");
    details.append(element("summary", "", "How sure is this?"), text);
    return details;
  }
}
