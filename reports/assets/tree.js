// The tree of categories and topics: folds, and what was chosen. Without JavaScript it is all open.
const OPEN_TOPICS = 60;

class Tree {
  constructor(grouping) {
    this.grouping = grouping;
    this.box = grouping.root.querySelector(".tree");
    this.picks = [...this.box.querySelectorAll(".pick")];
    this.folds = [...this.box.querySelectorAll(".fold")];
  }

  start() {
    const narrow = window.matchMedia("(max-width: 45rem)").matches;
    if (narrow || this.grouping.topics.size > OPEN_TOPICS) this.folds.forEach((fold) => this.fold(fold, false));
    this.folds.forEach((fold) => fold.addEventListener("click", () => this.fold(fold, fold.getAttribute("aria-expanded") !== "true")));
    this.picks.forEach((pick) => pick.addEventListener("click", () => this.choose(pick)));
    this.grouping.listeners.push((asked) => { if (asked) this.mark(); });
    this.mark();
    const { name, noun } = this.grouping;
    savable.set(name + "-tree", { file: name + "-taxonomy", caption: `Categories and topics of ${noun}`, table: () => this.table() });
  }

  fold(fold, open) {
    fold.setAttribute("aria-expanded", String(open));
    document.getElementById(fold.getAttribute("aria-controls")).hidden = !open;
  }

  what(pick) {
    return Object.entries(pick.dataset)[0];
  }

  isChosen(pick) {
    const [kind, number] = this.what(pick), { state } = this.grouping;
    return state[kind] === number && (kind !== "category" || state.topic === "");
  }

  choose(pick) {
    const [kind, number] = this.what(pick);
    this.grouping.change({ [kind]: this.isChosen(pick) ? "" : number });
  }

  mark() {
    for (const pick of this.picks) {
      const on = this.isChosen(pick);
      pick.setAttribute("aria-pressed", String(on));
      pick.closest(".line").classList.toggle("chosen", on);
    }
  }

  table() {
    const head = ["category", "topic", "documents", "stability", "standing", "code", "keywords"];
    const rows = [];
    for (const category of this.grouping.categories.values()) {
      const line = (node, topic) => [category.label, topic, node.size, node.stability === null ? null : Number(node.stability.toFixed(3)), node.standing, node.code, node.keywords.join(", ")];
      rows.push(line(category, ""));
      for (const topic of this.grouping.topics.values()) if (topic.category === category.category) rows.push(line(topic, topic.label));
    }
    rows.push(["Unplaced", "", this.grouping.unplaced, null, "", "", ""]);
    return { head, rows };
  }
}
