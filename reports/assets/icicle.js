// Categories and their topics as boxes whose height is their size; the tree says the same in words.
const HEAD = 12;

class Icicle {
  constructor(grouping) {
    this.grouping = grouping;
    this.figure = grouping.root.querySelector(".icicle");
    this.plot = this.figure.querySelector(".plot");
  }

  start() {
    if (!this.grouping.categories.size) { this.figure.hidden = true; return; }
    this.grouping.listeners.push((asked) => { if (asked) this.draw(); });
    new ResizeObserver(() => this.draw()).observe(this.plot);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    this.plot.addEventListener("click", (event) => this.choose(event.target.closest("g[data-kind]")));
    window.addEventListener("beforeprint", () => this.draw(true));
    window.addEventListener("afterprint", () => this.draw());
    savable.set(this.grouping.name + "-icicle", {
      file: this.grouping.name + "-categories", svg: () => this.svg(this.plot.clientWidth, this.plot.clientHeight, true),
    });
  }

  choose(box) {
    if (!box) return;
    const { kind, number } = box.dataset;
    const on = this.grouping.state[kind] === number && (kind !== "category" || this.grouping.state.topic === "");
    this.grouping.change({ [kind]: on ? "" : number });
  }

  draw(light = false) {
    const { clientWidth, clientHeight } = this.plot;
    if (!clientWidth || !clientHeight) return;
    this.plot.replaceChildren(this.svg(clientWidth, clientHeight, light));
  }

  // The boxes of both layers: of one category, if one is chosen, else of all and of the unplaced.
  boxes(width, height) {
    const { category } = this.grouping.state;
    const chosen = [...this.grouping.categories.values()].filter((each) => category === "" || each.category === Number(category));
    const unplaced = category === "" ? this.grouping.unplaced : 0;
    const parts = chosen.length + (unplaced ? 1 : 0), gap = parts > 1 ? 4 : 0;
    const unit = Math.max(0, height - gap * (parts - 1)) / (chosen.reduce((sum, each) => sum + each.size, unplaced) || 1);
    const split = Math.round(width * 0.38), boxes = [];
    let top = 0;
    for (const each of chosen) {
      boxes.push({ node: each, kind: "category", number: each.category, x: 0, y: top, width: split - 2, height: each.size * unit });
      let inner = top;
      for (const topic of this.grouping.topics.values()) {
        if (topic.category !== each.category) continue;
        boxes.push({ node: topic, kind: "topic", number: topic.topic, x: split, y: inner, width: width - split, height: topic.size * unit });
        inner += topic.size * unit;
      }
      top += each.size * unit + gap;
    }
    const rest = { label: "Unplaced", size: unplaced, stability: null, standing: "stable", hue: null };
    if (unplaced) boxes.push({ node: rest, kind: "placed", number: "no", x: 0, y: top, width, height: unplaced * unit });
    return boxes;
  }

  svg(width, height, light) {
    const palette = colours(light);
    const svg = shape("svg", { xmlns: SVG, viewBox: `0 0 ${width} ${height}`, width, height, "font-family": SANS, "font-size": HEAD });
    svg.append(shape("title", {}, `Categories of ${this.grouping.noun}`));
    if (light) svg.append(shape("rect", { width: "100%", height: "100%", fill: palette.paper }));
    svg.append(this.hatching(palette));
    for (const box of this.boxes(width, height)) svg.append(this.box(box, palette));
    return svg;
  }

