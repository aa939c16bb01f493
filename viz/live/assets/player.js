// Backpropagation step by step: forward box by box, backward arrow by arrow, with a caption for each step.

import { data, on, state } from "./data.js";
import { camera, drawing, highlightPaths, part, boundsOf } from "./diagram.js";
import { draw, find, makeIconButton, prefersReducedMotion, make } from "./dom.js";
import { typeset } from "./math_text.js";

const player = find("player");
const PACE = 1500;
let at = -1; // −1: no step, everything is visible
let timer = 0;
let scrubber, play, said, count, buttons, bead = null;

const steps = () => state.view.steps;

/** Go to a step; −1 and less shows everything. */
export function go(step, { moves = true } = {}) {
  at = Math.max(-1, Math.min(step, steps().length - 1));
  paint(moves);
  if (at === steps().length - 1) pause();
}

function paint(moves) {
  const svg = drawing();
  bead?.remove();
  svg.classList.toggle("steps", at >= 0);
  for (const element of svg.querySelectorAll(".now, .later, .passed, .returned, .empty")) {
    element.classList.remove("now", "later", "passed", "returned", "empty");
  }
  if (at >= 0) reveal();
  highlightPaths();
  showCaption();
  const step = steps()[at];
  if (!step) return;
  const element = part(step.arrow ?? step.box);
  for (const key of [step.box, step.arrow]) part(key)?.classList.add("now");
  if (!element) return;
  if (moves) camera.visit(step.arrow ? boundsAround([step.box, ...(data.arrows[step.arrow] ?? [])]) : boundsOf(element));
  if (step.arrow && moves) travel(element);
}

/** Show what is computed at this step, and hide the rest. */
function reveal() {
  const forward = new Set();
  const full = new Set();
  const returned = new Set();
  steps().slice(0, at + 1).forEach((step) => {
    if (step.phase === "forward") forward.add(step.box);
    else {
      if (step.arrow) returned.add(step.arrow);
      if (!step.arrow || step.complete) full.add(step.box);
    }
  });
  for (const box of drawing().querySelectorAll(".box")) {
    box.classList.toggle("later", !forward.has(box.id));
    box.classList.toggle("empty", !full.has(box.id));
  }
  for (const [key, ends] of Object.entries(data.arrows)) {
    part(key)?.classList.toggle("returned", returned.has(key));
    part(key)?.classList.toggle("passed", ends.every((end) => forward.has(end)));
  }
}

function boundsAround(keys) {
  const boxes = [...new Set(keys)].map(part).filter(Boolean).map(boundsOf);
  const left = Math.min(...boxes.map((b) => b.x));
  const top = Math.min(...boxes.map((b) => b.y));
  return {
    x: left, y: top,
    width: Math.max(...boxes.map((b) => b.x + b.width)) - left,
    height: Math.max(...boxes.map((b) => b.y + b.height)) - top,
  };
}

/** Move a bead backward along the arrow. */
function travel(arrow) {
  const line = arrow.querySelector("path");
  if (!line || prefersReducedMotion()) return;
  const [length, began, step] = [line.getTotalLength(), performance.now(), at];
  const mine = bead = draw("circle", { class: "bead", r: 7 });
  arrow.append(bead);
  const frame = (now) => {
    if (step !== at || !mine.isConnected) return;
    const passed = Math.min(1, (now - began) / 700);
    const point = line.getPointAtLength(length * (1 - passed * passed * (3 - 2 * passed)));
    mine.setAttribute("cx", point.x);
    mine.setAttribute("cy", point.y);
    if (passed < 1) requestAnimationFrame(frame);
    else mine.remove();
  };
  requestAnimationFrame(frame);
}

function showCaption() {
  const step = steps()[at];
  const total = steps().length;
  scrubber.max = total;
  scrubber.value = at + 1;
  scrubber.style.setProperty("--done", `${(100 * (at + 1)) / total}%`);
  scrubber.setAttribute("aria-valuetext", step ? `step ${at + 1} of ${total}: ${step.caption}` : "complete picture");
  count.textContent = step ? `${at + 1} of ${total}` : `${total} steps`;
  said.replaceChildren(...(step
    ? [
        make("span", { class: `phase ${step.phase}` }, step.phase),
        ...typeset(step.caption),
      ]
    : ["Play the forward pass, box by box, then the backward pass, arrow by arrow. Arrow keys step; Escape shows everything."]));
  buttons.first.disabled = buttons.back.disabled = at < 0;
  buttons.next.disabled = at === total - 1;
}

// -- playing

function start() {
  if (at === steps().length - 1) go(-1);
  play.setAttribute("aria-pressed", "true");
  play.setAttribute("aria-label", "Pause");
  play.title = "Pause";
  play.replaceChildren(...makeIconButton("", [["M5 3v10M11 3v10"]]).childNodes);
  timer = setInterval(() => go(at + 1), PACE);
  go(at + 1);
}

export function pause() {
  clearInterval(timer);
  timer = 0;
  play.setAttribute("aria-pressed", "false");
  play.setAttribute("aria-label", "Play");
  play.title = "Play";
  play.replaceChildren(...makeIconButton("", [["M5 3l8 5-8 5z", true]]).childNodes);
}

function goTo(step) {
  pause();
  go(step);
}

const TYPING = "input, select, textarea, [role=slider], [role=tab], summary";

function key(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest?.(TYPING)) return;
  const moves = { ArrowRight: at + 1, ArrowLeft: at - 1, Escape: -1 };
  if (!(event.key in moves) || (event.key === "Escape" && at < 0)) return;
  event.preventDefault();
  goTo(moves[event.key]);
}

export function startPlayer() {
  buttons = {
    first: makeIconButton("Show everything", [["M4 3v10M13 3L6 8l7 5z", true]], () => goTo(-1), { id: "first" }),
    back: makeIconButton("Step back", [["M10 3L5 8l5 5"]], () => goTo(at - 1), { id: "back" }),
    next: makeIconButton("Step forward", [["M6 3l5 5-5 5"]], () => goTo(at + 1), { id: "next" }),
  };
  play = makeIconButton("Play", [["M5 3l8 5-8 5z", true]], () => (timer ? pause() : start()), { id: "play" });
  scrubber = make("input", { type: "range", min: 0, value: 0, step: 1, id: "scrubber", "aria-label": "Step", oninput: () => goTo(Number(scrubber.value) - 1) });
  said = make("div", { class: "said", id: "said", "aria-live": "polite" });
  count = make("span", { class: "count" });
  player.append(make("div", { class: "keys" }, buttons.first, buttons.back, play, buttons.next), scrubber, count, said);
  player.hidden = false;
  document.addEventListener("keydown", key);
  on("view", () => go(at, { moves: false }));
  showCaption();
}
