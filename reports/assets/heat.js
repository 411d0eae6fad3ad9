// A share above which white ink reads better on the shade than black does; both then pass 4.5:1.
const DEEP = 0.368;

// The heat map: shares of few are not shaded, as they look like much and say little. What its numbers are, which rows it shows, and the requests behind a number.
class HeatMap {
  constructor(grouping) {
    this.grouping = grouping;
    this.section = document.getElementById("frameworks");
    this.table = this.section.querySelector(".heat");
    this.form = this.section.querySelector(".heat-controls");
    this.buttons = [...this.table.querySelectorAll(".cell button")];
    this.totals = [...this.table.tFoot.rows[0].cells].slice(1).map((cell) => Number(cell.textContent.replaceAll(",", "")));
  }

  start() {
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", () => this.draw());
    this.table.addEventListener("click", (event) => this.open(event.target.closest("button")));
    savable.set("heat", { file: "wishes-by-framework", caption: "Wishes by framework", table: () => this.counts(), svg: () => heatSvg(this.table) });
    this.draw();
  }

  draw() {
    const rows = this.form.elements.rows.value, numbers = this.form.elements.numbers.value;
    this.table.classList.toggle("without-topics", rows === "categories");
    for (const button of this.buttons) {
      const cell = button.parentElement, line = cell.parentElement;
      const whole = Number(numbers === "row" ? line.dataset.total : this.totals[cell.cellIndex - 1]);
      const share = button.dataset.count / whole, isFew = whole < this.table.dataset.fewest;
      cell.style.setProperty("--share", share.toFixed(3));
      cell.classList.toggle("few", isFew);
      cell.classList.toggle("deep", share > DEEP && !isFew);
      button.textContent = numbers === "count" ? button.dataset.count : Math.round(100 * share);
    }
    this.table.classList.toggle("in-percent", numbers !== "count");
  }

  open(button) {
    if (!button) return;
    const { kind, number, repository } = button.dataset;
    if (kind === "unplaced") router.go(addressOf("requests", "", { placed: "no", repository }));
    else router.go(addressOf("wish", this.grouping.nodeAt(kind, number).slug, { framework: repository }));
  }

  // Files hold counts, whatever the page shows: shares follow from them.
  counts() {
    const head = ["layer", "name", ...[...this.table.tHead.rows[0].cells].slice(1).map((cell) => cell.title || cell.textContent)];
    const value = (cell) => Number(cell.querySelector("button")?.dataset.count ?? cell.textContent.replace(/[^\d]/g, ""));
    const rows = [...this.table.tBodies[0].rows].map((row) => [row.className.split(" ")[0], row.cells[0].textContent.trim(), ...[...row.cells].slice(1).map(value)]);
    return { head, rows };
  }
}
