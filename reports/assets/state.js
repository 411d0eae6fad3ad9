// One study of documents: what is in it, what is being asked of it, and which rows answer.
const ASKED = { search: "", category: "", topic: "", placed: "" };

class Grouping {
  constructor(name, data, root) {
    this.name = name;
    this.root = root;
    this.categories = new Map(data.categories.map((each) => [each.category, each]));
    this.topics = new Map(data.topics.map((topic) => [topic.topic, topic]));
    this.rows = data.rows.map((values, index) => {
      const row = { index };
      data.fields.forEach((field, place) => { row[field] = values[place]; });
      return row;
    });
    this.late = data.late;
    this.noun = name;
    this.snapshot = data.snapshot;
    this.unplaced = this.rows.filter((row) => row.topic === -1).length;
    // Filters by a fact: the name of the select, and the field whose beginning it compares.
    this.facts = new Map([...root.querySelectorAll("select[data-field]")].map((select) => [select.name, select.dataset.field]));
    this.nothing = { ...ASKED, ...Object.fromEntries([...this.facts.keys()].map((key) => [key, ""])), selection: null };
    this.state = { ...this.nothing, sort: "", direction: "ascending", page: 0 };
    this.listeners = [];
    // The order of rows where none is asked for; without it, that of the data.
    this.usual = name === "requests" ? openFirst : null;
    this.found = null;
  }

  // Fields of rows may come late, from files beside the page: fetched for these rows, a file once.
  async describe(rows) {
    if (!this.late) return;
    const { fields } = this.late, wanted = rows.filter((row) => row[fields[0]] === undefined);
    await chunks.fill(this.late, wanted.map((row) => row.index), (place, values) => {
      fields.forEach((field, at) => { this.rows[place][field] = values[at]; });
      // What it is searched by is said anew.
      this.rows[place].words = undefined;
    });
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

  // Nodes can be chosen one at a time: a topic brings its category, another category drops the topic.
  change(part) {
    const next = { ...this.state, page: 0, ...part };
    if (part.topic) Object.assign(next, { category: String(this.topics.get(Number(part.topic))?.category ?? ""), placed: "" });
    else if (part.category) Object.assign(next, { topic: "", placed: "" });
    else if ("category" in part) next.topic = "";
    else if (part.placed) Object.assign(next, { category: "", topic: "" });
    const asked = Object.keys(this.nothing).some((key) => next[key] !== this.state[key]);
    if (asked) this.found = null;
    this.state = next;
    // Words are looked for in all that is said of a document: where that comes late, once more then.
    if (this.late && asked && next.search && !this.whole) {
      this.describe(this.rows).then(() => { this.whole = true; this.found = null; this.listeners.forEach((listener) => listener(true)); }, () => {});
    }
    this.listeners.forEach((listener) => listener(asked));
  }

  get filtered() {
    return Object.entries(this.nothing).some(([key, value]) => (key === "search" ? this.state.search.trim() : this.state[key]) !== value);
  }

  // The rows that answer, in the order of the data; kept until something else is asked.
  matches() {
    if (this.found) return this.found;
    const wanted = this.state.search.toLowerCase().split(/\s+/).filter(Boolean);
    const { category, topic, placed, selection } = this.state;
    const facts = [...this.facts].map(([name, field]) => [field, this.state[name]]).filter(([, value]) => value);
    this.found = this.rows.filter((row) =>
      (topic === "" || row.topic === Number(topic)) &&
      (category === "" || this.topics.get(row.topic)?.category === Number(category)) &&
      (placed === "" || (row.topic !== -1) === (placed === "yes")) &&
      (!selection || selection.has(row.index)) &&
      facts.every(([field, value]) => (value === "?" ? row[field] === null : this.has(row[field], value))) &&
      (!wanted.length || wanted.every((word) => this.words(row).includes(word))));
    return this.found;
  }

  // Dates are asked for by year; any other fact must be equal.
  has(value, wanted) {
    return /^\d{4}-\d\d-\d\d$/.test(value) ? value.slice(0, 4) === wanted : value === wanted;
  }

  words(row) {
    if (row.words === undefined) {
      const texts = [row.title, row.description, row.language, row.license, row.repository, this.label(row.topic), this.categoryOf(row.topic)?.label];
      row.words = texts.filter(Boolean).join(" ").toLowerCase();
    }
    return row.words;
  }

  sorted() {
    const { sort, direction } = this.state;
    if (!sort) return this.usual ? [...this.matches()].sort(this.usual) : this.matches();
    const sign = direction === "ascending" ? 1 : -1;
    const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
    // What is not known comes last in both directions.
    const value = (row) => (sort === "topic" ? this.label(row.topic) : row[sort]);
    return [...this.matches()].sort((a, b) => {
      const x = value(a), y = value(b);
      if (x === null || y === null) return (x === null) - (y === null) || a.index - b.index;
      const by = typeof x === "number" ? x - y : order.compare(x, y);
      return sign * by || a.index - b.index;
    });
  }
}
