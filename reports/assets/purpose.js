// A purpose: a category or a topic of tools, with how its tools live, and all of them in a table.
class PurposeView {
  constructor(grouping) {
    this.grouping = grouping;
    this.root = document.getElementById("purpose");
    this.heading = this.root.querySelector("h2");
    this.box = element("div", "of-purpose");
    this.heading.after(this.box);
  }

  start() {
    router.register("purpose", (slug, params) => this.show(slug, params));
  }

  show(slug, params) {
    const { node, told } = foundNode(this.grouping, slug);
    if (!node) return this.missing(slug, told);
    if (this.node !== node) this.build(node);
    this.told.replaceChildren(...(told ? [told] : []));
    this.listing.recall(params);
    // A link of an earlier build goes on under the name of today.
    if (node.slug !== slug) router.remember(addressOf("purpose", node.slug, this.listing.said()), false);
    return node.label;
  }

  missing(slug, told) {
    this.node = null;
    this.heading.textContent = "No purpose of this name";
    const near = nearNodes(this.grouping, slug), list = element("ul");
    for (const node of near) list.append(wrapped("li", nodeLink(this.grouping, node), ` ${count(node.size)}`));
    const search = element("a", "", "search for these words");
    search.href = addressOf("find", wordsOf(slug).join(" "));
    const home = element("a", "", "look at all purposes");
    home.href = "#";
    const note = wrapped("p", "You can ", search, " or ", home, near.length ? ". Names near it:" : ".");
    this.box.replaceChildren(told, note, ...(near.length ? [list] : []));
    return "Not found";
  }

  build(node) {
    const { grouping } = this, isTopic = "topic" in node;
    this.node = node;
    const inside = isTopic ? [node] : [...grouping.topics.values()].filter((topic) => topic.category === node.category);
    const numbers = new Set(inside.map((topic) => topic.topic)), rows = grouping.rows.filter((row) => numbers.has(row.topic));
    this.heading.textContent = node.label;
    this.told = element("div");
    const moved = changesOf(node);
    this.box.replaceChildren(
      this.crumb(node), this.told, ...(node.description ? [element("p", "description", node.description)] : []), stagesTold(node, rows),
      ...(moved.length ? [this.moves(moved)] : []), ...(!isTopic && inside.length > 1 ? [this.topics(inside)] : []),
      ...this.table(node, rows, inside.length === 1), ...this.near(numbers), this.method(node, inside),
    );
  }

  crumb(node) {
    const crumb = element("p", "crumb"), all = element("a", "", "All purposes"), { grouping } = this;
    all.href = "#";
    crumb.append(all);
    const category = "topic" in node ? grouping.categories.get(node.category) : null;
    // A category of one purpose is that purpose.
    if (category && category.size > node.size) crumb.append(" › ", nodeLink(grouping, category));
    return crumb;
  }

  moves(moved) {
    const list = element("ul", "moved");
    list.append(...moved.map((text) => element("li", "", text)));
    return wrapped("section", element("h3", "", "What moved since the earlier snapshot"), list);
  }

  // The topics of a category, each with how its tools live.
  topics(inside) {
    const list = element("ul", "topics-inside");
    for (const topic of inside) {
      const item = element("li");
      item.append(glyph(topic), nodeLink(this.grouping, topic), element("span", "n", count(topic.size)));
      if (topic.stages) item.append(stageMix(topic.stages));
      list.append(item);
    }
    return wrapped("section", element("h3", "", `${inside.length} purposes in it`), list);
  }

  table(node, rows, one) {
    const { grouping } = this, listing = new Listing(rows, grouping).begin();
    this.listing = listing;
    const form = element("form", "narrowing"), fields = filterFields(listing), found = element("output"), box = element("div");
    form.setAttribute("aria-label", "Narrow the tools down");
    const all = pushButton("Show all", () => listing.change(listing.nothing)), these = element("a", "these");
    found.setAttribute("aria-live", "polite");
    form.append(...fields, wrapped("span", found, all, these), saveButtons("purpose-table", "the tools found", TABLE_KINDS));
    form.addEventListener("input", (event) => listing.change({ [event.target.name]: event.target.value }));
    form.addEventListener("submit", (event) => event.preventDefault());
    // All of them are of one category, which the heading names.
    box.classList.add("of-one-category");
    new DocumentTable(listing, box, { name: "purpose", caption: `Tools: ${node.label}`, without: one ? ["topic"] : [] }).start();
    const draw = (asked) => {
      for (const field of form.elements) if (field.name) field.value = listing.state[field.name];
      const text = listing.filtered ? `${count(listing.matches().length)} of ${count(rows.length)} tools` : `${count(rows.length)} tools`;
      if (found.textContent !== text) found.textContent = text;
      all.hidden = !listing.filtered;
      // What was asked for is often so few that one wants to see it together.
      const few = listing.matches();
      these.hidden = !listing.filtered || few.length < 2 || few.length > MOST_COMPARED;
      these.textContent = `Show these ${few.length} side by side`;
      if (!these.hidden) these.href = comparisonOf(few);
      if (!listing.recalling) router.remember(addressOf("purpose", node.slug, listing.said()), asked);
    };
    listing.listeners.push(draw);
    return [element("h3", "", "The tools"), form, box];
  }

