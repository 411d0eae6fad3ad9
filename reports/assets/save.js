// Files made in the page: tables as CSV and LaTeX, figures as SVG. Nothing leaves the computer.
function download(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type: type + ";charset=utf-8" }));
  const anchor = element("a");
  anchor.href = address;
  anchor.download = name;
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// RFC 4180. A text that a spreadsheet would run as a formula gets an apostrophe before it.
function csv({ head, rows }) {
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const text = /^[=+\-@\t\r]/.test(value) ? "'" + value : value;
    return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

const LATEX = {
  "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#", "%": "\\%", "_": "\\_",
  "^": "\\textasciicircum{}", "~": "\\textasciitilde{}", "<": "\\textless{}", ">": "\\textgreater{}",
};

// A longtable in the manner of booktabs: numbers to the right, long texts in columns that wrap.
function latex({ head, rows, caption }) {
  const text = (value) => String(value ?? "").replace(/[\\{}$&#%_^~<>]/g, (c) => LATEX[c]).replace(/\s+/g, " ");
  const kinds = head.map((_, place) => {
    const values = rows.map((row) => row[place]).filter((value) => value !== null && value !== undefined);
    if (values.length && values.every((value) => typeof value === "number")) return "r";
    const longest = values.reduce((most, value) => Math.max(most, String(value).length), 0);
    return longest > 40 ? "p{0.35\\linewidth}" : "l";
  });
  const line = (row) => "  " + row.map(text).join(" & ") + " \\\\";
  return [
    "% needs \\usepackage{booktabs,longtable}",
    `\\begin{longtable}{${kinds.join("")}}`, `  \\caption{${text(caption)}}\\\\`, "  \\toprule", line(head), "  \\midrule", "  \\endhead",
    ...rows.map(line), "  \\bottomrule", "\\end{longtable}", "",
  ].join("\n");
}

// What can be saved, by name: { file, caption, table: (kind) => ({ head, rows }), svg: () => element }, and { ready } where
// some of it may have to be fetched first.
const savable = new Map();

async function save(name, kind) {
  const what = savable.get(name);
  // What could not be fetched is said on the page; a file without it is none.
  if (what.ready && !(await what.ready().then(() => true, () => false))) return;
  if (kind === "svg") {
    const text = new XMLSerializer().serializeToString(what.svg());
    download(what.file + ".svg", "image/svg+xml", '<?xml version="1.0" encoding="UTF-8"?>\n' + text + "\n");
  } else {
    const table = { caption: what.caption, ...what.table(kind) };
    if (kind === "csv") download(what.file + ".csv", "text/csv", csv(table));
    else download(what.file + ".tex", "application/x-tex", latex(table));
  }
}

// The buttons that save something: nothing is saved without scripts, so these make them.
const KINDS = { csv: "CSV", tex: "LaTeX", svg: "SVG" }, TABLE_KINDS = ["csv", "tex"];

function saveButtons(of, what, kinds) {
  return fillSave(element("span", "save"), of, what, kinds);
}

function fillSave(group, of, what, kinds) {
  const lead = element("span", "", "Save as");
  lead.setAttribute("aria-hidden", "true");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Save " + what);
  group.append(lead, ...kinds.map((kind) => {
    const button = element("button", "", KINDS[kind]);
    button.type = "button";
    Object.assign(button.dataset, { save: kind, of });
    button.setAttribute("aria-label", `Save ${what} as ${KINDS[kind]}`);
    return button;
  }));
  return group;
}

document.querySelectorAll(".save[data-kinds]").forEach((group) => fillSave(group, group.dataset.of, group.dataset.what, group.dataset.kinds.split(" ")));

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-save]");
  if (button) save(button.dataset.of, button.dataset.save);
});

// A table as it stands on the page: numbers as numbers, cells that only decorate left out.
function tableOf(table) {
  const cells = (row) => [...row.cells].filter((cell) => cell.getAttribute("aria-hidden") !== "true" && !cell.querySelector(":scope > .bar"));
  const value = (cell) => {
    const text = cell.innerText.trim();
    return /^-?[\d,]+(\.\d+)?$/.test(text) ? Number(text.replaceAll(",", "")) : text;
  };
  const rows = [...table.querySelectorAll("tbody tr, tfoot tr")].map((row) => cells(row).map(value));
  const head = table.tHead ? cells(table.tHead.rows[0]).map((cell) => cell.innerText.trim()) : ["Value", "Count"];
  return { head, rows };
}
