// Several pictures of one network: one is seen at a time, and each follows the example.

import { data, on, state } from "./data.js";
import { camera } from "./diagram.js";
import { find, make } from "./dom.js";
import { listen } from "./pointing.js";

export function startTabs() {
  const panels = data.panels.map(({ key }) => find(`panel-${key}`));
  panels.slice(1).forEach((panel, i) => {
    const { key, parts } = data.panels[i + 1];
    data.scenes[0].pictures[key] = panel.innerHTML;
    panel.hidden = true;
    const again = listen(panel, parts);
    on("scene", () => {
      const drawn = state.scene.pictures[key];
      if (!drawn) return;
      panel.innerHTML = drawn; // written by viz, every word of the user's escaped
      again();
    });
  });
  if (panels.length < 2) return;
  const tabs = data.panels.map(({ key, title }, place) => make("button", {
    type: "button", role: "tab", id: `tab-${key}`, "aria-controls": `panel-${key}`, onclick: () => open(place),
    onkeydown: (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (by) open((place + by + tabs.length) % tabs.length).focus();
    },
  }, title));
  function open(place) {
    panels.forEach((panel, i) => { panel.hidden = i !== place; });
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === place));
      tab.tabIndex = i === place ? 0 : -1;
    });
    for (const part of document.querySelectorAll(".tools, .player")) part.toggleAttribute("hidden", place !== 0);
    if (place === 0) camera.show();
    return tabs[place];
  }
  find("tabs").append(...tabs);
  find("tabs").hidden = false;
  open(0);
}
