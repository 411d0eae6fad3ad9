// Documents that are asked for: filters that combine, an order, a page; and which rows answer.
class Listing {
  constructor(rows, grouping, asked = {}) {
    this.rows = rows;
    this.grouping = grouping || this;
    this.asked = asked;
    this.listeners = [];
  }

  // Filters are those that would leave something out.
  begin() {
    const offered = FILTERS[this.grouping.name].filter((each) => !each.when || each.when(this.grouping.rows));
    this.filters = offered.map((each) => ({ ...each, found: each.options(this.rows) })).filter((each) => each.found.length > 1);
    this.nothing = { ...this.asked, ...Object.fromEntries(this.filters.map(({ name }) => [name, ""])) };
    this.state = { ...this.nothing, sort: "", direction: "ascending", page: 0 };
    return this;
  }

  change(part) {
    if (!this.recalling) this.left = [];
    const next = this.follow({ ...this.state, page: 0, ...part });
    const asked = Object.keys(this.nothing).some((key) => next[key] !== this.state[key]);
    if (asked) this.found = null;
    if (asked || next.sort !== this.state.sort || next.direction !== this.state.direction) this.ordered = null;
    this.state = next;
    this.listeners.forEach((listener) => listener(asked));
  }

  follow(next) {
    return next;
  }

  get filtered() {
    return Object.entries(this.nothing).some(([key, value]) => this.state[key].trim() !== value);
  }

  tests() {
    return this.filters.filter(({ name }) => this.state[name] !== "")
      .map((each) => (this.state[each.name] === NOT_KNOWN ? each.unknown : each.test(this.state[each.name])));
  }

  // The rows that answer, in the order of the data; kept until something else is asked.
  matches() {
    if (!this.found) this.found = this.would({});
    return this.found;
  }

  // The rows that would answer if this were asked besides.
  would(part) {
    const { state } = this;
    this.state = { ...state, ...part };
    const tests = this.tests();
    this.state = state;
    return tests.length ? this.rows.filter((row) => tests.every((test) => test(row))) : this.rows;
  }

  sorted() {
    if (!this.ordered) this.ordered = [...this.matches()].sort(this.order());
    return this.ordered;
  }

  // What is not known comes last in both directions.
  order() {
    const { sort, direction } = this.state, { grouping } = this;
    if (!sort) return this.usual();
    const sign = direction === "ascending" ? 1 : -1;
    const value = COLUMNS[grouping.name].find((each) => each.field === sort)?.sort ?? ((row) => row[sort] ?? null);
    const keys = new Map(this.matches().map((row) => [row, value(row, grouping)]));
    return (a, b) => {
      const x = keys.get(a), y = keys.get(b);
      if (x === null || y === null) return (x === null) - (y === null) || a.usual - b.usual;
      return sign * (typeof x === "number" ? x - y : COLLATOR.compare(x, y)) || a.usual - b.usual;
    };
  }

  usual() {
    return (a, b) => a.usual - b.usual;
  }

  get orderWords() {
    const { sort, direction } = this.state;
    if (!sort) return this.grouping.usualWords;
    const words = COLUMNS[this.grouping.name].find((each) => each.field === sort)?.words ?? sort;
    return `${words}, ${direction}; what is not known last`;
  }

  // What an address says of what is asked, and the other way round.
  said() {
    const { state } = this;
    const kept = [...Object.keys(this.nothing), "sort"].filter((key) => state[key]).map((key) => [key, state[key]]);
    if (state.sort) kept.push(["direction", state.direction]);
    if (state.page) kept.push(["page", String(state.page + 1)]);
    return Object.fromEntries(kept);
  }

  recall(given, more = {}) {
    const known = [...Object.keys(this.nothing), "sort", "direction"].filter((key) => given.get(key));
    const values = Object.fromEntries(known.map((key) => [key, given.get(key)]));
    if (values.sort && !(values.sort in (this.grouping.rows[0] ?? {}))) delete values.sort;
    // A link may ask for what nothing here has any more: that is told, and all else is shown.
    this.left = this.filters.filter(({ name, found }) => values[name] && !found.some(([value]) => value === values[name]));
    this.left = this.left.map(({ name, label }) => `${label.toLowerCase()} “${values[name]}”`);
    for (const { name, found } of this.filters) if (!found.some(([value]) => value === values[name])) delete values[name];
    this.recalling = true;
    this.change({ ...this.nothing, sort: "", direction: "ascending", page: Math.max(0, (Number(given.get("page")) || 1) - 1), ...values, ...more });
    this.recalling = false;
  }
}

// One study of documents: what is in it, by nodes and by rows, and what is being asked of it.
class Grouping extends Listing {
  constructor(name, data, root) {
    super(data.rows.map((values, index) => {
      const row = { index };
      data.fields.forEach((field, place) => { row[field] = values[place]; });
      return row;
    }), null, { search: "", category: "", topic: "", placed: "", area: "" });
    this.name = this.noun = name;
    this.one = name.slice(0, -1);
    this.root = root;
    this.categories = new Map(data.categories.map((each) => [each.category, each]));
    this.topics = new Map(data.topics.map((topic) => [topic.topic, topic]));
    this.snapshot = data.snapshot;
    this.late = data.late;
    this.unplaced = this.rows.filter((row) => row.topic === -1).length;
  }

