// Joins the parts: one grouping a section, its controls, and the page's address as a record of what is shown.
const NAMES = ["search", "topic", "repository", "sort", "direction"];

function connect(grouping) {
  const root = grouping.root;
  const form = root.querySelector(".controls");
  const output = form.querySelector("output");
  const noun = output.textContent.replace(/^[\d,]+\s*/, "");
  form.addEventListener("input", (event) => grouping.change({ [event.target.name]: event.target.value }));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    grouping.change({ search: "", topic: "", repository: "" });
  });
  root.querySelectorAll(".pick").forEach((button) => button.addEventListener("click", () => {
    const topic = button.dataset.topic;
    grouping.change({ topic: grouping.state.topic === topic ? "" : topic });
  }));
  const draw = () => {
    for (const field of form.elements) if (field.name && field.value !== grouping.state[field.name]) field.value = grouping.state[field.name];
    root.querySelectorAll(".pick").forEach((button) => {
      const on = button.dataset.topic === grouping.state.topic;
      button.setAttribute("aria-pressed", String(on));
      button.closest("tr").classList.toggle("chosen", on);
    });
    const all = grouping.rows.length.toLocaleString("en-GB");
    output.textContent = grouping.filtered ? `${grouping.matches().length.toLocaleString("en-GB")} of ${all} ${noun}` : `${all} ${noun}`;
  };
  grouping.listeners.push(draw);
  draw();
}

// "#tools?topic=3&search=serving" opens the tools with that filter.
function remembered(grouping) {
  const [name, query] = location.hash.slice(1).split("?");
  if (name !== grouping.name || !query) return {};
  const given = new URLSearchParams(query);
  return Object.fromEntries(NAMES.filter((key) => given.has(key)).map((key) => [key, given.get(key)]));
}

function remember(grouping) {
  const kept = NAMES.filter((key) => grouping.state[key] && (key !== "direction" || grouping.state.sort));
  const query = new URLSearchParams(kept.map((key) => [key, grouping.state[key]]));
  history.replaceState(null, "", "#" + grouping.name + (kept.length ? "?" + query : ""));
}

const atlas = JSON.parse(document.getElementById("atlas-data").textContent);
const groupings = new Map();
for (const [name, data] of Object.entries(atlas.groupings)) {
  const grouping = new Grouping(name, data, document.getElementById(name));
  Object.assign(grouping.state, remembered(grouping));
  connect(grouping);
  new AtlasTable(grouping).start();
  new AtlasMap(grouping, atlas.svg_points).start();
  grouping.listeners.push(() => remember(grouping));
  groupings.set(name, grouping);
}
document.querySelectorAll(".heat button").forEach((button) => button.addEventListener("click", () => {
  const { topic, repository } = button.dataset;
  groupings.get("requests").change({ search: "", topic, repository });
  const table = document.querySelector("#requests .documents");
  table.scrollIntoView({ block: "start" });
  table.querySelector("thead button").focus({ preventScroll: true });
}));
const [anchor] = location.hash.slice(1).split("?");
if (location.hash.includes("?") && groupings.has(anchor)) document.getElementById(anchor).scrollIntoView();
