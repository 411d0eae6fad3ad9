// The table of one grouping: search, sort, pages. It holds what the map holds, and works by keyboard.
const PAGE_ROWS = window.matchMedia("(max-width: 45rem)").matches ? 10 : 25;

class AtlasTable {
  constructor(grouping) {
    this.grouping = grouping;
    const box = grouping.root.querySelector(".documents");
    this.heads = [...box.querySelectorAll("thead th")];
    this.body = box.querySelector("tbody");
    this.range = box.querySelector(".range");
    this.steps = [...box.querySelectorAll(".pager button")];
  }

  start() {
    this.heads.forEach((head) => head.querySelector("button").addEventListener("click", () => this.sort(head)));
    this.steps.forEach((button) => button.addEventListener("click", () => {
      this.grouping.change({ page: this.grouping.state.page + Number(button.dataset.step) });
    }));
    this.grouping.listeners.push(() => this.draw());
    const { name, noun } = this.grouping;
    savable.set(name + "-table", { file: name, caption: noun[0].toUpperCase() + noun.slice(1), ready: () => this.grouping.describe(this.grouping.rows), table: (kind) => this.table(kind) });
    this.draw();
  }

  sort(head) {
    const { sort, direction } = this.grouping.state;
    const field = head.dataset.field;
    // Figures and dates are first wanted from the top: most stars, latest commit.
    const first = ["number", "percent", "date"].includes(head.dataset.kind) ? "descending" : "ascending";
    const other = direction === "ascending" ? "descending" : "ascending";
    this.grouping.change({ sort: field, direction: sort === field ? other : first });
  }

  draw() {
    const rows = this.grouping.sorted();
    const { sort, direction } = this.grouping.state;
    const last = Math.max(0, Math.ceil(rows.length / PAGE_ROWS) - 1);
    const page = Math.min(Math.max(0, this.grouping.state.page), last);
    const from = page * PAGE_ROWS;
    const shown = rows.slice(from, from + PAGE_ROWS);
    this.heads.forEach((head) => {
      if (head.dataset.field === sort) head.setAttribute("aria-sort", direction);
      else head.removeAttribute("aria-sort");
    });
    this.shown = shown;
    this.body.replaceChildren(...shown.map((row) => this.line(row)));
    if (shown.some((row) => row.description === undefined)) this.grouping.describe(shown).then(() => { if (this.shown === shown) this.draw(); }, () => {});
    if (!rows.length) {
      const cell = element("td", "empty", "Nothing here matches. Show all, or search for other words.");
      cell.colSpan = this.heads.length;
      const line = element("tr");
      line.append(cell);
      this.body.append(line);
    }
    this.range.textContent = rows.length ? `${count(from + 1)} to ${count(from + shown.length)} of ${count(rows.length)}` : "";
    this.steps[0].disabled = page === 0;
    this.steps[1].disabled = page === last;
  }

  line(row) {
    const line = element("tr");
    for (const head of this.heads) {
      const { field, kind } = head.dataset;
      const cell = element("td", kind);
      const value = row[field];
      if (kind === "title") this.title(cell, row);
      else if (kind === "topic") this.topic(cell, row);
      else {
        if (value !== null) cell.dataset.heading = head.textContent;
        cell.textContent = value === null ? "" : kind === "percent" ? percent(value) : kind === "number" ? count(value) : value;
      }
      line.append(cell);
    }
    return line;
  }

  // What the filters leave, in the order shown: for print what the page's columns say, else all.
  table(kind) {
    const fields = this.heads.map((head) => head.dataset.field).filter((field) => !["title", "topic", "strength"].includes(field));
    const print = kind === "tex", all = (...values) => (print ? [] : values);
    const head = [...all("key"), "title", "category", "topic", ...all("placed", "nearest_topic"), "strength", ...fields, ...all("url", "description")];
    const rows = this.grouping.sorted().map((row) => [
      ...all(row.key), row.title, this.grouping.categoryOf(row.topic)?.label ?? "", row.topic === -1 ? "" : this.grouping.label(row.topic),
      ...all(row.topic === -1 ? "no" : "yes", row.nearest === -1 ? "" : this.grouping.label(row.nearest)),
      row.strength === null ? null : Number(row.strength.toFixed(3)), ...fields.map((field) => row[field]), ...all(row.url, row.description),
    ]);
    return { head, rows };
  }

  title(cell, row) {
    cell.append(link(row, "name"));
    if (row.description) cell.append(element("span", "text", row.description));
  }

  topic(cell, row) {
    const topic = this.grouping.topics.get(row.topic);
    cell.append(glyph(topic), topic ? topic.label : "Unplaced");
    if (topic) cell.append(element("span", "why", this.grouping.categories.get(topic.category).label));
    else cell.append(element("span", "why", row.nearest === -1 ? "near no topic" : "nearest: " + this.grouping.label(row.nearest)));
  }
}