  // Called once all that rows are sorted by is in them.
  begin() {
    const usual = USUAL[this.name](this.rows);
    this.usualWords = usual.words;
    [...this.rows].sort((a, b) => usual.compare(a, b) || a.index - b.index).forEach((row, place) => { row.usual = place; });
    return super.begin();
  }

  // Fields of rows may come late, from files beside the page: fetched for these rows, a file once. Tells whether any had to be.
  async describe(rows) {
    if (!this.late) return false;
    const { fields } = this.late, wanted = rows.filter((row) => row[fields[0]] === undefined);
    await chunks.fill(this.late, wanted.map((row) => row.index), (place, values) => {
      fields.forEach((field, at) => { this.rows[place][field] = values[at]; });
      // What it is searched by is said anew.
      this.rows[place].words = undefined;
    });
    return wanted.length > 0;
  }

  label(topic) {
    const found = this.topics.get(topic);
    return found ? found.label : "unplaced";
  }

  // The category or the topic of a number, or of the name that addresses have.
  nodeAt(layer, number) {
    return (layer === "category" ? this.categories : this.topics).get(Number(number));
  }

  nodeOf(layer, slug) {
    return [...(layer === "category" ? this.categories : this.topics).values()].find((node) => node.slug === slug);
  }

  categoryOf(topic) {
    const found = this.topics.get(topic);
    return found ? this.categories.get(found.category) : undefined;
  }

  change(part) {
    const before = this.state.search;
    super.change(part);
    // Words are looked for in all that is said of a document: where that comes late, once more then.
    if (!this.late || this.whole || !this.state.search || this.state.search === before) return;
    this.describe(this.rows).then(() => {
      this.whole = true;
      this.found = this.ordered = null;
      this.listeners.forEach((listener) => listener(true));
    }, () => {});
  }

  // Nodes can be chosen one at a time: a topic brings its category, another category drops the topic.
  follow(next) {
    const before = this.state;
    const is = (key) => next[key] !== before[key];
    if (next.topic && is("topic")) Object.assign(next, { category: String(this.topics.get(Number(next.topic))?.category ?? ""), placed: "" });
    else if (next.category && is("category")) Object.assign(next, { topic: "", placed: "" });
    else if (is("category")) next.topic = "";
    else if (next.placed && is("placed")) Object.assign(next, { category: "", topic: "" });
    return next;
  }

  tests() {
    const { category, topic, placed, area, search } = this.state, tests = super.tests();
    const wanted = wordsOf(search).map((word) => " " + word);
    if (topic !== "") tests.push((row) => row.topic === Number(topic));
    else if (category !== "") tests.push((row) => this.topics.get(row.topic)?.category === Number(category));
    if (placed !== "") tests.push((row) => (row.topic !== -1) === (placed === "yes"));
    if (area !== "") {
      const outline = outlineOf(area);
      tests.push((row) => row.x !== null && row.y !== null && within(outline, [row.x, row.y]));
    }
    if (wanted.length) tests.push((row) => wanted.every((word) => this.words(row).includes(word)));
    return tests;
  }

  // All words of a row, each after a blank, so that words are found whole or by their beginnings.
  words(row) {
    if (row.words === undefined) {
      const texts = [row.title, row.description, row.language, row.license, row.repository, this.label(row.topic), this.categoryOf(row.topic)?.label];
      row.words = " " + wordsOf(texts.filter(Boolean).join(" ")).join(" ");
    }
    return row.words;
  }
}

function wordsOf(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) || [];
}

// An outline on the map as an address says it: "1.25 0.5 3 0.5 …", places of the data in pairs.
const MOST_CORNERS = 24;

function outlineOf(area) {
  const numbers = area.split(" ").map(Number), outline = [];
  for (let place = 0; place + 1 < numbers.length; place += 2) outline.push([numbers[place], numbers[place + 1]]);
  return outline;
}

// A line drawn by hand has hundreds of corners: those that matter least go, as do decimals finer than a thousandth of it.
function areaOf(outline) {
  const kept = outline.filter(([x, y], place) => !place || x !== outline[place - 1][0] || y !== outline[place - 1][1]);
  const weight = (place) => {
    const [[a, b], [c, d], [e, f]] = [-1, 0, 1].map((step) => kept.at((place + step) % kept.length));
    return Math.abs((a - e) * (d - b) - (a - c) * (f - b));
  };
  while (kept.length > MOST_CORNERS) {
    let least = 0;
    for (let place = 1; place < kept.length; place++) if (weight(place) < weight(least)) least = place;
    kept.splice(least, 1);
  }
  const wide = (axis) => Math.max(...kept.map((point) => point[axis])) - Math.min(...kept.map((point) => point[axis]));
  const digits = Math.min(6, Math.max(0, Math.ceil(3 - Math.log10(Math.max(wide(0), wide(1)) || 1))));
  return kept.flat().map((value) => Number(value.toFixed(digits))).join(" ");
}
