// What is known of each tool beyond its row: read from the short form in which the page holds it.
class Answers {
  constructor(values) {
    this.texts = values.texts;
    this.stages = values.stages;
    this.tools = values.tools;
    this.facts = values.facts.map(([key, name]) => ({ key, name }));
    this.places = new Map(values.tools.flatMap((tool, place) => [tool.name, ...(tool.former ?? [])].map((name) => [name.toLowerCase(), place])));
    values.tools.forEach((tool, place) => this.places.set(tool.name.toLowerCase(), place));
    this.late = values.late;
    this.whole = new Set();
  }

  // Tells whether all that is known of a tool is there; in a large page some comes late.
  has(tool) {
    return !this.late || this.whole.has(tool);
  }

  // Fetches what comes late of these tools.
  async complete(tools) {
    const wanted = tools.filter((tool) => !this.has(tool)).map((tool) => this.tools.indexOf(tool));
    if (!wanted.length) return;
    await chunks.fill(this.late, wanted, (place, values) => { this.whole.add(Object.assign(this.tools[place], values)); });
  }

  // The tool of a name or of a former one; undefined where there is none.
  named(name) {
    return this.tools[this.places.get(name.toLowerCase())];
  }

  text(place) {
    return place === undefined || place === null ? "" : this.texts[place];
  }

  // A fact as { name, value, reason }: value null where it is not known.
  fact(tool, key) {
    const place = this.facts.findIndex((fact) => fact.key === key), value = tool.facts?.[place];
    if (value === undefined) return { name: this.facts[place].name, value: null, reason: this.text(tool.why?.stage) };
    return { name: this.facts[place].name, value: Array.isArray(value) ? null : value, reason: Array.isArray(value) ? this.text(value[0]) : "" };
  }

  // What tables of tools sort and filter by, put into the rows of a grouping.
  fill(rows) {
    rows.forEach((row, place) => this.put(row, this.tools[place]));
  }

  put(row, tool) {
    const facts = { human: "last_human", release: "last_release", people: "people", recent: "commits_year", born: "born", owner: "owner" };
    Object.assign(row, {
      stage: tool.stage ?? null, since: tool.since ?? null, seen: tool.seen ?? null, former: tool.former ?? [],
      why: this.text(tool.because) || this.text(tool.why?.stage), spark: tool.recent ? sparkPath(tool.recent) : null,
      requests: tool.asked?.n ?? null, open: tool.asked?.open ?? null,
    });
    // Of a large page this comes late, and tables do without.
    if (!this.late) row.company = tool.with ? [...new Set(tool.with.map(([name]) => name))] : null;
    for (const [field, key] of Object.entries(facts)) row[field] = this.fact(tool, key).value;
  }

  // A row as tables have it for a tool that the taxonomy does not sort, and that is in none of them.
  besideRow(tool) {
    const own = (key) => this.fact(tool, key).value, url = tool.links?.find(([what]) => what === "repository")?.[1] ?? null;
    const row = {
      index: this.tools.indexOf(tool), key: tool.key, title: tool.name, url, description: tool.about ?? null, beside: true, topic: -1, nearest: -1, strength: null, x: null, y: null,
      stars: own("stars"), language: own("language"), license: own("licence"), first_commit: own("born"), last_commit: own("last_commit"), commits: own("commits"),
    };
    this.put(row, tool);
    return row;
  }
}

// Heights of months, a digit to the base of 36 each, as the outline of an area: "M0 36v-4h1v2…z", one unit a month.
function sparkPath(heights) {
  let path = "M0 36", level = 0;
  for (const digit of heights) {
    const height = parseInt(digit, 36);
    if (height !== level) path += "v" + (level - height);
    path += "h1";
    level = height;
  }
  return path + "V36z";
}
