// Tools chosen in any table, and two to five of them side by side. The address says which they are.
const MOST_COMPARED = 5;

class Choice {
  constructor() {
    this.rows = [];
    this.known = false;
  }

  start(grouping) {
    this.grouping = grouping;
    this.tray = element("section", "tray");
    this.tray.setAttribute("aria-label", "Tools chosen to compare");
    this.list = element("ul");
    this.live = element("p", "hidden");
    this.live.setAttribute("role", "status");
    this.open = element("a", "open");
    this.clear = pushButton("Clear", () => { this.set([]); this.say("None is chosen."); });
    this.tray.append(element("span", "what", "Compare"), this.list, this.open, this.clear);
    document.querySelector("main").after(this.tray, this.live);
    router.besides = { recall: (params, kept) => this.recall(params, kept), added: (address) => this.added(address) };
    this.draw();
  }

  has(row) {
    return this.rows.includes(row);
  }

  // Puts a tool in or takes it out; returns whether it is in now.
  toggle(row) {
    if (!this.has(row) && this.rows.length === MOST_COMPARED) {
      this.say(`${MOST_COMPARED} are chosen, the most that stand side by side. Take one out first.`);
      return false;
    }
    this.set(this.has(row) ? this.rows.filter((each) => each !== row) : [...this.rows, row]);
    this.say(`${row.title} is ${this.has(row) ? "chosen" : "taken out"}; ${this.rows.length} of at most ${MOST_COMPARED}.`);
    return this.has(row);
  }

  say(text) {
    this.live.textContent = text;
    this.tray.querySelector(".what").title = text;
  }

  set(rows) {
    this.rows = rows;
    this.draw();
    router.remember(location.hash, false);
  }

  // A link says who is chosen; within the page, and on the way back, who was chosen last stays so.
  recall(params, kept) {
    if (params.has("with") && !(kept && this.known)) {
      this.rows = titlesIn(params.get("with"), this.grouping).map(([, row]) => row).filter(Boolean).slice(0, MOST_COMPARED);
    }
    this.known = true;
    this.draw();
  }

  // An address with those that are chosen; that of a comparison says so itself.
  added(address) {
    const [path, ...rest] = address.split("?"), others = rest.join("?").split("&").filter((each) => each && !each.startsWith("with="));
    const names = path.startsWith("#compare=") ? [] : this.rows.map((row) => encodeURIComponent(row.title).replaceAll("%2F", "/"));
    const query = [...others, ...(names.length ? ["with=" + names.join(",")] : [])].join("&");
    // The first screen has no address of its own but that of the file.
    return query ? (path || "#") + "?" + query : path === "#" ? "" : path;
  }

  draw() {
    const n = this.rows.length;
    this.tray.hidden = n === 0 || location.hash.startsWith("#compare=");
    this.list.replaceChildren(...this.rows.map((row) => {
      const item = element("li", "", row.title.split("/").at(-1));
      item.title = row.title;
      const out = pushButton("×", () => { this.toggle(row); (this.list.querySelector("button") || document.querySelector("main")).focus(); });
      out.setAttribute("aria-label", "Take out " + row.title);
      item.append(out);
      return item;
    }));
    if (n > 1) this.open.href = comparisonOf(this.rows);
    else this.open.removeAttribute("href");
    this.open.textContent = n > 1 ? `Show ${n} side by side` : "choose one more";
    document.querySelectorAll(".compare input").forEach((box) => { box.checked = this.has(this.grouping.rows[Number(box.value)]); });
  }
}

function comparisonOf(rows) {
  return addressOf("compare", rows.map((row) => row.title).join(","));
}

// The tools that names with commas between them are of: [name, row]. A name may hold commas itself: the longest that is known counts.
function titlesIn(text, grouping) {
  const parts = text.split(",").filter(Boolean), found = [];
  while (parts.length) {
    let end = parts.length;
    while (end > 1 && !answers.named(parts.slice(0, end).join(","))) end--;
    const name = parts.splice(0, end).join(",");
    if (!found.some(([other]) => other === name)) found.push([name, rowNamed(name, grouping)]);
  }
  return found;
}

// The row of a tool by its name or a former one, also of one that no table has; each has one row, however often it is asked for.
const besideRows = new Map();

function rowNamed(name, grouping) {
  const tool = answers.named(name);
  if (!tool) return undefined;
  const row = grouping.rows[answers.tools.indexOf(tool)];
  if (row) return row;
  if (!besideRows.has(tool)) besideRows.set(tool, answers.besideRow(tool));
  return besideRows.get(tool);
}