  hatching(palette) {
    const definitions = shape("defs");
    palette.hues.forEach((hue, index) => {
      const pattern = shape("pattern", { id: this.hatch(index), width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
      pattern.append(shape("rect", { width: 2, height: 6, fill: hue, "fill-opacity": 0.3 }));
      definitions.append(pattern);
    });
    return definitions;
  }

  hatch(hue) {
    return `${this.grouping.name}-hatch-${hue}`;
  }

  box({ node, kind, number, x, y, width, height }, palette) {
    const group = shape("g", { "data-kind": kind, "data-number": number, "data-standing": node.standing, class: "part" });
    const hue = node.hue === null ? palette.grey : palette.hues[node.hue];
    const inner = { x: x + 0.5, y: y + 0.5, width: Math.max(0, width - 1), height: Math.max(0.5, height - 1.5) };
    const firm = node.standing === "stable";
    const chosen = this.grouping.state[kind] === String(number);
    group.append(shape("title", {}, `${node.label}: ${count(node.size)} ${this.grouping.noun}` + (node.stability === null ? "" : `, stability ${stability(node)}`) + (firm ? "" : `, ${this.word(node)}`)));
    group.append(shape("rect", { ...inner, fill: palette.paper }));
    group.append(shape("rect", { ...inner, fill: firm ? hue : `url(#${this.hatch(node.hue)})`, "fill-opacity": firm ? (kind === "category" ? 0.3 : 0.16) : 1 }));
    const edge = firm ? {} : { "stroke-dasharray": "4 3" };
    group.append(shape("rect", { ...inner, fill: "none", stroke: chosen ? palette.ink : hue, "stroke-width": chosen ? 2 : 1, ...edge }));
    if (kind === "category") group.append(shape("rect", { x, y: inner.y, width: 4, height: inner.height, fill: hue }));
    group.append(...this.words({ node, kind, x, y, width, height }, palette));
    return group;
  }

  word(node) {
    return node.standing === "unstable" ? "unstable" : "not measured";
  }

  // Size, stability and standing, as much of it as fits; that a node is unstable comes before figures.
  sums(node, room) {
    const size = count(node.size);
    const word = node.standing === "stable" ? "" : this.word(node);
    const says = [[size, stability(node), word], [size, word], [word || size]].map((parts) => parts.filter(Boolean).join(" · "));
    return says.find((text) => widthOf(text, 11) <= room) ?? says.at(-1);
  }

  // The name, then size and stability: on a line of their own where there is room, else at the right.
  words({ node, kind, x, y, width, height }, palette) {
    if (height < 11) return [];
    const head = height < HEAD + 3 ? 10 : HEAD;
    const topic = kind === "topic";
    const indent = topic ? 22 : 11, room = width - indent - 6;
    const weight = topic ? 500 : 600, step = HEAD + 3;
    const inLine = height < 2 * step + 6;
    const sums = this.sums(node, inLine ? Math.max(room * 0.4, room - 8 - widthOf(node.label, head, weight)) : room);
    const wide = widthOf(sums, 11) + 8;
    const names = inLine ? [fitted(node.label, room - wide, head, weight)] : lines(node.label, room, Math.max(1, Math.min(4, Math.floor((height - 6) / step) - 1)), HEAD, weight);
    const parts = [];
    const first = inLine ? y + height / 2 + head * 0.34 : y + step + 1;
    // On hatching, a text gets a ground of paper.
    const ground = (left, top, wide, tall) => parts.push(shape("rect", { x: left - 2, y: top, width: wide + 4, height: tall, rx: 2, fill: palette.paper, "fill-opacity": 0.8, "pointer-events": "none" }));
    const text = (words, left, top, more) => parts.push(shape("text", { x: left, y: top.toFixed(1), fill: palette.ink, "pointer-events": "none", ...more }, words));
    const longest = Math.max(...names.map((line) => widthOf(line, head, weight)), inLine ? 0 : widthOf(sums, 11));
    if (node.standing !== "stable") {
      ground(x + indent, first - head, longest, inLine ? head + 3 : (names.length + 1) * step);
      if (inLine) ground(x + width - 6 - wide + 8, first - head, wide - 8, head + 3);
    }
    names.forEach((line, place) => text(line, x + indent, first + place * step, { "font-weight": weight, "font-size": head }));
    if (inLine) text(sums, x + width - 6, first, { "text-anchor": "end", "font-size": head - 1 });
    else text(sums, x + indent, first + names.length * step, { "font-size": 11 });
    if (topic) parts.push(markPath(node, x + 12, first - head * 0.34, 9, 1, palette));
    return parts;
  }
}
