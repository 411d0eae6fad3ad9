// Names on the map: a layout that depends on nothing but what is shown, so it is the same each time.
const LABEL_SIZE = 12;
const SEATS = [[0, 0], [0, -1], [0, 1], [-0.55, -0.9], [0.55, -0.9], [-0.55, 0.9], [0.55, 0.9], [0, -2], [0, 2], [-0.8, 0], [0.8, 0], [0, -3], [0, 3]];

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

// Each wish ({ text, x, y, weight, faint }), in the order given, gets the seat near its place that
// covers the fewest points and no name seated before; without such a seat it is left away.
function seatLabels(wishes, points, width, height, taken = []) {
  const crowd = new Crowd(points, width, height);
  const tall = LABEL_SIZE + 5;
  const seated = [];
  for (const wish of wishes) {
    const text = wish.text.length > 34 ? wish.text.slice(0, 32).trimEnd() + "…" : wish.text;
    const wide = widthOf(text, LABEL_SIZE, wish.weight) + 8;
    let best = null;
    SEATS.forEach(([dx, dy], place) => {
      const x = wish.x + dx * wide, y = wish.y + dy * tall;
      const box = { left: x - wide / 2, right: x + wide / 2, top: y - tall / 2, bottom: y + tall / 2 };
      if (box.left < 2 || box.top < 2 || box.right > width - 2 || box.bottom > height - 2) return;
      if (taken.some((other) => box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top)) return;
      const cost = crowd.within(box) + place * 0.35;
      if (!best || cost < best.cost) best = { cost, x, y, box };
    });
    if (!best) continue;
    taken.push(best.box);
    seated.push({ ...wish, text, x: best.x, y: best.y, box: best.box });
  }
  return seated;
}

function paintLabels(pen, seated, palette) {
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  for (const label of seated) {
    pen.globalAlpha = label.faint ? 0.3 : 1;
    pen.font = `${label.weight} ${LABEL_SIZE}px ${SANS}`;
    pen.strokeStyle = palette.paper;
    pen.lineWidth = 4;
    pen.strokeText(label.text, label.x, label.y);
    pen.fillStyle = label.weight > 400 ? palette.ink : palette.soft;
    pen.fillText(label.text, label.x, label.y);
  }
  pen.globalAlpha = 1;
}

// A name in a saved figure: its halo is a text of its own, because not every program knows paint-order.
function labelText(label, palette) {
  const group = shape("g", {
    "text-anchor": "middle", "font-family": SANS, "font-size": LABEL_SIZE, "font-weight": label.weight, opacity: label.faint ? 0.3 : 1,
  });
  const place = { x: label.x.toFixed(2), y: (label.y + LABEL_SIZE * 0.35).toFixed(2) };
  group.append(
    shape("text", { ...place, fill: "none", stroke: palette.paper, "stroke-width": 4, "stroke-linejoin": "round" }, label.text),
    shape("text", { ...place, fill: label.weight > 400 ? palette.ink : palette.soft }, label.text));
  return group;
}
