// The table of one grouping: search, sort, pages. It holds what the map holds, and works by keyboard.
const PAGE_ROWS = 25;

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
    this.body.replaceChildren(...shown.map((row) => this.line(row)));
    if (!rows.length) {
      const cell = element("td", "empty", "Nothing here matches. Show all, or search for other words.");
      cell.colSpan = this.heads.length;
      const line = element("tr");
      line.append(cell);
      this.body.append(line);
    }
    const text = (n) => n.toLocaleString("en-GB");
    this.range.textContent = rows.length ? `${text(from + 1)} to ${text(from + shown.length)} of ${text(rows.length)}` : "";
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
        cell.textContent = value === null ? "" : kind === "percent" ? percent(value) : kind === "number" ? value.toLocaleString("en-GB") : value;
      }
      line.append(cell);
    }
    return line;
  }

  title(cell, row) {
    cell.append(link(row, "name"));
    if (row.description) cell.append(element("span", "text", row.description));
  }

  topic(cell, row) {
    const topic = this.grouping.topics.get(row.topic);
    cell.append(glyph(topic), topic ? topic.label : "Unplaced");
    if (!topic) cell.append(element("span", "why", row.nearest === -1 ? "near no topic" : "nearest: " + this.grouping.label(row.nearest)));
  }
}
