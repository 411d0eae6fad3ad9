"use strict";
(() => {
  const data = JSON.parse(document.getElementById("lineage-data").textContent);
  const plot = document.querySelector(".flows .plot");
  const told = document.querySelector(".follow");
  const controls = document.getElementById("diagram-controls");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const HINT = "Point at a band, or at a node, to follow it.";
  const MOVERS_FIRST = 20;
  let drawn = null;

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const translucent = (colour, alpha) => {
    const part = (from) => parseInt(colour.slice(from, from + 2), 16);
    return `rgba(${part(1)},${part(3)},${part(5)},${alpha})`;
  };
  const isAside = (number) => number === null || number === data.noise;
  const id = (column, number) => `${column}/${number === null ? "absent" : number}`;

  // Which nodes the filters leave: by verdict those of such events, by category those in it.
  function wanted() {
    const form = new FormData(controls);
    const verdict = form.get("verdict");
    const group = form.get("group");
    const named = new Set();
    data.verdicts.forEach((events, pair) => events.filter((e) => e.verdict === verdict).forEach((event) => {
      event.earlier.forEach((number) => named.add(id(pair, number)));
      event.later.forEach((number) => named.add(id(pair + 1, number)));
    }));
    const isIn = new Set();
    data.columns.forEach((column, place) => column.nodes.forEach((node) => {
      if ((!group || node.group === group) && (!verdict || named.has(id(place, node.number)))) isIn.add(id(place, node.number));
    }));
    return { all: !group && !verdict, isIn, aside: form.get("aside") === "yes" };
  }

  function flows() {
    const { all, isIn, aside } = wanted();
    const kept = [];
    data.flows.forEach((pair, place) => pair.forEach(([from, to, count]) => {
      if (isAside(from) && isAside(to)) return;
      if (!aside && (isAside(from) || isAside(to))) return;
      if (all || isIn.has(id(place, from)) || isIn.has(id(place + 1, to))) {
        kept.push({ place, from, to, count, source: id(place, from), target: id(place + 1, to) });
      }
    }));
    return kept;
  }

  function describe(column, number) {
    if (number === null) return { name: data.absent, hue: null, group: "", keywords: [] };
    if (number === data.noise) return { name: "unplaced", hue: null, group: "", keywords: [] };
    return data.columns[column].nodes.find((node) => node.number === number);
  }

  // From top to bottom: the first column by category and size, the next by where things come from.
  function ordered(nodes, links) {
    const sum = (node, end) => links.filter((l) => l[end] === node.id).reduce((n, l) => n + l.count, 0);
    nodes.forEach((node) => { node.value = Math.max(sum(node, "source"), sum(node, "target")); });
    const last = data.columns.length - 1;
    for (let column = 0; column <= last; column += 1) {
      const here = nodes.filter((node) => node.column === column);
      const rank = (node) => {
        const into = links.filter((l) => l.target === node.id);
        const total = into.reduce((n, l) => n + l.count, 0);
        const of = (l) => nodes.find((n) => n.id === l.source).y;
        return into.reduce((n, l) => n + of(l) * l.count, 0) / (total || 1);
      };
      here.forEach((node) => { node.rank = column ? rank(node) : 0; });
      here.sort((a, b) => (a.aside - b.aside) || (a.rank - b.rank) || (column ? 0 : a.group.localeCompare(b.group)) || (b.value - a.value));
      const pad = 0.012;
      const total = here.reduce((n, node) => n + node.value, 0);
      const room = Math.max(0.3, 1 - pad * (here.length - 1));
      let y = 0;
      here.forEach((node) => {
        const height = room * node.value / (total || 1);
        node.y = Math.min(0.999, Math.max(0.001, y + height / 2));
        node.x = last ? Math.min(0.999, Math.max(0.001, column / last)) : 0.001;
        y += height + pad;
      });
    }
  }

  function shortened(text, width) {
    const most = width < 560 ? 16 : width < 900 ? 26 : 44;
    return text.length > most ? `${text.slice(0, most - 1)}…` : text;
  }

  function draw() {
    const links = flows();
    const width = plot.clientWidth;
    const nodes = [];
    links.forEach((link) => [["source", link.place, link.from], ["target", link.place + 1, link.to]].forEach(([end, column, number]) => {
      if (nodes.some((node) => node.id === link[end])) return;
      nodes.push({ id: link[end], column, number, aside: Number(isAside(number)), ...describe(column, number) });
    }));
    ordered(nodes, links);
    const place = new Map(nodes.map((node, index) => [node.id, index]));
    const hues = dark.matches ? data.darkHues : data.hues;
    const grey = style("--grey");
    const colour = (node) => (node.hue === null ? grey : hues[node.hue]);
    const perColumn = data.columns.map((_, column) => nodes.filter((node) => node.column === column).length);
    const height = Math.max(380, 26 * Math.max(0, ...perColumn));
    drawn = { nodes, links };
    told.textContent = links.length ? HINT : "No flow is left by these filters.";
    const trace = {
      type: "sankey", orientation: "h", arrangement: "snap", hoverinfo: "none",
      node: {
        label: nodes.map((node) => shortened(node.name, width)),
        color: nodes.map(colour), x: nodes.map((node) => node.x), y: nodes.map((node) => node.y),
        thickness: 12, pad: 8, line: { width: 0 }, hoverinfo: "none",
      },
      link: {
        source: links.map((l) => place.get(l.source)), target: links.map((l) => place.get(l.target)),
        value: links.map((l) => l.count), hoverinfo: "none",
        color: links.map((l) => {
          const from = nodes[place.get(l.source)];
          const to = nodes[place.get(l.target)];
          return translucent(colour(from.hue === null ? to : from), 0.42);
        }),
      },
    };
    const layout = {
      height, margin: { l: 2, r: 2, t: 4, b: 8 }, paper_bgcolor: "rgba(0,0,0,0)",
      font: { family: style("--sans") || "sans-serif", size: width < 560 ? 10 : 12, color: style("--ink") },
    };
    Plotly.react(plot, links.length ? [trace] : [], layout, { displayModeBar: false, responsive: false }).then(listen);
  }

  // All that flows into what is pointed at, and out of it, over every column.
  function along(start) {
    const found = new Set(start);
    const walk = (end, other) => {
      let edge = new Set(start.map((index) => drawn.links[index][end]));
      while (edge.size) {
        const next = new Set();
        drawn.links.forEach((link, index) => {
          if (edge.has(link[other]) && !isAside(end === "target" ? link.from : link.to)) { found.add(index); next.add(link[end]); }
        });
        edge = next;
      }
    };
    walk("target", "source");
    walk("source", "target");
    return found;
  }

  function light(indices) {
    plot.querySelectorAll(".sankey-link").forEach((path, order) => {
      const bound = path.__data__ && path.__data__.link;
      const index = bound ? bound.pointNumber : order;
      path.classList.toggle("faint", indices !== null && !indices.has(index));
    });
  }

  function say(strong, rest) {
    told.replaceChildren();
    const first = document.createElement("strong");
    first.textContent = strong;
    told.append(first, rest);
  }

  function pointed(event) {
    const point = event.points[0];
    const index = point.pointNumber ?? point.index;
    const isLink = point.source !== undefined && point.target !== undefined && typeof point.source === "object";
    if (isLink) {
      const link = drawn.links[index];
      const from = describe(link.place, link.from);
      const to = describe(link.place + 1, link.to);
      light(along([index]));
      say(`${link.count.toLocaleString("en")} ${data.documents}: `, `${from.name} → ${to.name}`);
    } else {
      const node = drawn.nodes[index];
      const touching = drawn.links.map((link, at) => [link, at]).filter(([link]) => link.source === node.id || link.target === node.id).map(([, at]) => at);
      const found = new Set(touching);
      if (!node.aside) touching.forEach((at) => along([at]).forEach((each) => {
        const link = drawn.links[each];
        if (link.source === node.id || link.target === node.id || link.place !== node.column - 1 && link.place !== node.column) found.add(each);
      }));
      light(found);
      const size = node.aside ? node.value : node.size;
      const words = node.keywords.length ? ` · ${node.keywords.join(", ")}` : "";
      say(`${node.name}`, ` · ${data.columns[node.column].day} · ${size.toLocaleString("en")} ${data.documents}${node.group && node.group !== node.name ? ` · in ${node.group}` : ""}${words}`);
    }
  }

  function listen() {
    ["plotly_hover", "plotly_unhover", "plotly_click"].forEach((name) => plot.removeAllListeners(name));
    plot.on("plotly_hover", pointed);
    plot.on("plotly_click", pointed); // what a finger does
    plot.on("plotly_unhover", () => { light(null); });
    document.documentElement.dataset.ready = "yes";
  }

  controls.addEventListener("change", draw);
  controls.addEventListener("reset", () => setTimeout(draw));
  controls.addEventListener("submit", (event) => event.preventDefault());
  dark.addEventListener("change", draw);
  let width = plot.clientWidth;
  window.addEventListener("resize", () => {
    if (plot.clientWidth !== width) { width = plot.clientWidth; draw(); }
  });

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
  draw();
})();
