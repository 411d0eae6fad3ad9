// Categories and their topics as boxes whose height is their size; the tree says the same in words.
const HEAD = 12;
// Pixels in which a part can have its name.
const LEAST = 12;

// What is too small for a name of its own goes together, the smallest first, until one name has room.
function withSmallTogether(parts, unit) {
  if (parts.length < 2) return { large: parts, small: [] };
  const rising = [...parts].reverse().sort((a, b) => a.size - b.size);
  let most = rising.filter((part) => part.size * unit < LEAST).length;
  const room = () => rising.slice(0, most).reduce((sum, part) => sum + part.size, 0) * unit;
  while (most && most < parts.length && room() < LEAST) most += 1;
  const small = new Set(rising.slice(0, most));
  return { large: parts.filter((part) => !small.has(part)), small: parts.filter((part) => small.has(part)) };
}

class Icicle {
  constructor(grouping) {
    this.grouping = grouping;
    this.figure = grouping.root.querySelector(".icicle");
    this.plot = this.figure.querySelector(".plot");
    this.opened = null; // of the small ones, those that are drawn alone
    this.folds = []; // the small ones behind each part that holds some
  }

  start() {
    if (!this.grouping.categories.size) { this.figure.hidden = true; return; }
    this.grouping.listeners.push(() => { if (this.nodes() !== this.drawn) { this.opened = null; this.draw(); } });
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
    const { kind, number } = box.dataset, { state } = this.grouping;
    if (kind === "back" || kind === "small") {
      const small = kind === "small" ? this.folds[Number(number)] : null, category = small?.[0].category;
      if (small && "topic" in small[0] && state.category !== String(category)) { this.grouping.change({ category: String(category) }); return; }
      this.opened = small;
      this.draw();
      return;
    }
    const on = state[kind] === number && (kind !== "category" || state.topic === "");
    this.grouping.change({ [kind]: on ? "" : number });
  }

  // Which nodes are asked for: whatever else is, the boxes stay as they are.
  nodes() {
    const { category, topic, placed } = this.grouping.state;
    return [category, topic, placed].join(" ");
  }

  draw(light = false) {
    const { clientWidth, clientHeight } = this.plot;
    if (!clientWidth || !clientHeight) return;
    this.drawn = this.nodes();
    this.plot.replaceChildren(this.svg(clientWidth, clientHeight, light));
  }

  // The categories that are drawn, each with its topics: the one that is chosen, else all; or the small ones alone.
  groups() {
    const { category } = this.grouping.state, { opened } = this;
    const topics = (each) => [...this.grouping.topics.values()].filter((topic) => topic.category === each.category);
    if (opened && "topic" in opened[0]) {
      const node = this.grouping.categories.get(opened[0].category);
      return [{ node, size: opened.reduce((sum, topic) => sum + topic.size, 0), topics: opened }];
    }
    const chosen = opened ?? [...this.grouping.categories.values()].filter((each) => category === "" || each.category === Number(category));
    return chosen.map((node) => ({ node, size: node.size, topics: topics(node) }));
  }

  // The boxes of both layers and of the unplaced, who have room for their name at least.
  boxes(width, height) {
    const { unplaced } = this.grouping, groups = this.groups(), boxes = [], gap = 4;
    const foot = this.opened ? LEAST + 8 : this.grouping.state.category === "" && unplaced ? LEAST + 2 : 0;
    const size = groups.reduce((sum, each) => sum + each.size, 0), rest = foot && !this.opened ? unplaced : 0;
    const unit = (parts) => {
      const room = Math.max(0, height - gap * (parts - (foot ? 0 : 1)));
      const even = room / (size + rest || 1);
      return foot && rest * even < foot ? Math.max(0, room - foot) / (size || 1) : even;
    };
    const { large, small } = withSmallTogether(groups, unit(groups.length));
    const scale = unit(large.length + (small.length ? 1 : 0)), split = Math.round(width * 0.38);
    this.folds = [];
    let top = 0;
    for (const { node, size: own, topics } of large) {
      boxes.push({ node, kind: "category", number: node.category, x: 0, y: top, width: split - 2, height: own * scale });
      const inside = withSmallTogether(topics, scale);
      let inner = top;
      for (const topic of inside.large) {
        boxes.push({ node: topic, kind: "topic", number: topic.topic, x: split, y: inner, width: width - split, height: topic.size * scale });
        inner += topic.size * scale;
      }
      if (inside.small.length) boxes.push(this.fold(inside.small, node.hue, { x: split, y: inner, width: width - split }, scale));
      top += own * scale + gap;
    }
    if (small.length) {
      boxes.push(this.fold(small.map(({ node }) => node), null, { x: 0, y: top, width }, scale));
      top += boxes.at(-1).height + gap;
    }
    const last = (label, many) => ({ label, size: many, stability: null, standing: "stable", hue: null });
    if (this.opened) boxes.push({ node: last("Back to all", null), kind: "back", number: "", x: 0, y: top, width, height: foot });
    else if (foot) boxes.push({ node: last("Unplaced", unplaced), kind: "placed", number: "no", x: 0, y: top, width, height: Math.max(foot, unplaced * scale) });
    return boxes;
  }

