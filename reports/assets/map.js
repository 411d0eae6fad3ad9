// The map of one grouping, painted on a canvas; what is pointed at is an ordinary element above it.
const NAMED_ROWS = 45;

class AtlasMap {
  constructor(grouping) {
    this.grouping = grouping;
    this.figure = grouping.root.querySelector(".map");
    this.plot = this.figure.querySelector(".plot");
    this.canvas = this.plot.querySelector("canvas");
    this.tip = this.plot.querySelector(".tip");
    this.ring = this.plot.querySelector(".ring");
    this.detail = this.figure.querySelector(".detail");
    // Grey first, so that it lies below.
    this.rows = grouping.rows.filter((row) => row.x !== null && row.y !== null)
      .sort((a, b) => (a.topic !== -1) - (b.topic !== -1) || a.index - b.index);
    this.pointed = null;
  }

  start() {
    if (!this.rows.length) { this.figure.hidden = true; return; }
    this.view = new View(this.rows);
    this.view.fit(this.plot.clientWidth || 1, this.plot.clientHeight || 1);
    this.listen();
    new Gestures(this).start();
    savable.set(this.grouping.name + "-map", { file: this.grouping.name + "-map", svg: () => this.svg() });
    this.paint();
  }

  listen() {
    this.figure.addEventListener("click", (event) => this.zoom(event.target.dataset.zoom));
    this.grouping.listeners.push((asked) => { if (asked) { this.point(null); this.draw(); } });
    new ResizeObserver(() => {
      const { clientWidth, clientHeight } = this.plot;
      if (!clientWidth || (clientWidth === this.view.width && clientHeight === this.view.height)) return;
      this.view.resize(clientWidth, clientHeight);
      this.draw();
    }).observe(this.plot);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.sprites = null; this.draw(); });
    window.addEventListener("beforeprint", () => {
      const svg = this.svg();
      svg.classList.add("printed");
      this.plot.append(svg);
    });
    window.addEventListener("afterprint", () => this.plot.querySelectorAll(".printed").forEach((svg) => svg.remove()));
  }

  // However often something changes, the map is painted at most once a frame.
  draw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => { this.waiting = false; this.paint(); });
  }

  zoom(way) {
    if (!way) return;
    if (way === "all") this.view.fit(this.view.width, this.view.height);
    else this.view.scale(way === "in" ? 1.5 : 1 / 1.5, this.view.width / 2, this.view.height / 2);
    this.point(null);
    this.draw();
  }

  // Marks shrink as they become many, and grow a little as one comes near.
  markSize(width) {
    const size = Math.max(5, Math.min(10, width / (this.rows.length > 1000 ? 200 : 80)));
    return Math.round(size * Math.min(1.5, Math.max(1, this.view.zoom ** 0.25)) * 2) / 2;
  }

  // Where every mark is now, and which of them answer what is asked.
  layout() {
    const bright = new Uint8Array(this.grouping.rows.length);
    for (const row of this.grouping.matches()) bright[row.index] = 1;
    this.places = this.rows.map((row) => this.view.pixel(row.x, row.y));
    this.bright = this.rows.map((row) => bright[row.index] === 1);
  }

  paint() {
    const { width, height } = this.view;
    const scale = window.devicePixelRatio || 1;
    const size = this.markSize(width);
    const palette = colours();
    if (!this.sprites || this.sprites.size !== size || this.sprites.scale !== scale) this.sprites = new Sprites(size, scale, palette);
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.layout();
    const pen = this.canvas.getContext("2d");
    const filtered = this.grouping.filtered;
    for (const wanted of filtered ? [false, true] : [true]) {
      pen.globalAlpha = wanted ? 0.94 : 0.14;
      this.rows.forEach((row, place) => {
        const [x, y] = this.places[place];
        if (this.bright[place] !== wanted || x < -20 || y < -20 || x > width + 20 || y > height + 20) return;
        const sprite = this.sprites.of(this.grouping.topics.get(row.topic));
        pen.drawImage(sprite, Math.round(x * scale - sprite.width / 2), Math.round(y * scale - sprite.height / 2));
      });
    }
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    this.labels = this.seats();
    paintLabels(pen, this.labels, palette);
    this.canvas.dataset.drawn = String(this.rows.length);
    this.canvas.dataset.bright = String(this.bright.filter(Boolean).length);
    this.canvas.dataset.labels = String(this.labels.length);
  }

  // Names of topics at their middles, the chosen and the largest first; documents once one is near.
  seats() {
    const { width, height } = this.view;
    // A topic of which nothing answers is named faintly, and only where there is room.
    const found = new Set(this.grouping.matches().map((row) => row.topic));
    const wishes = [...this.grouping.topics.values()].filter((each) => each.centre).map((each) => {
      const [x, y] = this.view.pixel(...each.centre);
      return { text: each.label, x, y, weight: 600, faint: !found.has(each.topic), size: each.size };
    });
    wishes.sort((a, b) => a.faint - b.faint || b.size - a.size);
    const inside = this.rows.map((_, place) => place).filter((place) => {
      const [x, y] = this.places[place];
      return this.bright[place] && x > 0 && y > 0 && x < width && y < height;
    });
    if (inside.length <= NAMED_ROWS) {
      for (const place of inside) {
        const [x, y] = this.places[place];
        wishes.push({ text: this.rows[place].title.split("/").at(-1), x, y: y - 11, weight: 400, faint: false });
      }
    }
    const seen = wishes.filter((wish) => wish.x > 0 && wish.y > 0 && wish.x < width && wish.y < height);
    return seatLabels(seen, this.places, width, height);
  }

  // The nearest mark that can be pointed at, if one is near enough.
  nearest(left, top, reach = 14) {
    let best = null, least = reach * reach;
    this.places.forEach(([x, y], place) => {
      const far = (x - left) ** 2 + (y - top) ** 2;
      if (far <= least && this.bright[place]) { least = far; best = place; }
    });
    return best;
  }

  point(place) {
    if (place === this.pointed) return;
    this.pointed = place;
    this.tip.hidden = this.ring.hidden = place === null;
    if (place === null) return;
    const row = this.rows[place];
    const category = this.grouping.categoryOf(row.topic);
    this.tip.replaceChildren(element("strong", "", row.title));
    const stands = element("span", "topic");
    stands.append(glyph(this.grouping.topics.get(row.topic)), standing(this.grouping, row));
    this.tip.append(stands);
    if (category) this.tip.append(element("span", "topic", "in " + category.label));
    if (row.description === undefined) this.grouping.describe([row]).then(() => { if (this.pointed === place) { this.pointed = null; this.point(place); } }, () => {});
    if (row.description) this.tip.append(element("span", "text", row.description));
    const [left, top] = this.places[place];
    const right = left + 14 + this.tip.offsetWidth > this.view.width;
    const above = top + 14 + this.tip.offsetHeight > this.view.height;
    this.tip.style.left = Math.max(0, right ? left - 14 - this.tip.offsetWidth : left + 14) + "px";
    this.tip.style.top = Math.max(0, above ? top - 14 - this.tip.offsetHeight : top + 14) + "px";
    this.ring.style.left = left + "px";
    this.ring.style.top = top + "px";
  }

  keep(place) {
    if (place === null) return;
    const row = this.rows[place];
    if (row.description === undefined) this.grouping.describe([row]).then(() => this.keep(place), () => {});
    const name = element("strong");
    name.append(link(row));
    this.detail.replaceChildren(name, " (", standing(this.grouping, row), ") ", row.description || "");
  }

  // The rows inside a line drawn by hand become what is asked for, among those that answer the rest.
  select(outline) {
    const area = areaOf(outline.map((point) => this.view.place(...point)));
    if (this.grouping.would({ area }).length) this.grouping.change({ area });
    else this.detail.textContent = `No ${this.grouping.noun} are inside that line.`;
  }

  // The map as it is seen now, as a drawing, with what its colours mean.
  svg() {
    const { width, height } = this.view;
    const palette = colours(true), size = this.markSize(width);
    const key = this.legend(width, height, palette);
    const svg = shape("svg", { xmlns: SVG, viewBox: `0 0 ${width} ${height + key.tall}`, width, height: height + key.tall });
    svg.append(shape("title", {}, `Map of the ${this.grouping.noun}`));
    svg.append(shape("rect", { width: "100%", height: "100%", fill: palette.paper }));
    this.layout();
    const order = this.rows.map((_, place) => place).sort((a, b) => this.bright[a] - this.bright[b]);
    for (const place of order) {
      const [x, y] = this.places[place];
      if (x < 0 || y < 0 || x > width || y > height) continue;
      svg.append(markPath(this.grouping.topics.get(this.rows[place].topic), x, y, size, this.bright[place] ? 1 : 0.15, palette));
    }
    for (const label of this.seats()) svg.append(labelText(label, palette));
    svg.append(...key.parts);
    return svg;
  }

  legend(width, height, palette) {
    const parts = [];
    let x = 8, y = height + 16;
    for (const { label, hue } of this.grouping.categories.values()) {
      const wide = widthOf(label, 11) + 34;
      if (x + wide > width && x > 8) { x = 8; y += 18; }
      parts.push(shape("rect", { x, y: y - 9, width: 10, height: 10, rx: 2, fill: palette.hues[hue] }));
      parts.push(shape("text", { x: x + 15, y, "font-family": SANS, "font-size": 11, fill: palette.ink }, label));
      x += wide;
    }
    return { parts, tall: y - height + 12 };
  }
}

// Whether a point is inside a closed line, by the even-odd rule.
function within(outline, [x, y]) {
  let inside = false;
  outline.forEach(([x1, y1], place) => {
    const [x2, y2] = outline[(place + 1) % outline.length];
    if ((y1 > y) !== (y2 > y) && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  });
  return inside;
}
