// Which part of the map is seen: places of the data to pixels and back.
const CLOSEST = 200;

class View {
  constructor(rows) {
    const edges = (field) => rows.reduce(
      ([low, high], row) => [Math.min(low, row[field]), Math.max(high, row[field])], [Infinity, -Infinity]);
    this.x = edges("x");
    this.y = edges("y");
    this.zoom = 1;
  }

  // Shows everything. The axes have no meaning, so a wide page may stretch the map somewhat.
  fit(width, height) {
    this.width = width;
    this.height = height;
    const stretch = 1.6;
    const across = width / Math.max(1.14 * (this.x[1] - this.x[0]), 1e-9);
    const down = height / Math.max(1.14 * (this.y[1] - this.y[0]), 1e-9);
    this.kx = Math.min(across, down * stretch);
    this.ky = Math.min(down, across * stretch);
    this.middle = [(this.x[0] + this.x[1]) / 2, (this.y[0] + this.y[1]) / 2];
    this.zoom = 1;
  }

  // Another size of the window keeps what is in the middle, and how near it is.
  resize(width, height) {
    const { zoom, middle } = this;
    this.fit(width, height);
    if (zoom !== 1) {
      this.middle = middle;
      this.scale(zoom, width / 2, height / 2);
    }
  }

  pixel(x, y) {
    return [(x - this.middle[0]) * this.kx + this.width / 2, (this.middle[1] - y) * this.ky + this.height / 2];
  }

  place(left, top) {
    return [(left - this.width / 2) / this.kx + this.middle[0], this.middle[1] - (top - this.height / 2) / this.ky];
  }

  // Nearer by a factor, with the place under that pixel staying where it is.
  scale(factor, left, top) {
    const kept = Math.min(CLOSEST, Math.max(0.5, this.zoom * factor)) / this.zoom;
    const [x, y] = this.place(left, top);
    this.zoom *= kept;
    this.kx *= kept;
    this.ky *= kept;
    const [nowX, nowY] = this.place(left, top);
    this.middle = [this.middle[0] + x - nowX, this.middle[1] + y - nowY];
  }

  move(right, down) {
    this.middle = [this.middle[0] - right / this.kx, this.middle[1] + down / this.ky];
  }
}
