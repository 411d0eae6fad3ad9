// The map of one grouping: marks by plotly, names and notes as ordinary elements above it.
class AtlasMap {
  constructor(grouping, svgPoints) {
    this.grouping = grouping;
    this.figure = grouping.root.querySelector(".map");
    this.canvas = this.figure.querySelector(".canvas");
    this.tip = this.figure.querySelector(".tip");
    this.detail = this.figure.querySelector(".detail");
    // Grey first, so that it lies below; within a trace, later points are drawn on top.
    this.rows = grouping.rows.filter((row) => row.x !== null && row.y !== null)
      .sort((a, b) => (a.topic !== -1) - (b.topic !== -1) || a.index - b.index);
    this.type = this.rows.length >= svgPoints && this.hasWebgl() ? "scattergl" : "scatter";
  }

  hasWebgl() {
    try { return Boolean(document.createElement("canvas").getContext("webgl")); } catch { return false; }
  }

  start() {
    if (!this.rows.length) { this.figure.hidden = true; return; }
    const phone = window.matchMedia("(pointer: coarse)").matches;
    const layout = {
      margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false, hovermode: "closest",
      dragmode: phone ? false : "pan", paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      xaxis: this.axis(), yaxis: this.axis(), hoverdistance: 12,
    };
    Object.assign(layout.xaxis, { range: this.whole().x });
    Object.assign(layout.yaxis, { range: this.whole().y });
    const config = { displayModeBar: false, doubleClick: false, responsive: false, showTips: false };
    this.draw(layout, config);
    this.figure.querySelector(".zoom").addEventListener("click", (event) => this.zoom(event.target.dataset.zoom));
    this.grouping.listeners.push(() => this.update());
    const size = () => this.canvas.clientWidth + "x" + this.canvas.clientHeight;
    let known = size();
    new ResizeObserver(() => {
      if (size() === known) return;
      known = size();
      this.show(this.whole());
    }).observe(this.canvas);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.update());
  }

  async draw(layout, config) {
    await Plotly.newPlot(this.canvas, [this.trace()], layout, config);
    if (this.canvas.querySelector(".no-webgl")) {
      Plotly.purge(this.canvas);
      this.type = "scatter";
      await Plotly.newPlot(this.canvas, [this.trace()], layout, config);
    }
    this.canvas.on("plotly_hover", (event) => this.point(event));
    this.canvas.on("plotly_unhover", () => { this.tip.hidden = true; });
    this.canvas.on("plotly_click", (event) => this.keep(this.rows[event.points[0].pointIndex]));
    this.canvas.on("plotly_relayout", () => this.name());
    this.canvas.on("plotly_relayouting", () => this.name());
    this.name();
    this.canvas.dataset.type = this.type;
    this.canvas.dataset.drawn = String(this.rows.length);
  }

  axis() {
    return { visible: false, showgrid: false, zeroline: false, fixedrange: false };
  }

  // The ranges that show everything. The axes have no meaning, so a wide page may stretch the map somewhat.
  whole() {
    const edges = (field) => this.rows.reduce(
      ([low, high], row) => [Math.min(low, row[field]), Math.max(high, row[field])], [Infinity, -Infinity]);
    const [x0, x1] = edges("x"), [y0, y1] = edges("y");
    const width = this.canvas.clientWidth || 1, height = this.canvas.clientHeight || 1;
    const least = (low, high, pixels) => Math.max(1.12 * (high - low) / pixels, 1e-9);
    const across = least(x0, x1, width), down = least(y0, y1, height), stretch = 1.6;
    const range = (low, high, half) => [(low + high) / 2 - half, (low + high) / 2 + half];
    return {
      x: range(x0, x1, width * Math.max(across, down / stretch) / 2),
      y: range(y0, y1, height * Math.max(down, across / stretch) / 2),
    };
  }

  show(ranges) {
    Plotly.relayout(this.canvas, {
      width: this.canvas.clientWidth, height: this.canvas.clientHeight,
      "xaxis.range": ranges.x, "yaxis.range": ranges.y,
    });
  }

  zoom(way) {
    if (!way) return;
    if (way === "all") { this.show(this.whole()); return; }
    const factor = way === "in" ? 0.35 : 0.75;
    const around = ([low, high]) => {
      const middle = (low + high) / 2, half = (high - low) * factor;
      return [middle - half, middle + half];
    };
    const layout = this.canvas.layout;
    this.show({ x: around(layout.xaxis.range), y: around(layout.yaxis.range) });
  }

  colours() {
    const style = getComputedStyle(document.documentElement);
    const value = (name) => style.getPropertyValue(name).trim();
    return { hues: [0, 1, 2, 3, 4, 5].map((hue) => value("--hue-" + hue)), grey: value("--grey"), paper: value("--paper") };
  }

  marks() {
    const { hues, grey, paper } = this.colours();
    const shown = new Set(this.grouping.matches().map((row) => row.index));
    const topic = (row) => this.grouping.topics.get(row.topic);
    // Marks shrink as they become many, and on a narrow page.
    const size = Math.max(5, Math.min(9, this.canvas.clientWidth / (this.rows.length > 1000 ? 220 : 90)));
    return {
      color: this.rows.map((row) => (topic(row) ? hues[topic(row).hue] : grey)),
      symbol: this.rows.map((row) => (topic(row) ? topic(row).shape : "circle-open")),
      size: this.rows.map((row) => (topic(row) ? size : size * 0.75)),
      opacity: this.rows.map((row) => (shown.has(row.index) ? 0.92 : 0.16)),
      line: { width: this.rows.map((row) => (topic(row) ? 0.6 : 1.1)), color: this.rows.map((row) => (topic(row) ? paper : grey)) },
    };
  }

  trace() {
    return {
      type: this.type, mode: "markers", hoverinfo: "none", marker: this.marks(),
      x: this.rows.map((row) => row.x), y: this.rows.map((row) => row.y),
    };
  }

  update() {
    Plotly.restyle(this.canvas, { marker: [this.marks()] });
    this.name();
  }

  // Names of topics at their middles, the largest first; one that would cover another is left away.
  name() {
    const box = this.figure.querySelector(".labels");
    const { xaxis, yaxis } = this.canvas._fullLayout;
    const width = this.canvas.clientWidth, height = this.canvas.clientHeight;
    const taken = [];
    const chosen = this.grouping.state.topic;
    box.style.height = height + "px";
    box.replaceChildren();
    for (const topic of this.grouping.topics.values()) {
      if (!topic.centre) continue;
      const left = xaxis.l2p(topic.centre[0]), top = yaxis.l2p(topic.centre[1]);
      const label = element("span", "", topic.label.length > 30 ? topic.label.slice(0, 28).trimEnd() + "…" : topic.label);
      if (chosen !== "" && Number(chosen) !== topic.topic) label.classList.add("away");
      label.style.left = left + "px";
      label.style.top = top + "px";
      box.append(label);
      const half = label.offsetWidth / 2 + 4, tall = label.offsetHeight / 2 + 2;
      const clear = left > half && left < width - half && top > tall && top < height - tall &&
        taken.every(([x, y, w, h]) => Math.abs(left - x) > half + w || Math.abs(top - y) > tall + h);
      if (!clear) { label.remove(); continue; }
      taken.push([left, top, half, tall]);
    }
  }

  point(event) {
    const row = this.rows[event.points[0].pointIndex];
    this.tip.replaceChildren(element("strong", "", row.title), element("span", "topic", standing(this.grouping, row)));
    if (row.description) this.tip.append(element("span", "text", row.description));
    this.tip.hidden = false;
    const axes = this.canvas._fullLayout;
    const left = axes.xaxis.l2p(row.x), top = axes.yaxis.l2p(row.y);
    const right = left + 14 + this.tip.offsetWidth > this.canvas.clientWidth;
    const above = top + 14 + this.tip.offsetHeight > this.canvas.clientHeight;
    this.tip.style.left = Math.max(0, right ? left - 14 - this.tip.offsetWidth : left + 14) + "px";
    this.tip.style.top = Math.max(0, above ? top - 14 - this.tip.offsetHeight : top + 14) + "px";
  }

  keep(row) {
    const name = element("strong");
    name.append(link(row));
    this.detail.replaceChildren(name, " (", standing(this.grouping, row), ") ", row.description || "");
  }
}
