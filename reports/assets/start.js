// Joins the parts: one grouping a section, its controls, its views, and the page's address.
// Known once the data are unpacked, before anything is shown.
let atlas, chunks, answers;
const router = new Router(), groupings = new Map(), maps = new Map(), choice = new Choice();
// What the scripts of further sections do then.
const starters = [];

async function begin() {
  atlas = await unpack(document.getElementById("atlas-data"));
  chunks = new Chunks(atlas.files);
  answers = new Answers(atlas.answers);
  for (const [name, data] of Object.entries(atlas.groupings)) {
    const grouping = new Grouping(name, data, document.getElementById(name));
    if (name === "tools") answers.fill(grouping.rows);
    grouping.begin();
    const section = new GroupingView(grouping);
    groupings.set(name, grouping);
    maps.set(name, section.map);
    router.register(name, (_, params) => section.show(params));
  }
  linkParts(document);
  if (document.getElementById("frameworks")) new HeatMap(groupings.get("requests")).start();
  if (groupings.has("requests")) new WishPage(groupings.get("requests")).start();
  const changed = document.getElementById("changes");
  if (changed) {
    new Changes(changed).start();
    router.register("changes", () => changed.querySelector("h2").textContent);
  }
  findFigures();
  document.querySelectorAll(".print").forEach((button) => button.addEventListener("click", () => window.print()));
  new PurposeView(groupings.get("tools")).start();
  new CompareView(groupings.get("tools")).start();
  new FindView(groupings).start();
  choice.start(groupings.get("tools"));
  const toolView = new ToolView(groupings, answers);
  router.register("tool", (name) => toolView.show(name));
  router.register("gone", (value) => { document.querySelector("#gone .asked").textContent = value; return "Not found"; });
  starters.forEach((start) => start());
  // From here on other views than the first screen are seen: an address may lead to a part of one.
  document.documentElement.dataset.ready = "yes";
  router.start();
  // Everything is drawn and answers: said for who measures it.
  performance.mark("atlas-ready");
}

begin().catch(sayTrouble);