  // One part that stands for several small ones, and names as many as it has room for.
  fold(nodes, hue, place, unit) {
    const size = nodes.reduce((sum, node) => sum + node.size, 0);
    const label = `${nodes.length} small ones: ${nodes.map((node) => node.label).join(", ")}`;
    const node = { label, size, stability: null, standing: "stable", hue };
    return { node, kind: "small", number: this.folds.push(nodes) - 1, ...place, height: size * unit };
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
    group.append(shape("title", {}, node.label + (node.size === null ? "" : `: ${count(node.size)} ${this.grouping.noun}`) + (node.stability === null ? "" : `, stability ${stability(node)}`) + (firm ? "" : `, ${this.word(node)}`)));
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
    const size = node.size === null ? "" : count(node.size);
    const word = node.standing === "stable" ? "" : this.word(node);
    const says = [[size, node.stability === null && !word ? "" : stability(node), word], [size, word], [word || size]].map((parts) => parts.filter(Boolean).join(" · "));
    return says.find((text) => widthOf(text, 11) <= room) ?? says.at(-1);
  }

  // The name, then size and stability: on a line of their own where there is room, else at the right.
  words({ node, kind, x, y, width, height }, palette) {
    if (height < 11) return [];
    const topic = kind === "topic";
    const indent = topic ? 22 : 11, room = width - indent - 6;
    const weight = topic || kind === "small" ? 500 : 600, step = HEAD + 3;
    // Low parts have smaller letters, and so have names that need two lines where there is room for less.
    const isLong = widthOf(node.label, HEAD, weight) > room - 8 - widthOf(this.sums(node, 0), 11);
    const inLine = height < (isLong ? 3 : 2) * step + 6;
    const head = height < HEAD + 3 || (inLine && isLong) ? 10 : HEAD;
    const sums = this.sums(node, inLine ? room - 8 - widthOf(node.label, head, weight) : room);
    const wide = sums ? widthOf(sums, inLine ? head - 1 : 11) + 8 : 0;
    const most = inLine ? (height >= 2 * head + 6 ? 2 : 1) : Math.max(1, Math.min(4, Math.floor((height - 6) / step) - 1));
    const names = lines(node.label, inLine ? room - wide : room, most, head, weight);
    const apart = inLine ? head + 2 : step, parts = [];
    const first = inLine ? y + height / 2 + head * 0.34 - ((names.length - 1) * apart) / 2 : y + step + 1;
    const middle = inLine ? y + height / 2 + head * 0.34 : first;
    // On hatching, a text gets a ground of paper.
    const ground = (left, top, wide, tall) => parts.push(shape("rect", { x: left - 2, y: top, width: wide + 4, height: tall, rx: 2, fill: palette.paper, "fill-opacity": 0.8, "pointer-events": "none" }));
    const text = (words, left, top, more) => parts.push(shape("text", { x: left, y: top.toFixed(1), fill: palette.ink, "pointer-events": "none", ...more }, words));
    const longest = Math.max(...names.map((line) => widthOf(line, head, weight)), inLine ? 0 : widthOf(sums, 11));
    if (node.standing !== "stable") {
      ground(x + indent, first - head, longest, inLine ? names.length * apart + 1 : (names.length + 1) * step);
      if (inLine) ground(x + width - 6 - wide + 8, middle - head, wide - 8, head + 3);
    }
    names.forEach((line, place) => text(line, x + indent, first + place * apart, { "font-weight": weight, "font-size": head }));
    if (inLine) text(sums, x + width - 6, middle, { "text-anchor": "end", "font-size": head - 1 });
    else text(sums, x + indent, first + names.length * step, { "font-size": 11 });
    if (topic) parts.push(markPath(node, x + 12, middle - head * 0.34, 9, 1, palette));
    return parts;
  }
}
