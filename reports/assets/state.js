"use strict";
// One study of documents: what is in it, what is being asked of it, and which rows answer.
class Grouping {
  constructor(name, data, root) {
    this.name = name;
    this.root = root;
    this.topics = new Map(data.topics.map((topic) => [topic.topic, topic]));
    this.rows = data.rows.map((values, index) => {
      const row = { index };
      data.fields.forEach((field, place) => { row[field] = values[place]; });
      const words = [row.title, row.description, row.language, row.license, row.repository, this.label(row.topic)];
      row.words = words.filter(Boolean).join(" ").toLowerCase();
      return row;
    });
    this.state = { search: "", topic: "", repository: "", sort: "", direction: "ascending", page: 0 };
    this.listeners = [];
  }

  label(topic) {
    const found = this.topics.get(topic);
    return found ? found.label : "unplaced";
  }

  change(part) {
    Object.assign(this.state, { page: 0 }, part);
    this.listeners.forEach((listener) => listener());
  }

  get filtered() {
    return Boolean(this.state.search.trim() || this.state.topic !== "" || this.state.repository);
  }

  matches() {
    const wanted = this.state.search.toLowerCase().split(/\s+/).filter(Boolean);
    const { topic, repository } = this.state;
    return this.rows.filter((row) =>
      (topic === "" || row.topic === Number(topic)) &&
      (!repository || row.repository === repository) &&
      wanted.every((word) => row.words.includes(word)));
  }

  sorted() {
    const rows = this.matches();
    const { sort, direction } = this.state;
    if (!sort) return rows;
    const sign = direction === "ascending" ? 1 : -1;
    const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
    // What is not known comes last in both directions.
    const value = (row) => (sort === "topic" ? this.label(row.topic) : row[sort]);
    return rows.sort((a, b) => {
      const x = value(a), y = value(b);
      if (x === null || y === null) return (x === null) - (y === null);
      const by = typeof x === "number" ? x - y : order.compare(x, y);
      return sign * by || a.index - b.index;
    });
  }
}

// Every text is set as text, never as markup: documents come from strangers.
function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
}

function link(row, className) {
  const node = element(row.url ? "a" : "span", className, row.title);
  if (row.url) { node.href = row.url; node.rel = "noreferrer"; }
  return node;
}

function glyph(topic) {
  const space = "http://www.w3.org/2000/svg";
  const node = document.createElementNS(space, "svg");
  node.setAttribute("class", "glyph " + (topic ? "hue-" + topic.hue : "grey"));
  node.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", "#glyph-" + (topic ? topic.shape : "circle-open"));
  node.append(use);
  return node;
}

function percent(share) {
  return Math.round(100 * share) + "\u00a0%";
}

// Where a row stands: its topic, or the nearest one with the strength that did not suffice.
function standing(grouping, row) {
  if (row.topic !== -1) return grouping.label(row.topic);
  if (row.nearest === -1) return "unplaced; near no topic";
  return "unplaced; nearest: " + grouping.label(row.nearest) + (row.strength === null ? "" : ", " + percent(row.strength) + " of the runs");
}
