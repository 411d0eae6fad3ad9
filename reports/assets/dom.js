"use strict";
// Small helpers. Every text is set as text, never as markup: documents come from strangers.
function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

function shape(tag, attributes, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

function link(row, className) {
  const node = element(row.url ? "a" : "span", className, row.title);
  if (row.url) { node.href = row.url; node.rel = "noreferrer"; }
  return node;
}

function glyph(topic) {
  const node = shape("svg", { class: "glyph " + (topic ? "hue-" + topic.hue : "grey"), "aria-hidden": "true" });
  node.append(shape("use", { href: "#glyph-" + (topic ? topic.shape : "circle-open") }));
  return node;
}

function count(value) {
  return value.toLocaleString("en-GB");
}

function percent(share) {
  return Math.round(100 * share) + "\u00a0%";
}

// A stability that would round up to firm, and is not, is cut off instead: 0.799, not 0.80.
function stability(node) {
  if (node.stability === null) return "";
  const text = node.stability.toFixed(2);
  return node.standing === "unstable" && Number(text) >= atlas.stable ? (Math.floor(1000 * node.stability) / 1000).toFixed(3) : text;
}

// Where a row stands: its topic, or the nearest one with the strength that did not suffice.
function standing(grouping, row) {
  if (row.topic !== -1) return grouping.label(row.topic);
  if (row.nearest === -1) return "unplaced; near no topic";
  return "unplaced; nearest: " + grouping.label(row.nearest) + (row.strength === null ? "" : ", " + percent(row.strength) + " of the runs");
}

// A figure's colours: those of the page as it is shown, or those of light paper, for files and print.
const PAPER = { paper: "#ffffff", ink: "#1c1d1f", soft: "#5d6168", grey: "#6f737a", line: "#dddcd8" };

function colours(light) {
  if (light) return { ...PAPER, hues: atlas.hues };
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue("--" + name).trim();
  const found = Object.fromEntries(Object.keys(PAPER).map((name) => [name, value(name)]));
  return { ...found, hues: atlas.hues.map((_, hue) => value("hue-" + hue)) };
}

const SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif';
const ruler = document.createElement("canvas").getContext("2d");
const widths = new Map();

// The width of a text in pixels; measured once.
function widthOf(text, size, weight = 400) {
  const key = weight + " " + size + " " + text;
  if (!widths.has(key)) {
    ruler.font = `${weight} ${size}px ${SANS}`;
    widths.set(key, ruler.measureText(text).width);
  }
  return widths.get(key);
}

// A text cut with an ellipsis so that it is no wider than asked; empty where nothing fits.
function fitted(text, width, size, weight) {
  if (widthOf(text, size, weight) <= width) return text;
  let low = 0, high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (widthOf(text.slice(0, middle).trimEnd() + "…", size, weight) <= width) low = middle;
    else high = middle - 1;
  }
  return low < 2 ? "" : text.slice(0, low).trimEnd() + "…";
}

// A text in at most so many lines, broken between words; what does not fit is cut.
function lines(text, width, most, size, weight) {
  const words = text.split(" "), found = [];
  while (words.length && found.length < most) {
    let line = words.shift();
    while (words.length && widthOf(line + " " + words[0], size, weight) <= width) line += " " + words.shift();
    if (found.length === most - 1 && words.length) line = [line, ...words.splice(0)].join(" ");
    found.push(fitted(line, width, size, weight));
  }
  return found.filter(Boolean);
}

// Links within the page: to a tool, and to a purpose or a wish.
function toolLink(row, className) {
  const node = element("a", className, row.title);
  node.href = addressOf("tool", row.title);
  return node;
}

function nodeLink(grouping, node, className) {
  const made = element("a", className, node.label);
  made.href = addressOf(grouping.name === "tools" ? "purpose" : "wish", node.slug);
  return made;
}

// What is not known, and why: never a 0, never an empty cell.
function unknown(reason) {
  const node = element("span", "unknown", "unknown");
  if (reason) { node.title = reason; node.append(element("span", "hidden", ": " + reason)); }
  return node;
}

// The name of a stage with the colour that it has in every figure; `reason` where it is not known.
function stageName(stage, reason) {
  const [, colour] = atlas.stages.find(([name]) => name === (stage ?? "unknown"));
  const node = element("span", "stage");
  const swatch = element("span", "swatch " + colour + (stage === null ? " not-known" : ""));
  swatch.setAttribute("aria-hidden", "true");
  node.append(swatch, stage === null ? unknown(reason) : stage);
  return node;
}

// How many tools are in each stage, in words; `counts` in the order of atlas.stages.
function stagesInWords(counts) {
  const said = atlas.stages.map(([name], place) => [counts[place], name === "unknown" ? "of unknown stage" : name]).filter(([n]) => n);
  return said.map(([n, name]) => count(n) + " " + name).join(", ");
}

// The same as one bar.
function stageMix(counts) {
  const whole = counts.reduce((sum, n) => sum + n, 0), node = element("span", "mix");
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", stagesInWords(counts));
  node.title = node.getAttribute("aria-label");
  atlas.stages.forEach(([name, colour], place) => {
    if (!counts[place]) return;
    const part = element("span", colour + (name === "unknown" ? " not-known" : ""));
    part.style.setProperty("--share", counts[place] / whole);
    node.append(part);
  });
  return node;
}
