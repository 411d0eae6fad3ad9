// How frameworks are used: each number opens the lines of code and the requests that it rests on.
class UsageSection {
  constructor() {
    // What is used and asked for stands with the wishes, and on the pages of tools.
    this.root = document.querySelector("main");
    this.opened = null;
  }

  start() {
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-evidence]");
      if (button) this.toggle(button);
      else if (event.target.closest(".evidence .close")) this.close();
    });
    this.root.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.opened) this.close(); });
    for (const table of this.root.querySelectorAll("table[data-matrix]")) {
      savable.set(table.dataset.matrix, { file: table.dataset.matrix, caption: table.dataset.title, table: (kind) => (kind === "csv" ? this.headed(this.table(table), table.dataset.sample) : this.table(table)) });
    }
    for (const figure of this.root.querySelectorAll("#usage figure[data-sample]")) {
      const name = figure.dataset.figure, made = savable.get(name);
      savable.set(name, { ...made, table: (kind) => (kind === "csv" ? this.headed(made.table(kind), figure.dataset.sample) : made.table(kind)) });
    }
  }

  // The place for evidence is the next one after the table that the number is in.
  toggle(button) {
    if (this.opened === button) return this.close();
    if (this.opened) this.close(false);
    this.opened = button;
    button.setAttribute("aria-expanded", "true");
    if (this.data) return this.show(button);
    // Read when it is first asked for; meanwhile another may be opened, or this one closed.
    const still = (act) => { if (this.opened === button) act(); };
    chunks.get("usage").then((data) => { this.data = data; still(() => this.show(button)); }, () => still(() => this.close()));
  }

  show(button) {
    const box = this.box(button);
    box.replaceChildren(...this.parts(button));
    box.hidden = false;
    box.focus({ preventScroll: true });
    box.scrollIntoView({ block: "nearest" });
  }

  box(button) {
    return [...this.root.querySelectorAll(".evidence")].find((box) => button.compareDocumentPosition(box) & Node.DOCUMENT_POSITION_FOLLOWING);
  }

  close(back = true) {
    const button = this.opened;
    this.opened = null;
    button.setAttribute("aria-expanded", "false");
    const box = this.box(button);
    box.hidden = true;
    box.replaceChildren();
    if (back) button.focus();
  }

  parts(button) {
    const found = this.data.evidence[button.dataset.evidence];
    const title = button.getAttribute("aria-label") ?? button.dataset.evidence.replace("pair | ", "").replace(" | ", " and ") + ": lines of those who use both";
    const line = element("p", "headed"), close = element("button", "close", "Close");
    close.type = "button";
    line.append(element("strong", "", title), close);
    const list = element("ol");
    for (const place of found.lines ?? []) list.append(this.use(this.data.lines[place]));
    for (const place of found.requests ?? []) list.append(this.request(this.data.requests[place]));
    return [line, list, this.rest(found, list.children.length)];
  }

  use([project, place, symbol, channel, url]) {
    const item = element("li");
    item.append(link({ url, title: project + " " + place }), " ", element("code", "", symbol), element("span", "why", channel));
    return item;
  }

  request([title, channel, by, url]) {
    const item = element("li"), how = channel && channel !== "none" ? channel + ", " : "";
    item.append(link({ url, title }), element("span", "why", how + "coded by a " + by));
    return item;
  }

  rest(found, shown) {
    const what = found.requests ? "requests" : "lines of code";
    const note = element("p", "note", found.n > shown ? `These are ${count(shown)} of ${count(found.n)} ${what}. ` : `All ${what} behind the number: ${count(found.n)}. `);
    if (found.n > shown) note.append(...(found.all ? ["All: ", element("code", "", found.all)] : ["All are in the file usage-facts of ", element("code", "", "opsatlas export"), "."]));
    return note;
  }

  // A file has no caption, so each row says what the numbers are of.
  headed({ head, rows }, sample) {
    return { head: [...head, "sample"], rows: rows.map((row) => [...row, sample]) };
  }

  // A number with its share takes one cell; what is used and asked for, two columns.
  table(table) {
    const text = (cell) => cell.innerText.replace(/\s+/g, " ").trim();
    const value = (part) => {
      const said = text(part.querySelector("button, [aria-hidden]") ?? part).replace(/\u200b/g, "");
      if (said === "·") return 0;
      if (said === "–") return null;
      return /^[\d,]+$/.test(said) ? Number(said.replaceAll(",", "")) : said;
    };
    const sides = table.dataset.matrix === "usage-gap" ? ["used", "asked"] : [""];
    const columns = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.dataset.name);
    const head = [text(table.tHead.rows[0].cells[0]) || "Name", ...columns.flatMap((name) => sides.map((side) => (name + " " + side).trim()))];
    const rows = [...table.tBodies[0].rows].filter((row) => row.className !== "group");
    return { head, rows: rows.map((row) => [text(row.cells[0]), ...[...row.querySelectorAll(".amount")].map(value)]) };
  }
}

starters.push(() => new UsageSection().start());
