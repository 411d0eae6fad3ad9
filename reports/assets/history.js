// How the ecosystem lives: one snapshot at a time, whose drawings are saved as files.
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

// "#history?of=2026-08-23.curated", or the address of a part of it: without scripts, all snapshots stand below each other.
class HistoryPage {
  constructor(root) {
    this.parts = [...root.querySelectorAll("div.snapshot")];
    this.links = [...root.querySelectorAll(".snapshots a")];
    this.said = root.querySelector(".gone");
    this.title = root.querySelector("h2").textContent;
  }

  start() {
    this.links.forEach((link) => { link.href = addressOf("history", "", { of: link.dataset.snapshotOf }); });
    router.register("history", (_, params) => this.show(params.get("of")));
  }

  show(of) {
    const within = document.getElementById(decoded(location.hash.slice(1)));
    const named = this.parts.find((part) => part.dataset.snapshot === of), { shown = this.parts[0] } = this;
    this.shown = named ?? this.parts.find((part) => part.contains(within)) ?? (of === null ? shown : this.parts[0]);
    this.parts.forEach((part) => { part.hidden = part !== this.shown; });
    this.links.forEach((link) => {
      if (link.dataset.snapshotOf === this.shown.dataset.snapshot) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    if (this.said) {
      this.said.hidden = of === null || Boolean(named);
      this.said.textContent = `There is no snapshot “${of}” here: this is ${this.shown.dataset.snapshot}.`;
    }
    return this.title;
  }
}

starters.push(() => {
  document.querySelectorAll("figure[data-drawing]").forEach((figure) => savable.set(figure.dataset.drawing, { file: figure.dataset.drawing, svg: () => drawingFile(figure) }));
  new HistoryPage(document.getElementById("history")).start();
});
