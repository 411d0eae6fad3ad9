"use strict";
(() => {
  const flows = document.querySelector(".flows");
  const bands = [...flows.querySelectorAll(".band")];
  const nodes = [...flows.querySelectorAll(".node")];
  const told = document.querySelector(".follow");
  const controls = document.getElementById("diagram-controls");
  const HINT = "Point at a band, or at a node, to follow it.";
  const MOVERS_FIRST = 20;
  const isAside = (id) => !/\d$/.test(id);

  // Of the bands, those that the filters leave: by verdict of such events, by category in or out of it.
  function filter() {
    const { group, verdict, aside } = Object.fromEntries(new FormData(controls));
    const wanted = new Set(nodes.filter(({ dataset }) => (!group || dataset.group === group)
      && (!verdict || dataset.verdicts.split(" ").includes(verdict))).map((node) => node.dataset.id));
    const kept = new Set();
    bands.forEach((band) => {
      const ends = [band.dataset.from, band.dataset.to];
      const isKept = ends.some((id) => wanted.has(id)) && (aside === "yes" || !ends.some(isAside));
      band.classList.toggle("gone", !isKept);
      if (isKept) ends.forEach((id) => kept.add(id));
    });
    nodes.forEach((node) => node.classList.toggle("gone", !kept.has(node.dataset.id)));
    told.textContent = kept.size ? HINT : "No flow is left by these filters.";
  }

  // On from bands over every column, but never through those who are in no node.
  function onwards(start, end, other) {
    const reached = new Set(start);
    const passed = new Set();
    for (const band of reached) { // and over what is added meanwhile
      const id = band.dataset[end];
      if (!isAside(id) && !passed.has(id)) bands.filter((next) => next.dataset[other] === id).forEach((next) => reached.add(next));
      passed.add(id);
    }
    return [...reached];
  }

  function follow(target) {
    const shape = target.closest(".band, .node");
    if (!shape) { light(null); return; }
    const { id, from, to } = shape.dataset;
    const into = bands.filter(({ dataset }) => (id ? dataset.to === id : dataset.from === from && dataset.to === to));
    const out = id ? bands.filter(({ dataset }) => dataset.from === id) : into;
    light(id && isAside(id) ? [...into, ...out] : [...onwards(into, "from", "to"), ...onwards(out, "to", "from")]);
    const [strong, ...rest] = shape.querySelector("title").textContent.split(" · ");
    const first = document.createElement("strong");
    first.textContent = strong;
    told.replaceChildren(first, ["", ...rest].join(" · "));
  }

  function light(lit) {
    const shown = new Set(lit);
    bands.forEach((band) => band.classList.toggle("faint", lit !== null && !shown.has(band)));
  }

  ["pointerover", "focusin"].forEach((name) => flows.addEventListener(name, (event) => follow(event.target)));
  ["pointerleave", "focusout"].forEach((name) => flows.addEventListener(name, () => light(null)));
  controls.addEventListener("change", filter);
  controls.addEventListener("reset", () => setTimeout(filter));
  controls.addEventListener("submit", (event) => event.preventDefault());

  document.querySelectorAll(".event-controls").forEach((form) => {
    const rows = form.nextElementSibling.querySelectorAll("tbody tr");
    form.addEventListener("change", () => {
      const { verdict, kind } = Object.fromEntries(new FormData(form));
      rows.forEach((row) => {
        const fits = verdict === "all" || (verdict ? row.dataset.verdict === verdict : row.dataset.told === "yes");
        row.hidden = !fits || (kind !== "" && row.dataset.kind !== kind);
      });
    });
  });
  document.querySelectorAll(".mover-controls").forEach((form) => {
    const table = form.nextElementSibling;
    const rows = [...table.querySelectorAll("tbody tr")];
    const count = form.querySelector("output");
    const more = table.nextElementSibling;
    let all = rows.length <= MOVERS_FIRST;
    function fill() {
      const words = form.elements.search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const found = rows.filter((row) => words.every((word) => row.textContent.toLowerCase().includes(word)));
      const shown = new Set(all ? found : found.slice(0, MOVERS_FIRST));
      rows.forEach((row) => { row.hidden = !shown.has(row); });
      more.hidden = shown.size === found.length;
      count.textContent = `${found.length} of ${rows.length}`;
    }
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", fill);
    more.addEventListener("click", () => { all = true; fill(); });
    fill();
  });
  filter();
  document.documentElement.dataset.ready = "yes";
})();
