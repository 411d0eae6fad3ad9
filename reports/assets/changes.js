// What changed between snapshots: its diagram follows what is pointed at, and its tables are filtered.
const FOLLOW_HINT = "Point at a band, or at a name, to follow it.";
const MOVERS_FIRST = 20;

class Changes {
  constructor(root) {
    this.root = root;
    this.flows = root.querySelector(".flows");
    this.bands = [...this.flows.querySelectorAll(".band")];
    this.nodes = [...this.flows.querySelectorAll(".node")];
    this.told = root.querySelector(".follow");
    this.controls = root.querySelector("#changes-controls");
  }

  start() {
    const { flows, controls } = this;
    ["pointerover", "focusin"].forEach((name) => flows.addEventListener(name, (event) => this.follow(event.target)));
    ["pointerleave", "focusout"].forEach((name) => flows.addEventListener(name, () => this.light(null)));
    controls.addEventListener("change", () => this.filter());
    controls.addEventListener("reset", () => setTimeout(() => this.filter()));
    controls.addEventListener("submit", (event) => event.preventDefault());
    this.root.querySelectorAll(".event-controls").forEach((form) => this.filterEvents(form));
    this.root.querySelectorAll(".mover-controls").forEach((form) => this.filterMovers(form));
    this.filter();
  }

  // Documents that are in no node are nobody's: paths end there.
  isAside(id) {
    return !/\d$/.test(id);
  }

  // Of the bands, those that the filters leave: by verdict of such events, by category in or out of it.
  filter() {
    const { group, verdict, aside } = Object.fromEntries(new FormData(this.controls));
    const wanted = new Set(this.nodes.filter(({ dataset }) => (!group || dataset.group === group)
      && (!verdict || dataset.verdicts.split(" ").includes(verdict))).map((node) => node.dataset.id));
    const kept = new Set();
    this.bands.forEach((band) => {
      const ends = [band.dataset.from, band.dataset.to];
      const isKept = ends.some((id) => wanted.has(id)) && (aside === "yes" || !ends.some((id) => this.isAside(id)));
      band.classList.toggle("gone", !isKept);
      if (isKept) ends.forEach((id) => kept.add(id));
    });
    this.nodes.forEach((node) => node.classList.toggle("gone", !kept.has(node.dataset.id)));
    this.told.textContent = kept.size ? FOLLOW_HINT : "No flow is left by these filters.";
  }

  // On from bands over every column, but never through those who are in no node.
  onwards(start, end, other) {
    const reached = new Set(start), passed = new Set();
    for (const band of reached) { // and over what is added meanwhile
      const id = band.dataset[end];
      if (!this.isAside(id) && !passed.has(id)) this.bands.filter((next) => next.dataset[other] === id).forEach((next) => reached.add(next));
      passed.add(id);
    }
    return [...reached];
  }

  follow(target) {
    const shape = target.closest(".band, .node");
    if (!shape) { this.light(null); return; }
    const { id, from, to } = shape.dataset;
    const into = this.bands.filter(({ dataset }) => (id ? dataset.to === id : dataset.from === from && dataset.to === to));
    const out = id ? this.bands.filter(({ dataset }) => dataset.from === id) : into;
    this.light(id && this.isAside(id) ? [...into, ...out] : [...this.onwards(into, "from", "to"), ...this.onwards(out, "to", "from")]);
    const [strong, ...rest] = this.words(shape);
    const first = document.createElement("strong");
    first.textContent = strong;
    this.told.replaceChildren(first, ["", ...rest].join(" · "));
  }

  // What is told of a band or a node, its beginning first.
  words(shape) {
    if (shape.matches(".node")) return shape.querySelector("title").textContent.split(" · ");
    const { from, to, n } = shape.dataset;
    const [before, after] = [from, to].map((id) => this.words(this.nodes.find((node) => node.dataset.id === id))[0]);
    return [`${n} ${this.flows.dataset.documents}`, `${before} → ${after}`];
  }

  light(lit) {
    const shown = new Set(lit);
    this.bands.forEach((band) => band.classList.toggle("faint", lit !== null && !shown.has(band)));
  }

  filterEvents(form) {
    const rows = form.nextElementSibling.querySelectorAll("tbody tr");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", () => {
      const { verdict, kind } = Object.fromEntries(new FormData(form));
      rows.forEach((row) => {
        const fits = verdict === "all" || (verdict ? row.dataset.verdict === verdict : row.dataset.told === "yes");
        row.hidden = !fits || (kind !== "" && row.dataset.kind !== kind);
      });
    });
  }

  filterMovers(form) {
    const table = form.nextElementSibling, more = table.nextElementSibling;
    const rows = [...table.querySelectorAll("tbody tr")];
    const said = rows.map((row) => row.textContent.toLowerCase());
    const output = form.querySelector("output");
    let all = rows.length <= MOVERS_FIRST;
    const fill = () => {
      const words = form.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const found = rows.filter((_, place) => words.every((word) => said[place].includes(word)));
      const shown = new Set(all ? found : found.slice(0, MOVERS_FIRST));
      rows.forEach((row) => { row.hidden = !shown.has(row); });
      more.hidden = shown.size === found.length;
      output.textContent = `${found.length} of ${rows.length}`;
    };
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", fill);
    more.addEventListener("click", () => { all = true; fill(); });
    fill();
  }
}
