// Names on the map: a layout that depends on nothing but what is shown, so it is the same each time.
const LABEL_SIZE = 12, SMALL_LABEL_SIZE = 10.5;
// Maps narrower than this have small names.
const NARROW_MAP = 520;
const LABEL_LINES = 3;
// Pixels beyond which nobody would know what a name names.
const FARTHEST_SEAT = 80;
// In widths and heights of a name.
const SEATS = [
  [0, 0], [0, -1], [0, 1], [-0.55, -0.9], [0.55, -0.9], [-0.55, 0.9], [0.55, 0.9], [-0.8, 0], [0.8, 0], [0, -1.5], [0, 1.5],
  [-1, -0.8], [1, -0.8], [-1, 0.8], [1, 0.8], [0, -2], [0, 2], [-0.7, -1.7], [0.7, -1.7], [-0.7, 1.7], [0.7, 1.7], [0, -3], [0, 3],
];

// How many points lie in a rectangle: points are counted in small cells once, then cells are added.
class Crowd {
  constructor(points, width, height) {
    this.step = 8;
    this.across = Math.ceil(width / this.step) + 1;
    this.down = Math.ceil(height / this.step) + 1;
    this.cells = new Uint16Array(this.across * this.down);
    for (const [x, y] of points) {
      if (x >= 0 && y >= 0 && x < width && y < height) this.cells[Math.floor(y / this.step) * this.across + Math.floor(x / this.step)] += 1;
    }
  }

  within(box) {
    const last = { x: Math.min(this.across - 1, Math.floor(box.right / this.step)), y: Math.min(this.down - 1, Math.floor(box.bottom / this.step)) };
    let sum = 0;
    for (let y = Math.max(0, Math.floor(box.top / this.step)); y <= last.y; y += 1) {
      for (let x = Math.max(0, Math.floor(box.left / this.step)); x <= last.x; x += 1) sum += this.cells[y * this.across + x];
    }
    return sum;
  }
}

// A name in lines of about even length, so that it covers little: wider than asked before anything of it is cut.
function labelLines(text, size, weight, narrow) {
  const whole = widthOf(text, size, weight), asked = narrow ? 92 : 140;
  const longest = Math.max(...text.split(" ").map((word) => widthOf(word, size, weight)));
  let width = Math.max(longest, whole / Math.min(LABEL_LINES, Math.ceil(whole / asked)));
  let found = lines(text, width, LABEL_LINES, size, weight);
  while (found.at(-1).endsWith("…") && width < 2 * asked) {
    width *= 1.1;
    found = lines(text, width, LABEL_LINES, size, weight);
  }
  return found;
}

// Each wish ({ text, x, y, weight, faint }), in the order given, gets the seat near its place that
// covers the fewest points and no name seated before; without such a seat it is left away.
function seatLabels(wishes, points, width, height, taken = []) {
  const crowd = new Crowd(points, width, height);
  const narrow = width < NARROW_MAP, size = narrow ? SMALL_LABEL_SIZE : LABEL_SIZE;
  const seated = [];
  for (const wish of wishes) {
    const parts = labelLines(wish.text, size, wish.weight, narrow), step = size + 2;
    const tall = parts.length * step + 3;
    const wide = Math.max(...parts.map((line) => widthOf(line, size, wish.weight))) + 8;
    let best = null;
    SEATS.forEach(([dx, dy]) => {
      const x = wish.x + dx * wide, y = wish.y + dy * tall;
      const box = { left: x - wide / 2, right: x + wide / 2, top: y - tall / 2, bottom: y + tall / 2 };
      if (box.left < 2 || box.top < 2 || box.right > width - 2 || box.bottom > height - 2) return;
      if (taken.some((other) => box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top)) return;
      const away = Math.hypot(x - wish.x, y - wish.y);
      if (away > FARTHEST_SEAT) return;
      const cost = crowd.within(box) + away / 16;
      if (!best || cost < best.cost) best = { cost, x, y, box };
    });
    if (!best) continue;
    taken.push(best.box);
    const middles = parts.map((_, line) => best.y + (line - (parts.length - 1) / 2) * step);
    seated.push({ ...wish, size, lines: parts, middles, x: best.x, y: best.y, box: best.box });
  }
  return seated;
}

function paintLabels(pen, seated, palette) {
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  for (const label of seated) {
    pen.globalAlpha = label.faint ? 0.3 : 1;
    pen.font = `${label.weight} ${label.size}px ${SANS}`;
    pen.strokeStyle = palette.paper;
    pen.lineWidth = 4;
    label.lines.forEach((line, place) => pen.strokeText(line, label.x, label.middles[place]));
    pen.fillStyle = label.weight > 400 ? palette.ink : palette.soft;
    label.lines.forEach((line, place) => pen.fillText(line, label.x, label.middles[place]));
  }
  pen.globalAlpha = 1;
}

// A name in a saved figure: its halo is a text of its own, because not every program knows paint-order.
function labelText(label, palette) {
  const group = shape("g", {
    "text-anchor": "middle", "font-family": SANS, "font-size": label.size, "font-weight": label.weight, opacity: label.faint ? 0.3 : 1,
  });
  const halo = { fill: "none", stroke: palette.paper, "stroke-width": 4, "stroke-linejoin": "round" };
  for (const look of [halo, { fill: label.weight > 400 ? palette.ink : palette.soft }]) {
    label.lines.forEach((line, place) => group.append(shape("text", { x: label.x.toFixed(2), y: (label.middles[place] + label.size * 0.35).toFixed(2), ...look }, line)));
  }
  return group;
}