function pushButton(text, act) {
  const made = element("button", "", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

class CompareView {
  constructor(grouping) {
    this.grouping = grouping;
    this.root = document.getElementById("compare");
    this.heading = this.root.querySelector("h2");
    this.box = element("div", "compared");
  }

  start() {
    this.heading.after(this.box);
    savable.set("compare-table", { file: "tools-compared", caption: "Tools side by side", table: () => this.table() });
    router.register("compare", (value) => this.show(value));
  }

  show(value) {
    const found = titlesIn(value, this.grouping), rows = [...new Set(found.map(([, row]) => row).filter(Boolean))];
    const gone = found.filter(([, row]) => !row).map(([name]) => name), over = rows.splice(MOST_COMPARED);
    this.rows = rows;
    choice.set(rows);
    router.again(this.grouping.describe(rows));
    const said = [];
    if (gone.length) said.push(`This atlas has no ${gone.map((name) => `“${name}”`).join(" and no ")}, nor had any of its tools that name.`);
    if (over.length) said.push(`${MOST_COMPARED} at most stand side by side; left out: ${over.map((row) => row.title).join(", ")}.`);
    if (rows.length < 2) said.push("Choose two to five tools by the boxes beside their names, in any table or search; then open them here.");
    const late = rows.filter((row) => row.description === undefined && !row.beside);
    if (late.length) this.grouping.describe(late).then(() => { if (this.rows === rows) this.show(value); }, () => {});
    this.box.replaceChildren(...said.map((text) => element("p", "note missing", text)));
    if (rows.length) this.draw(rows);
    return rows.length ? rows.map((row) => row.title.split("/").at(-1)).join(", ") : this.heading.textContent;
  }

  draw(rows) {
    const scroll = element("div", "scroll"), table = element("table", "side-by-side");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", "The tools side by side; scrolls sideways");
    table.style.setProperty("--tools", rows.length);
    const head = element("thead"), line = element("tr"), body = element("tbody");
    line.append(headCell("", "corner"), ...rows.map((row) => this.headOf(row)));
    line.firstChild.append(element("span", "hidden", "What is told"));
    head.append(line);
    const lines = this.lines(rows);
    body.append(...lines.map((each) => this.line(each, rows)));
    for (const text of lackingSentences(this.grouping, rows)) body.append(this.lack(text, rows.length));
    table.append(element("caption", "hidden", `${rows.map((row) => row.title).join(", ")} side by side`), head, body);
    scroll.append(table);
    const differ = lines.filter((each) => each.differs).length, bar = element("div", "headed");
    if (rows.length > 1) bar.append(this.narrow(table, differ, lines.length));
    bar.append(saveButtons("compare-table", "the comparison", TABLE_KINDS));
    this.box.append(bar, scroll);
  }

  headOf(row) {
    const cell = headCell("", "tool");
    cell.append(toolLink(row, "name"));
    if (this.rows.length > 2) {
      const rest = this.rows.filter((each) => each !== row), out = pushButton("Take out", () => router.go(comparisonOf(rest)));
      out.setAttribute("aria-label", "Take out " + row.title);
      cell.append(out);
    }
    return cell;
  }

  // What is told of each tool: the columns of its tables, and what these have no room for.
  lines(rows) {
    const { grouping } = this, { shown } = columnsOf(grouping, rows);
    const about = column("description", "What it is", "text"), all = column("commits", "Commits in all", "number", { fact: "commits" });
    const whose = column("owner", "Owner", "text", { fact: "owner" }), source = column("url", "Source", "link");
    const known = [all, whose].filter((each) => rows.some((row) => each.value(row) !== null));
    const told = [about, ...shown.filter((each) => each.kind !== "title"), ...known, source];
    return told.map((each) => {
      const values = rows.map((row) => each.value(row, grouping));
      return { column: each, differs: new Set(values.map(String)).size > 1 && !["description", "url"].includes(each.field) };
    });
  }

  line({ column: each, differs }, rows) {
    const line = element("tr", differs ? "differs" : ""), head = element("th", "", each.heading);
    head.scope = "row";
    if (rows.length > 1 && differs) head.append(element("span", "hidden", ", differs"));
    line.append(head, ...rows.map((row) => {
      const cell = element("td", CLASSES[each.kind] ?? each.kind);
      if (each.field === "description" && !row.description) cell.append(unknown("no source of this atlas says what it is"));
      else if (each.kind === "link") cell.append(row.url ? link({ title: "where it is developed", url: row.url }) : unknown(reasonOf(this.grouping, row, each)));
      else fillCell(cell, row, this.grouping, each);
      // There is room here for the reason.
      const lacks = each.kind !== "stage" && cell.querySelector(":scope > .unknown");
      if (lacks) lacks.replaceChildren("unknown: " + lacks.title);
      return cell;
    }));
    return line;
  }

  // What is not known of any tool, in one line.
  lack(text, n) {
    const line = element("tr", "lacking"), cell = element("td", "", text);
    cell.colSpan = n + 1;
    line.append(cell);
    return line;
  }

  narrow(table, differ, all) {
    const label = element("label", "only"), box = element("input");
    box.type = "checkbox";
    box.addEventListener("change", () => table.classList.toggle("only-differences", box.checked));
    label.append(box, ` Only what differs: ${differ} of ${all} rows, marked by a line at their left`);
    return label;
  }

  table() {
    const head = ["", ...this.rows.map((row) => row.title)];
    const plain = (value) => (Array.isArray(value) ? value.join("; ") : value);
    const body = this.lines(this.rows).map(({ column: each }) => [each.heading, ...this.rows.map((row) => plain(each.value(row, this.grouping)))]);
    const why = ["Why this stage", ...this.rows.map((row) => row.why)], seen = ["Seen", ...this.rows.map((row) => row.seen ?? null)];
    return { head, rows: [...body, why, seen] };
  }
}
