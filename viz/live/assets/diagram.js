// The gradient diagram: tooltips, selection, search, highlighted paths, and an overview map.

import { Camera } from "./camera.js";
import { hideTooltip, showTooltip, moveTitle } from "./tooltip.js";
import { select, data, on, rowOfBox, state } from "./data.js";
import { draw, find, makeIconButton, make } from "./dom.js";

const panel = find("panel-diagram");
const tools = find("tools");
export const camera = new Camera(panel, () => showSeen());
let map = null;
let parts = new Map();

/** The element of a box or an arrow. */
export const part = (key) => parts.get(key);
export const drawing = () => panel.querySelector("svg");
/** The bounds of an element in the drawing. */
export function boundsOf(element) {
  const box = element.getBBox();
  const shift = drawing().querySelector("g").transform.baseVal.consolidate()?.matrix ?? { e: 0, f: 0 };
  return { x: box.x + shift.e, y: box.y + shift.f, width: box.width, height: box.height };
}

function prepare() {
  parts = new Map();
  for (const arrow of panel.querySelectorAll(".arrow")) parts.set(arrow.id, arrow);
  for (const box of panel.querySelectorAll(".box")) {
    parts.set(box.id, box);
    const { x, y, width, height } = box.getBBox();
    box.append(draw("rect", { class: "ring", x: x - 4, y: y - 4, width: width + 8, height: height + 8, rx: 9 }));
    box.setAttribute("tabindex", "0");
    box.setAttribute("role", "button");
  }
  for (const element of parts.values()) moveTitle(element);
  camera.load(drawing());
  makeMap();
}

// -- tooltips and selection

const target = (event) => event.target.closest?.(".box, .arrow");

function listen() {
  panel.addEventListener("pointerover", (event) => {
    const element = target(event);
    if (element && !panel.classList.contains("dragged")) showTooltip(element, event);
    else hideTooltip();
  });
  panel.addEventListener("pointerleave", hideTooltip);
  panel.addEventListener("pointerdown", hideTooltip);
  panel.addEventListener("focusin", (event) => {
    const box = event.target.closest(".box");
    if (!box?.matches(":focus-visible")) return;
    camera.visit(boundsOf(box));
    showTooltip(box);
  });
  panel.addEventListener("focusout", hideTooltip);
  panel.addEventListener("click", (event) => {
    if (camera.dragged) return;
    const box = event.target.closest(".box");
    if (box) selectBox(box.id);
    else if (!event.target.closest(".arrow")) select(null);
  });
  panel.addEventListener("keydown", (event) => {
    const box = event.target.closest?.(".box");
    if (box && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      selectBox(box.id);
    }
  });
}

function selectBox(key) {
  select(rowOfBox(key) ?? key);
}

/** Highlight the paths of the selected node. */
export function highlightPaths() {
  const svg = drawing();
  for (const element of panel.querySelectorAll(".highlighted, .selected")) element.classList.remove("highlighted", "selected");
  const key = typeof state.selected === "string" ? state.selected : data.nodes[state.selected]?.box;
  const arrows = state.view.nodes[state.selected]?.explanation?.arrows ?? [];
  svg.classList.toggle("has-highlights", arrows.length > 0 && !svg.classList.contains("steps"));
  for (const arrow of arrows) {
    const element = part(arrow);
    element?.classList.add("highlighted");
    for (const end of data.arrows[arrow] ?? []) part(end)?.classList.add("highlighted");
  }
  part(key)?.classList.add("selected", "highlighted");
  for (const place of map?.querySelectorAll(".place") ?? []) place.classList.toggle("selected", place.dataset.box === key);
}

// -- searching

function search(words) {
  const query = words.trim().toLowerCase();
  for (const box of panel.querySelectorAll(".found")) box.classList.remove("found");
  const matches = tools.querySelector(".found-count");
  if (!query) {
    matches.textContent = "";
    return [];
  }
  const exact = data.nodes.filter((node) => node.name.toLowerCase() === query);
  const hits = exact.length ? exact : data.nodes.filter((node) => node.search.toLowerCase().includes(query));
  const boxes = [...new Set(hits.map((node) => node.box))];
  boxes.forEach((key) => part(key)?.classList.add("found"));
  matches.textContent = hits.length ? `${hits.length} found` : "no match";
  if (boxes.length && part(boxes[0])) camera.visit(boundsOf(part(boxes[0])), true);
  return hits;
}

function makeTools() {
  const field = make("input", {
    type: "search", placeholder: "Find by name", "aria-label": "Find a node by name", id: "search",
    oninput: () => search(field.value),
    onkeydown: (event) => {
      if (event.key !== "Enter") return;
      const hits = search(field.value);
      if (hits.length) select(data.nodes.indexOf(hits[0]));
    },
  });
  tools.append(
    field,
    makeIconButton("Zoom in", [["M8 3v10M3 8h10"]], () => camera.zoom(1.25), { id: "closer" }),
    makeIconButton("Zoom out", [["M3 8h10"]], () => camera.zoom(0.8), { id: "farther" }),
    makeIconButton("Fit the width", [["M2 5V2h3M11 2h3v3M14 11v3h-3M5 14H2v-3"]], () => camera.fit(), { id: "fit" }),
    make("span", { class: "found found-count", "aria-live": "polite" }),
  );
  tools.hidden = false;
}

// -- the map

function makeMap() {
  map?.remove();
  const seen = draw("rect", { class: "seen", rx: 3 });
  map = draw("svg", { class: "map", viewBox: `0 0 ${camera.width} ${camera.height}`, "aria-hidden": "true" });
  for (const box of panel.querySelectorAll(".box")) {
    const { x, y, width, height } = boundsOf(box);
    const kind = box.classList.contains("parameter") ? "place parameter" : "place";
    map.append(draw("rect", { class: kind, x, y, width, height, rx: 12, "data-box": box.id }));
  }
  map.append(seen);
  const go = (event) => {
    const { left, top, width, height } = map.getBoundingClientRect();
    const view = camera.view;
    camera.x = ((event.clientX - left) / width) * camera.width - view.width / 2;
    camera.y = ((event.clientY - top) / height) * camera.height - view.height / 2;
    camera.show();
  };
  map.addEventListener("pointerdown", (event) => {
    map.setPointerCapture(event.pointerId);
    go(event);
  });
  map.addEventListener("pointermove", (event) => event.buttons && go(event));
  panel.parentElement.append(map);
}

function showSeen() {
  const seen = map?.querySelector(".seen");
  if (!seen) return;
  const { width, height } = camera.view;
  const [x, y] = [Math.max(0, camera.x), Math.max(0, camera.y)];
  seen.setAttribute("x", x);
  seen.setAttribute("y", y);
  seen.setAttribute("width", Math.max(0, Math.min(camera.width, camera.x + width) - x));
  seen.setAttribute("height", Math.max(0, Math.min(camera.height, camera.y + height) - y));
  map.toggleAttribute("hidden", width >= camera.width && height >= camera.height);
}

export function startDiagram() {
  const first = drawing().cloneNode(true);
  data.views[0].pictures = { diagram: first.outerHTML };
  panel.classList.add("moves");
  prepare();
  makeTools();
  listen();
  camera.fit();
  on("view", () => {
    panel.innerHTML = state.view.pictures.diagram; // made by viz with all user text escaped
    prepare();
    camera.show();
  });
  on("selection", highlightPaths);
}
