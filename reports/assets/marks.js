// The shapes of marks, in a square from -6 to 6: on the map's canvas, and as paths in saved figures.
const SHAPES = {
  "circle": "M4.6 0A4.6 4.6 0 1 1-4.6 0 4.6 4.6 0 1 1 4.6 0z",
  "square": "M-4.2-4.2H4.2V4.2H-4.2z",
  "triangle-up": "M0-5 5.2 4H-5.2z",
  "diamond": "M0-5.6 5.6 0 0 5.6-5.6 0z",
  "cross": "M-1.8-5.2h3.6v3.4h3.4v3.6H1.8v3.4h-3.6V1.8h-3.4v-3.6h3.4z",
  "triangle-down": "M0 5 5.2-4H-5.2z",
  "x": "M0-2.5 2.4-4.9 4.9-2.4 2.5 0 4.9 2.4 2.4 4.9 0 2.5-2.4 4.9-4.9 2.4-2.5 0-4.9-2.4-2.4-4.9z",
  "star": "M0-5.8 1.5-1.9 5.6-1.8 2.4.8 3.5 4.8 0 2.5-3.5 4.8-2.4.8-5.6-1.8-1.5-1.9z",
  "circle-open": "M3.6 0A3.6 3.6 0 1 1-3.6 0 3.6 3.6 0 1 1 3.6 0z",
};

// One small picture a mark, painted once: copying it 10,000 times is quick.
class Sprites {
  constructor(size, scale, palette) {
    this.size = size;
    this.scale = scale;
    this.palette = palette;
    this.made = new Map();
  }

  of(topic) {
    const key = topic ? topic.hue + topic.shape : "";
    if (!this.made.has(key)) this.made.set(key, this.paint(topic));
    return this.made.get(key);
  }

  paint(topic) {
    const canvas = document.createElement("canvas");
    const side = Math.ceil(this.size * 1.5 * this.scale);
    canvas.width = canvas.height = side;
    const pen = canvas.getContext("2d");
    pen.translate(side / 2, side / 2);
    pen.scale(this.scale * this.size / 10, this.scale * this.size / 10);
    const path = new Path2D(SHAPES[topic ? topic.shape : "circle-open"]);
    if (topic) {
      pen.strokeStyle = this.palette.paper;
      pen.lineWidth = 1.6;
      pen.stroke(path);
      pen.fillStyle = this.palette.hues[topic.hue];
      pen.fill(path);
    } else {
      pen.strokeStyle = this.palette.grey;
      pen.lineWidth = 1.4;
      pen.stroke(path);
    }
    return canvas;
  }
}

function markPath(topic, x, y, size, opacity, palette) {
  const node = shape("path", {
    d: SHAPES[topic ? topic.shape : "circle-open"],
    transform: `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${(size / 10).toFixed(3)})`,
    fill: topic ? palette.hues[topic.hue] : "none",
    stroke: topic ? palette.paper : palette.grey,
    "stroke-width": topic ? 0.8 : 1.4,
  });
  if (opacity < 1) node.setAttribute("opacity", opacity);
  return node;
}
