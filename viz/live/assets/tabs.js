// Tabs for several pictures of one network; each follows the example.

import { data, on, state } from "./data.js";
import { camera } from "./diagram.js";
import { find, make } from "./dom.js";
import { listen } from "./network_panel.js";

export function startTabs() {
  const panels = data.panels.map(({ key }) => find(`panel-${key}`));
  panels.slice(1).forEach((panel, i) => {
    const { key, parts } = data.panels[i + 1];
    data.views[0].pictures[key] = panel.innerHTML;
    panel.hidden = true;
    const update = listen(panel, parts);
    on("view", () => {
      const drawn = state.view.pictures[key];
      if (!drawn) return;
      panel.innerHTML = drawn; // made by viz with all user text escaped
      update();
    });
  });
  if (panels.length < 2) return;
  const tabs = data.panels.map(({ key, title }, index) => make("button", {
    type: "button", role: "tab", id: `tab-${key}`, "aria-controls": `panel-${key}`, onclick: () => open(index),
    onkeydown: (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (by) open((index + by + tabs.length) % tabs.length).focus();
    },
  }, title));
  function open(index) {
    panels.forEach((panel, i) => { panel.hidden = i !== index; });
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
    });
    for (const part of document.querySelectorAll(".tools, .player")) part.toggleAttribute("hidden", index !== 0);
    if (index === 0) camera.show();
    return tabs[index];
  }
  find("tabs").append(...tabs);
  find("tabs").hidden = false;
  open(0);
}
