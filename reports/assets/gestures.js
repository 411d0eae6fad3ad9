// Mouse, pen, fingers and keys on a map: pointing, moving, zooming, and lines around what is wanted.
const STILL = 4;

class Gestures {
  constructor(map) {
    this.map = map;
    this.canvas = map.canvas;
    this.draft = map.plot.querySelector(".draft");
    this.buttons = [...map.figure.querySelectorAll("[data-mode]")];
    this.mode = "move";
    this.pointers = new Map();
  }

  start() {
    const on = (name, act) => this.canvas.addEventListener(name, act.bind(this));
    on("pointerdown", this.down);
    on("pointermove", this.moved);
    on("pointerup", this.up);
    on("pointercancel", this.stop);
    on("pointerleave", () => this.map.point(null));
    on("dblclick", (event) => this.nearer(2, ...this.at(event)));
    this.canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.nearer(Math.exp(-event.deltaY / 300), ...this.at(event));
    }, { passive: false });
    on("keydown", this.key);
    this.buttons.forEach((button) => {
      button.addEventListener("click", () => this.choose(button));
      button.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const next = this.buttons.at((this.buttons.indexOf(button) + step) % this.buttons.length);
        this.choose(next);
        next.focus();
      });
    });
  }

  choose(chosen) {
    this.mode = chosen.dataset.mode;
    this.canvas.dataset.mode = this.mode;
    for (const button of this.buttons) {
      button.setAttribute("aria-checked", String(button === chosen));
      button.tabIndex = button === chosen ? 0 : -1;
    }
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  nearer(factor, left, top) {
    this.map.view.scale(factor, left, top);
    this.map.point(null);
    this.map.draw();
  }

  down(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.at(event));
    this.from = this.at(event);
    this.still = this.pointers.size === 1;
    this.outline = [this.from];
  }

  moved(event) {
    const now = this.at(event), before = this.pointers.get(event.pointerId);
    if (!before) { this.map.point(this.map.nearest(...now)); return; }
    if (this.still && Math.hypot(now[0] - this.from[0], now[1] - this.from[1]) < STILL) return;
    this.still = false;
    this.map.point(null);
    this.pointers.set(event.pointerId, now);
    if (this.pointers.size === 2) this.pinch(event.pointerId, before, now);
    else if (this.mode === "move") { this.map.view.move(now[0] - before[0], now[1] - before[1]); this.map.draw(); }
    else this.sketch(now);
  }

  // Two fingers: the distance between them zooms, their middle moves.
  pinch(moving, before, now) {
    const [, other] = [...this.pointers].find(([id]) => id !== moving);
    const apart = (point) => Math.max(8, Math.hypot(point[0] - other[0], point[1] - other[1]));
    this.map.view.move((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
    this.nearer(apart(now) / apart(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
  }

  sketch(now) {
    if (this.mode === "lasso") this.outline.push(now);
    else {
      const [[x, y]] = this.outline;
      this.outline = [[x, y], [now[0], y], now, [x, now[1]]];
    }
    this.draft.replaceChildren(shape("polygon", { points: this.outline.map((point) => point.join(",")).join(" ") }));
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (this.still) this.map.keep(this.map.nearest(...this.from));
    else if (this.mode !== "move" && this.outline.length > 2) this.map.select(this.outline);
    this.draft.replaceChildren();
  }

  stop(event) {
    this.pointers.delete(event.pointerId);
    this.draft.replaceChildren();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    const zooms = { "+": "in", "=": "in", "-": "out", "0": "all" };
    if (moves[event.key]) { this.map.view.move(...moves[event.key]); this.map.draw(); }
    else if (zooms[event.key]) this.map.zoom(zooms[event.key]);
    else return;
    this.map.point(null);
    event.preventDefault();
  }
}