  // Tools that came nearest to it, and were with it in too few of the runs to be of it.
  near(numbers) {
    const rows = this.grouping.rows.filter((row) => row.topic === -1 && numbers.has(row.nearest)).sort((a, b) => b.strength - a.strength || a.usual - b.usual);
    if (!rows.length) return [];
    const list = element("ul", "near");
    for (const row of rows) {
      const item = wrapped("li", toolLink(row), " ");
      item.append(stageName(row.stage, row.why), element("span", "why", row.strength === null ? "" : ` in ${percent(row.strength)} of the runs`));
      list.append(item);
    }
    const note = element("p", "note", "Nearer to this purpose than to any other; with it in too few of the runs, or too unlike the others of it, to be counted here.");
    return [wrapped("section", element("h3", "", "Near it, but not placed"), note, list)];
  }

  // The words of the method, for whoever wants to know how far to trust a purpose.
  method(node, inside) {
    const { grouping } = this, details = element("details", "sure"), list = element("dl");
    const say = (term, ...what) => list.append(element("dt", "", term), wrapped("dd", ...what));
    const strengths = grouping.rows.filter((row) => inside.some((topic) => topic.topic === row.topic) && row.strength !== null).map((row) => row.strength).sort((a, b) => a - b);
    const found = { stable: "it is found again", unstable: `below ${atlas.stable}, so unstable: with other runs it might be cut otherwise`, unmeasured: "a person made it, and no runs have measured it" }[node.standing];
    say("Stability", node.stability === null ? found : `${stability(node)} of 1, ${found}. It says how well parts of the ensemble find this group again by themselves.`);
    if (strengths.length) say("Strength", `in the middle, its tools were with it in ${percent(strengths[Math.floor(strengths.length / 2)])} of the runs; the weakest in ${percent(strengths[0])}.`);
    say("Keywords", node.keywords.join(", ") || "none");
    if (node.exemplars.length) say("Typical tools", ...joined(node.exemplars.map((index) => toolLink(grouping.rows[index]))));
    if (node.codes.length) say("Codes", node.codes.map(([book, code]) => `${code} (“${book}”)`).join("; "));
    say("Named by", { documents: "its documents’ own words", service: "a language model", person: "a person", codebook: "its code in the codebook" }[node.named_by] ?? node.named_by);
    for (const note of node.notes) say("Note", note);
    for (const verdict of node.verdicts) say("Said by people", verdict);
    const map = element("a", "", "see it on the map");
    map.href = addressOf("tools", "", { ["topic" in node ? "topic" : "category"]: node.slug });
    say("Map", map);
    details.append(element("summary", "", "How sure is this?"), list);
    return details;
  }
}

// What moved in a purpose since an earlier snapshot, a sentence each.
function changesOf(node) {
  const { topics = {}, categories = {} } = atlas.moved;
  return ("topic" in node ? topics[node.topic] : categories[node.category]) ?? [];
}

function wrapped(tag, ...inside) {
  const node = element(tag);
  node.append(...inside);
  return node;
}

// Elements with commas between them.
function joined(nodes) {
  return nodes.flatMap((node, place) => (place ? [", ", node] : [node]));
}

// "22 tools: 4 growing, 6 declining, 5 dead, 7 of unknown stage", and the same as a bar.
function stagesTold(node, rows) {
  const told = element("p", "stages-told"), tools = `${count(node.size)} tool${node.size === 1 ? "" : "s"}`;
  const known = node.stages && rows.some((row) => row.stage !== null);
  told.append(element("span", "", tools + (known ? ": " + stagesInWords(node.stages) + "." : `; the stage of none is known${rows.length ? ": " + rows[0].why : ""}.`)));
  if (known) told.append(stageMix(node.stages));
  return told;
}

// The node that a slug leads to, also one of an earlier build, and what is to be told of that.
function foundNode(grouping, slug, layer) {
  const layers = layer ? [layer] : ["topic", "category"];
  const now = (name) => layers.map((each) => grouping.nodeOf(each, name)).find(Boolean);
  const node = now(slug), { forwards, gone, changed } = atlas.addresses[grouping.name];
  const own = (of) => (Object.hasOwn(of, slug) ? of[slug] : null), said = (...parts) => wrapped("p", ...parts);
  const where = ({ name, size, now: places }) => {
    const parts = places.map(([to, n]) => [n, now(to)]).filter(([, each]) => each).map(([n, each]) => wrapped("span", `${count(n)} are in `, nodeLink(grouping, each)));
    return said(`In an earlier build “${name}” had ${count(size)} ${grouping.noun}`, ...(parts.length ? [": ", ...joined(parts)] : []), ".");
  };
  if (node) return { node, told: own(changed) && where(own(changed)) };
  const forward = own(forwards), heir = forward && now(forward[0]);
  if (heir) return { node: heir, told: said(`This was called “${forward[2]}” in an earlier build; ${forward[1] === 1 ? "all" : percent(forward[1])} of what was in it is here.`) };
  return { node: null, told: own(gone) ? where(own(gone)) : said(`This atlas has no ${layer ?? (grouping.name === "tools" ? "purpose" : "wish")} “${slug}”.`) };
}

// Nodes whose names share most letters with a word of an address, by pairs of letters.
const LEAST_ALIKE = 0.35;

function nearNodes(grouping, slug) {
  const pairs = (text) => new Set([...text].map((_, place) => text.slice(place, place + 2)).slice(0, -1));
  const asked = pairs(slug.toLowerCase());
  const alike = (node) => {
    const its = pairs(node.slug), both = [...asked].filter((pair) => its.has(pair)).length;
    return (2 * both) / (asked.size + its.size || 1);
  };
  return [...grouping.categories.values(), ...grouping.topics.values()].map((node) => [alike(node), node])
    .filter(([share]) => share >= LEAST_ALIKE).sort((a, b) => b[0] - a[0]).slice(0, 5).map(([, node]) => node);
}
