// The visible part of a drawing: dragged, pinched, scrolled, zoomed, or moved to an element.

import { prefersReducedMotion } from "./dom.js";

const CLOSEST = 4;
const MARGIN = 24;
const TOOLS = 66; // pixels at the top that the tools take

export class Camera {
  /** A camera for the svg inside a panel. */
  constructor(panel, onmove) {
    Object.assign(this, { panel, onmove, x: 0, y: 0, scale: 1, pointers: new Map(), moving: 0 });
    panel.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    panel.addEventListener("pointerdown", (event) => this.#down(event));
    panel.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) panel.addEventListener(end, (event) => this.#up(event));
    addEventListener("beforeprint", () => this.svg?.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`));
    addEventListener("afterprint", () => this.show());
    new ResizeObserver(() => (this.touched ? this.show() : this.fit())).observe(panel);
  }

  /** Load a drawing; the view stays if the last one had the same size. */
  load(svg) {
    this.svg = svg;
    this.width = svg.viewBox.baseVal.width;
    this.height = svg.viewBox.baseVal.height;
    svg.removeAttribute("width");
    svg.removeAttribute("height");
  }

  get view() {
    const { clientWidth, clientHeight } = this.panel;
    return { width: clientWidth / this.scale, height: clientHeight / this.scale };
  }

  /** Fit the width, from the top, or the whole drawing. */
  fit(whole = false) {
    if (!this.svg) return;
    this.touched = false;
    const { clientWidth, clientHeight } = this.panel;
    const across = clientWidth / (this.width + 2 * MARGIN);
    const down = clientHeight / (this.height + 2 * MARGIN);
    this.scale = whole ? Math.min(across, down, 1.5) : Math.min(across, 1.15);
    this.x = (this.width - clientWidth / this.scale) / 2;
    const middle = (this.height - clientHeight / this.scale) / 2;
    this.y = whole ? middle : Math.min(-TOOLS / this.scale, middle); // below the tools
    this.show();
  }

  zoom(factor, at = null) {
    this.touched = true;
    const { clientWidth, clientHeight } = this.panel;
    const [px, py] = at ?? [clientWidth / 2, clientHeight / 2];
    const least = Math.min(0.9 * clientWidth / this.width, 0.9 * clientHeight / this.height, 0.5);
    const scale = Math.min(CLOSEST, Math.max(least, this.scale * factor));
    this.x += px / this.scale - px / scale;
    this.y += py / this.scale - py / scale;
    this.scale = scale;
    this.show();
  }

  pan(dx, dy) {
    this.touched = true;
    this.x += dx / this.scale;
    this.y += dy / this.scale;
    this.show();
  }

  /** Bring a part of the drawing into view, unless it is already well inside. */
  visit({ x, y, width, height }, always = false) {
    const view = this.view;
    const tools = TOOLS / this.scale;
    const inside = x > this.x + 0.08 * view.width && x + width < this.x + 0.92 * view.width
      && y > this.y + tools && y + height < this.y + 0.94 * view.height;
    if (inside && !always) return;
    const wide = this.width < view.width ? (this.width - view.width) / 2 : x + width / 2 - view.width / 2;
    // a part that does not fit is shown from its upper end, below the tools
    this.#glide(wide, Math.min(y - tools, y + height / 2 - view.height / 2));
  }

  #glide(x, y) {
    this.touched = true;
    const [x0, y0, began, turn] = [this.x, this.y, performance.now(), ++this.moving];
    if (prefersReducedMotion()) {
      Object.assign(this, { x, y });
      this.show();
      return;
    }
    const frame = (now) => {
      if (turn !== this.moving) return;
      const part = Math.min(1, (now - began) / 320);
      const eased = 1 - (1 - part) ** 3;
      Object.assign(this, { x: x0 + (x - x0) * eased, y: y0 + (y - y0) * eased });
      this.show();
      if (part < 1) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  show() {
    if (!this.svg) return;
    const { width, height } = this.view;
    const [roomX, roomY] = [width * 0.85, height * 0.85];
    this.x = Math.min(this.width - width + roomX, Math.max(-roomX, this.x));
    this.y = Math.min(this.height - height + roomY, Math.max(-roomY, this.y));
    if (width > 0) this.svg.setAttribute("viewBox", `${this.x} ${this.y} ${width} ${height}`);
    this.onmove?.();
  }

  #wheel(event) {
    const box = this.panel.getBoundingClientRect();
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * 0.004), [event.clientX - box.left, event.clientY - box.top]);
      return;
    }
    const { height } = this.view;
    const [top, bottom] = [-MARGIN - 30 / this.scale, this.height + MARGIN - height];
    const next = this.y + event.deltaY / this.scale;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.pan(event.deltaX, 0);
    else if ((event.deltaY < 0 && this.y > top + 1) || (event.deltaY > 0 && this.y < bottom - 1)) {
      this.y = event.deltaY < 0 ? Math.max(top, next) : Math.min(bottom, next);
      this.show();
    } else return; // at an end the page scrolls
    event.preventDefault();
  }

  #down(event) {
    if (event.button) return;
    this.moving++;
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
    this.travelled = 0;
  }

  #move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY];
    if (this.pointers.size === 2) this.#pinch(event.pointerId, before, now);
    else {
      this.travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
      if (this.travelled > 4) {
        this.panel.setPointerCapture(event.pointerId);
        this.panel.classList.add("dragged");
        this.pan(before[0] - now[0], before[1] - now[1]);
      } else return;
    }
    this.pointers.set(event.pointerId, now);
  }

  #pinch(id, before, now) {
    const other = [...this.pointers].find(([key]) => key !== id)[1];
    const box = this.panel.getBoundingClientRect();
    const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
    this.travelled = 99;
    this.zoom(apart(now, other) / Math.max(1, apart(before, other)), [
      (now[0] + other[0]) / 2 - box.left, (now[1] + other[1]) / 2 - box.top,
    ]);
  }

  #up(event) {
    this.pointers.delete(event.pointerId);
    this.panel.classList.remove("dragged");
  }

  /** True if the last press was a drag, and so not a click. */
  get dragged() {
    return this.travelled > 4;
  }
}
