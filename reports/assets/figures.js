// Drawings of the figures that are tables on the page: bars, agreements, and the heat map.
const ROW = 20;

function canvasOf(title, width, height, palette) {
  const svg = shape("svg", { xmlns: SVG, viewBox: `0 0 ${width} ${height}`, width, height, "font-family": SANS, "font-size": 12 });
  svg.append(shape("title", {}, title), shape("rect", { width: "100%", height: "100%", fill: palette.paper }));
  const text = (words, x, y, more) => svg.append(shape("text", { x, y, fill: palette.ink, ...more }, words));
  return { svg, text };
}

function barsSvg(figure) {
  const palette = colours(true), title = figure.querySelector(".name").textContent;
  const rows = [...figure.querySelectorAll("tr")];
  const { svg, text } = canvasOf(title, 420, 34 + ROW * rows.length, palette);
  text(title, 8, 20, { "font-weight": 600 });
  rows.forEach((row, place) => {
    const y = 34 + ROW * place, width = Number(row.querySelector(".bar").style.getPropertyValue("--width"));
    text(fitted(row.cells[0].textContent, 140, 12), 8, y + 12);
    svg.append(shape("rect", { x: 155, y: y + 3, width: Math.max(1, width * 200).toFixed(1), height: 10, fill: row.className === "aside" ? palette.grey : palette.hues[0] }));
    text(row.cells[2].textContent, 412, y + 12, { "text-anchor": "end" });
  });
  return svg;
}

function agreementSvg(figure) {
  const palette = colours(true), rows = [...figure.querySelectorAll("tbody tr")];
  const { svg, text } = canvasOf("Agreement with lists made by people", 640, 50 + ROW * rows.length, palette);
  const at = (value) => 330 + 240 * Number(value);
  text("AMI", 630, 20, { "text-anchor": "end", fill: palette.soft });
  for (const end of [0, 0.5, 1]) text(end, at(end), 20, { "text-anchor": "middle", fill: palette.soft });
  rows.forEach((row, place) => {
    const y = 38 + ROW * place, colour = row.className === "ceiling" ? palette.grey : palette.hues[0];
    text(fitted(row.cells[0].textContent, 310, 12), 8, y + 4);
    svg.append(shape("line", { x1: at(0), x2: at(1), y1: y, y2: y, stroke: palette.line }));
    const whisker = row.querySelector(".whisker");
    if (whisker) {
      const [low, high] = ["--low", "--high"].map((name) => at(whisker.style.getPropertyValue(name)));
      svg.append(shape("line", { x1: low, x2: high, y1: y, y2: y, stroke: colour, "stroke-width": 3 }));
    }
    svg.append(shape("circle", { cx: at(row.querySelector(".dot").style.getPropertyValue("--at")), cy: y, r: 5, stroke: colour, "stroke-width": 2, fill: row.className === "unguided" ? palette.paper : colour }));
    text(row.cells[2].textContent, 630, y + 4, { "text-anchor": "end" });
  });
  return svg;
}

// The rows and numbers that the heat map shows now.
function heatSvg(table) {
  const palette = colours(true), left = 290, top = 130, cell = 38;
  const rows = [...table.tBodies[0].rows].filter((row) => row.offsetHeight);
  const columns = [...table.tHead.rows[0].cells].slice(1).map((head) => head.textContent);
  const { svg, text } = canvasOf("Wishes by framework", left + cell * columns.length + 70, top + ROW * rows.length + 10, palette);
  columns.forEach((name, place) => text(name, 0, 0, { transform: `translate(${left + cell * (place + 0.6)} ${top - 8}) rotate(-50)` }));
  rows.forEach((row, line) => {
    const y = top + ROW * line, head = row.className.startsWith("category");
    text(fitted(row.cells[0].textContent.trim(), left - (head ? 16 : 30), 12, head ? 600 : 400), head ? 8 : 22, y + 14, { "font-weight": head ? 600 : 400 });
    [...row.cells].slice(1).forEach((each, place) => {
      const isFew = each.classList.contains("few"), share = isFew ? 0 : Number(each.style.getPropertyValue("--share")), x = left + cell * place;
      if (isFew) svg.append(shape("rect", { x: x + 3, y: y + 3, width: cell - 6, height: ROW - 6, fill: "none", stroke: palette.grey, "stroke-dasharray": "2 2" }));
      const words = (each.querySelector("button") || each).textContent.trim();
      if (share) svg.append(shape("rect", { x: x + 1, y: y + 1, width: cell - 2, height: ROW - 2, fill: "#006699", "fill-opacity": Math.min(1, share * 2.2 + 0.04).toFixed(3) }));
      text(words === "0" ? "·" : words, x + cell / 2, y + 14, { "text-anchor": "middle", fill: share > DEEP ? "#ffffff" : "#000000" });
    });
  });
  return svg;
}

// Figures and tables that were on the page before any script ran.
function findFigures() {
  document.querySelectorAll("figure[data-figure]").forEach((figure) => {
    const name = figure.dataset.figure, table = figure.querySelector("table");
    const draw = figure.classList.contains("chart") ? barsSvg : agreementSvg;
    const caption = figure.querySelector(".name")?.textContent ?? "What was read, kept and dropped";
    savable.set(name, { file: name, caption, table: () => tableOf(table), svg: () => draw(figure) });
  });
}
