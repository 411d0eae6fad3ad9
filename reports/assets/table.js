// The table of documents: columns, an order, pages. It works by keyboard, and says what is not known.
const PAGE_ROWS = window.matchMedia("(max-width: 45rem)").matches ? 10 : 25;

// Of cells, where a kind of value does not name them.
const CLASSES = { spark: "sparks" };

class DocumentTable {
  // `name` is what its files are called; `without` are fields that everything in it shares.
  constructor(listing, box, { name, caption, without = [] }) {
    this.listing = listing;
    this.grouping = listing.grouping;
    this.box = box;
    this.name = name;
    this.caption = caption;
    this.compares = this.grouping.name === "tools";
    this.columns = columnsOf(this.grouping, listing.rows).shown.filter((each) => !without.includes(each.field));
  }

  start() {
    this.build();
    this.listing.listeners.push(() => this.draw());
    savable.set(this.name + "-table", { file: this.name, caption: this.caption, ready: () => this.grouping.describe(this.listing.rows), table: (kind) => this.table(kind) });
    this.draw();
  }

  build() {
    this.note = element("p", "note order");
    this.element = element("table");
    const caption = element("caption", "hidden", this.caption), head = element("thead"), line = element("tr");
    if (this.compares) line.append(headCell("Compare", "compare"));
    this.heads = new Map(this.columns.map((each) => {
      const cell = headCell("", CLASSES[each.kind] ?? each.kind), button = element("button", "", each.heading);
      button.type = "button";
      button.addEventListener("click", () => this.sort(each));
      cell.dataset.field = each.field;
      cell.append(button);
      line.append(cell);
      return [each.field, cell];
    }));
    head.append(line);
    this.element.append(caption, head);
    this.scroll = element("div", "scroll");
    this.scroll.append(this.element);
    this.range = element("span", "range");
    this.steps = [["Previous", -1], ["Next", 1]].map(([text, step]) => {
      const button = element("button", "", text);
      button.type = "button";
      button.addEventListener("click", () => this.turn(step));
      return button;
    });
    this.pager = element("div", "pager");
    this.pager.setAttribute("role", "group");
    this.pager.setAttribute("aria-label", "Pages of the table");
    this.pager.append(this.steps[0], this.range, this.steps[1]);
    const lacking = lackingSentences(this.grouping, this.listing.rows).map((text) => element("p", "note", text));
    this.box.classList.add("documents");
    this.box.replaceChildren(this.note, this.scroll, this.pager, ...lacking);
    if (this.compares) this.box.addEventListener("change", (event) => this.choose(event.target));
  }

  turn(step) {
    this.listing.change({ page: this.listing.state.page + step });
    this.box.scrollIntoView({ block: "start" });
  }

  sort({ field, first }) {
    const { sort, direction } = this.listing.state;
    const other = direction === "ascending" ? "descending" : "ascending";
    this.listing.change({ sort: field, direction: sort === field ? other : first });
  }

  choose(box) {
    if (box.type === "checkbox") box.checked = choice.toggle(this.grouping.rows[Number(box.value)]);
  }

  draw() {
    const rows = this.listing.sorted(), { sort, direction, page } = this.listing.state;
    const last = Math.max(0, Math.ceil(rows.length / PAGE_ROWS) - 1), from = Math.min(Math.max(0, page), last) * PAGE_ROWS;
    const shown = rows.slice(from, from + PAGE_ROWS);
    for (const [field, head] of this.heads) {
      if (field === sort) head.setAttribute("aria-sort", direction);
      else head.removeAttribute("aria-sort");
    }
    this.element.querySelectorAll("tbody").forEach((body) => body.remove());
    this.element.append(...this.bodies(shown, rows));
    this.shown = shown;
    if (shown.some((row) => row.description === undefined)) this.grouping.describe(shown).then(() => { if (this.shown === shown) this.draw(); }, () => {});
    this.order();
    this.pager.hidden = last === 0;
    this.range.textContent = rows.length ? `${count(from + 1)} to ${count(from + shown.length)} of ${count(rows.length)}` : "";
    this.steps[0].disabled = from === 0;
    this.steps[1].disabled = from / PAGE_ROWS === last;
  }

