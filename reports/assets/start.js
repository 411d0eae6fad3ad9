const atlas = JSON.parse(document.getElementById("atlas-data").textContent);
const router = new Router(), answers = new Answers(atlas.answers, atlas.former);
const groupings = new Map(), maps = new Map(), choice = new Choice();
for (const [name, data] of Object.entries(atlas.groupings)) {
  const grouping = new Grouping(name, data, document.getElementById(name));
  if (name === "tools") answers.fill(grouping.rows);
  grouping.begin();
  const controls = new Controls(grouping), map = new AtlasMap(grouping);
  const table = new DocumentTable(grouping, grouping.root.querySelector(".documents"), { name, caption: name[0].toUpperCase() + name.slice(1) });
  table.start();
  controls.start();
  new Tree(grouping).start();
  new Icicle(grouping).start();
  map.start();
  groupings.set(name, grouping);
  maps.set(name, map);
  router.register(name, (_, params) => { controls.recall(params); return grouping.root.querySelector("h2").textContent; });
}
if (document.getElementById("frameworks")) new HeatMap(groupings.get("requests")).start();
findFigures();
document.querySelectorAll(".print").forEach((button) => button.addEventListener("click", () => window.print()));
new PurposeView(groupings.get("tools")).start();
new CompareView(groupings.get("tools")).start();
new FindView(groupings).start();
choice.start(groupings.get("tools"));
const toolView = new ToolView(groupings, answers);
router.register("tool", (name) => toolView.show(name));
router.register("gone", (value) => { document.querySelector("#gone .asked").textContent = value; return "Not found"; });
router.start();
// Everything is drawn and answers: said for who measures it.
performance.mark("atlas-ready");
document.documentElement.dataset.ready = "yes";
