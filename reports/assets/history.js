// How the ecosystem lives: drawings are saved as files, and tools are found, filtered and sorted.
const PAPERS = { wash: "#f1f1ee" };

// A drawing in the colours of light paper: the page's own are names, which a file would not know.
function drawingFile(figure) {
  const palette = { ...colours(true), ...PAPERS }, drawn = figure.querySelector("svg").cloneNode(true);
  palette.hues.forEach((hue, place) => { palette["hue-" + place] = hue; });
  const [, , width, height] = drawn.getAttribute("viewBox").split(" ");
  for (const [name, value] of Object.entries({ width, height, "font-family": SANS })) drawn.setAttribute(name, value);
  for (const node of drawn.querySelectorAll("[fill], [stroke]")) {
    for (const name of ["fill", "stroke"]) {
      const colour = /^var\(--(.+)\)$/.exec(node.getAttribute(name) ?? "");
      if (colour) node.setAttribute(name, palette[colour[1]]);
    }
  }
  drawn.querySelector("desc").after(shape("rect", { width: "100%", height: "100%", fill: palette.paper }));
  return drawn;
}

class Lives {
  constructor(root) {
    this.root = root;
    this.body = root.querySelector("tbody");
    this.rows = [...this.body.rows];
    this.texts = this.rows.map((row) => (row.cells[0].textContent + " " + row.querySelector(".why").textContent).toLowerCase());
  }

  start() {
    this.root.addEventListener("input", () => this.filter());
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-sort]");
      if (button) this.sort(button);
    });
    const name = this.root.dataset.lives + "-tools";
    savable.set(name, { file: name, caption: "Tools by stage", table: () => this.table() });
  }

  filter() {
    const words = this.root.querySelector("[data-find]").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = [...this.root.querySelectorAll("select")].filter((select) => select.value);
    this.rows.forEach((row, place) => {
      row.hidden = !(wanted.every((select) => row.dataset[select.dataset.by] === select.value) && words.every((word) => this.texts[place].includes(word)));
    });
    const n = this.shown().length, all = this.rows.length;
    this.root.querySelector("output").textContent = n === all ? count(all) + " tools" : `${count(n)} of ${count(all)} tools`;
  }

  shown() {
    return [...this.body.rows].filter((row) => !row.hidden);
  }

  // What is not known stays last, whichever way the others stand.
  sort(button) {
    const head = button.closest("th"), place = head.cellIndex, numbers = button.dataset.sort === "number";
    const first = button.dataset.first ?? "ascending", other = first === "ascending" ? "descending" : "ascending";
    const way = head.getAttribute("aria-sort") === first ? other : first, upward = way === "ascending";
    for (const each of head.parentElement.cells) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", way);
    const value = (row) => {
      const cell = row.cells[place], text = cell.dataset.value ?? cell.textContent.trim();
      if (text === "" || text === "unknown") return null;
      return numbers ? Number(text.replaceAll(",", "")) : text.toLowerCase();
    };
    const order = (a, b) => (a.key === null) - (b.key === null) || (a.key === b.key ? 0 : (a.key < b.key) === upward ? -1 : 1);
    const keyed = [...this.body.rows].map((row) => ({ row, key: value(row) }));
    this.body.replaceChildren(...keyed.sort(order).map(({ row }) => row));
  }

  table() {
    const cells = [...this.root.querySelectorAll("thead th")], head = cells.map((cell) => cell.textContent);
    const kept = cells.map((_, place) => place).filter((place) => cells[place].querySelector("button"));
    const value = (cell) => {
      const text = cell.textContent.trim();
      return cell.className === "number" && text !== "unknown" ? Number(text.replaceAll(",", "")) : text;
    };
    return { head: kept.map((place) => head[place]), rows: this.shown().map((row) => kept.map((place) => value(row.cells[place]))) };
  }
}

starters.push(() => {
  document.querySelectorAll("figure[data-drawing]").forEach((figure) => savable.set(figure.dataset.drawing, { file: figure.dataset.drawing, svg: () => drawingFile(figure) }));
  document.querySelectorAll("[data-lives]").forEach((root) => new Lives(root).start());
});
