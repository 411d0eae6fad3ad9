// The life of a tool, drawn: commits a month, the stages below them, and what is not known.
const LIFE_HEIGHT = 36;

// `shape` is [first month, months, known from, most commits, heights, [[stage, at, months]]].
function lifeFigure(tool, stages) {
  const [first, width, known, top, heights, spells] = tool.life, figure = element("figure", "life");
  const drawing = shape("svg", { viewBox: `0 0 ${width} ${LIFE_HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": lifeInWords(tool, stages) });
  if (known) drawing.append(shape("rect", { width: known, height: LIFE_HEIGHT, class: "not-known" }));
  if (heights) drawing.append(shape("path", { d: sparkPath(heights), transform: `translate(${known} 0)`, class: "commits" }));
  const band = element("div", "band"), years = element("div", "years");
  for (const [stage, at, months] of spells) band.append(spell(stages[stage], at, months, width));
  for (const [at, year] of yearsOf(first, width)) {
    const mark = element("span", "", year);
    mark.style.left = (100 * at) / width + "%";
    years.append(mark);
  }
  band.setAttribute("aria-hidden", "true");
  years.setAttribute("aria-hidden", "true");
  const most = element("p", "note", heights ? `Commits a month${tool.people ? " by people" : ""}, ${count(top)} at most.` : "Commits are not known by month.");
  if (known && heights) most.append(" Hatched: not known.");
  figure.append(drawing, band, years, most);
  return figure;
}

function spell(stage, at, months, width) {
  const [, colour] = atlas.stages.find(([name]) => name === stage), part = element("span", colour);
  part.style.left = (100 * at) / width + "%";
  part.style.width = (100 * months) / width + "%";
  part.title = `${stage}, ${months} months`;
  part.append(element("span", "", stage));
  return part;
}

// The first months of years, so many that their names have room: [place, year].
function yearsOf(first, width) {
  const [year, month] = first.split("-").map(Number), found = [];
  for (let at = (13 - month) % 12, name = month === 1 ? year : year + 1; at < width; at += 12, name += 1) found.push([at, name]);
  const step = Math.ceil(found.length / 8);
  return found.filter((_, place) => place % step === 0 && found[place][0] < 0.85 * width);
}

function lifeInWords(tool, stages) {
  const [first, width, , top, , spells] = tool.life;
  const lived = spells.map(([stage, , months]) => `${stages[stage]} for ${count(months)} months`).join(", then ");
  return `Its life from ${first} over ${count(width)} months: ${count(top)} commits a month at most; ${lived || "stages are not known"}.`;
}

// The last 36 months of a row's tool; nothing where commits are not known.
function sparkline(row) {
  if (!row.spark) return null;
  const drawing = shape("svg", { class: "spark", viewBox: "0 0 36 36", preserveAspectRatio: "none", role: "img", "aria-label": "commits a month, the last three years" });
  drawing.append(shape("path", { d: row.spark }));
  return drawing;
}
