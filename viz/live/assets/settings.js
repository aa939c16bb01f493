// Appearance of the page: light, dark or as the system, and the size of its text.

import { find, make } from "./dom.js";

const THEMES = [["", "Auto"], ["light", "Light"], ["dark", "Dark"]];
const SIZES = [0.85, 1, 1.15, 1.3, 1.5, 1.75, 2];
let size = 1;

function store(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(`graphcore-page-${name}`);
    localStorage.setItem(`graphcore-page-${name}`, value);
  } catch {
    // a sandboxed frame has no storage
  }
  return null;
}

export function startSettings() {
  const root = document.documentElement;
  const buttons = THEMES.map(([name, label]) => make("button", { type: "button", id: `theme-${name || "auto"}`, onclick: () => theme(name) }, label));
  function theme(name) {
    if (name) root.dataset.theme = name;
    else delete root.dataset.theme;
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(THEMES[i][0] === name)));
    store("theme", name);
  }
  function resize(by) {
    size = Math.max(0, Math.min(SIZES.length - 1, size + by));
    root.style.setProperty("--size", SIZES[size]);
    store("size", String(size));
  }
  find("settings").append(
    make("div", { class: "group", role: "group", "aria-label": "Colours" }, buttons),
    make("div", { class: "group", role: "group", "aria-label": "Text size" },
      make("button", { type: "button", id: "smaller", "aria-label": "Smaller text", onclick: () => resize(-1) }, "A−"),
      make("button", { type: "button", id: "larger", "aria-label": "Larger text", onclick: () => resize(1) }, "A+")),
  );
  find("settings").hidden = false;
  const before = store("theme");
  theme(["light", "dark"].includes(before) ? before : "");
  const sized = Number(store("size") ?? 1);
  if (Number.isInteger(sized)) resize(sized - size);
}