  order() {
    const left = this.listing.left?.length ? `Nothing here has what the link asks for, ${this.listing.left.join(" and ")}: it is left out. ` : "";
    this.note.replaceChildren(left + "Order: " + this.listing.orderWords + ". ");
    if (!this.listing.state.sort) return;
    const button = element("button", "as-link", "Usual order");
    button.type = "button";
    button.addEventListener("click", () => { this.listing.change({ sort: "", direction: "ascending" }); this.heads.values().next().value.querySelector("button").focus(); });
    this.note.append(button);
  }

  // Tools of unknown stage stand apart, below a heading that says why, wherever stages make the order.
  bodies(shown, rows) {
    if (!rows.length) return [this.nothing()];
    const body = element("tbody"), { sort } = this.listing.state;
    const apart = this.heads.has("stage") && ["", "stage"].includes(sort) ? shown.filter((row) => row.stage === null) : [];
    body.append(...shown.filter((row) => !apart.includes(row)).map((row) => this.line(row)));
    if (!apart.length) return [body];
    const line = element("tr"), all = rows.filter((row) => row.stage === null), reasons = sumsOf(all, (row) => row.why);
    const rest = element("tbody", reasons.length === 1 ? "apart of-one-reason" : "apart");
    const why = reasons.map(([reason, n]) => (n === all.length ? reason : `${reason} (${count(n)})`));
    const head = element("th", "", `${count(all.length)} of unknown stage: ${why.join("; ")}.`);
    head.colSpan = this.columns.length + Number(this.compares);
    head.scope = "rowgroup";
    line.append(head);
    rest.append(line, ...apart.map((row) => this.line(row)));
    return body.rows.length ? [body, rest] : [rest];
  }

  nothing() {
    const body = element("tbody"), line = element("tr");
    const cell = element("td", "empty", "Nothing here matches. Show all, or search for other words.");
    cell.colSpan = this.columns.length + Number(this.compares);
    line.append(cell);
    body.append(line);
    return body;
  }

  line(row) {
    const line = element("tr");
    if (this.compares) line.append(compareCell(row));
    for (const each of this.columns) {
      const cell = element("td", CLASSES[each.kind] ?? each.kind);
      if (!["title", "topic", "stage"].includes(each.kind)) cell.dataset.heading = each.heading;
      fillCell(cell, row, this.grouping, each);
      line.append(cell);
    }
    return line;
  }

  // What the filters leave, in the order shown: for print what the page's columns say, else all.
  table(kind) {
    const { grouping } = this, print = kind === "tex", all = (...values) => (print ? [] : values);
    const apart = ["title", "topic", "spark"];
    const fields = print
      ? this.columns.filter((each) => !apart.includes(each.field))
      : COLUMNS[grouping.name].filter((each) => !apart.includes(each.field) && each.field in (grouping.rows[0] ?? {}));
    const more = grouping.name === "tools" ? ["why", "since", "seen", "owner", "commits"] : [];
    const head = [...all("key"), "title", "category", "topic", ...all("placed", "nearest_topic", "strength"), ...fields.map((each) => each.field), ...all(...more, "url", "description")];
    const plain = (value) => (Array.isArray(value) ? value.join("; ") : value);
    const rows = this.listing.sorted().map((row) => [
      ...all(row.key), row.title, grouping.categoryOf(row.topic)?.label ?? "", row.topic === -1 ? "" : grouping.label(row.topic),
      ...all(row.topic === -1 ? "no" : "yes", row.nearest === -1 ? "" : grouping.label(row.nearest), row.strength === null ? null : Number(row.strength.toFixed(3))),
      ...fields.map((each) => plain(each.value(row, grouping))), ...all(...more.map((field) => row[field] ?? null), row.url, row.description),
    ]);
    return { head, rows };
  }
}

function headCell(text, className) {
  const cell = element("th", className, text || null);
  cell.scope = "col";
  return cell;
}

// The box that chooses a tool to be compared.
function compareCell(row, tag = "td") {
  const cell = element(tag, "compare"), label = element("label"), box = element("input");
  box.type = "checkbox";
  box.value = String(row.index);
  box.checked = choice.has(row);
  box.setAttribute("aria-label", "Compare " + row.title);
  label.append(box);
  cell.append(label);
  return cell;
}

// The selects of a listing's filters, put into a form; what is chosen is asked for.
function filterFields(listing) {
  return listing.filters.map(({ name, label, everything, found }) => {
    const field = element("label"), select = element("select");
    select.name = name;
    for (const [value, text] of [["", everything], ...found]) {
      const option = element("option", "", text);
      option.value = value;
      select.append(option);
    }
    field.append(element("span", "", label), select);
    return field;
  });
}
