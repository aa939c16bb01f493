// Training examples: a bar for the cost of each, and one for their average.

import { data, showExample, on, state } from "./data.js";
import { find, make } from "./dom.js";
import { formatNumber, parseNumber } from "./number_format.js";

const section = find("examples");

export function startExamples() {
  if (!data.examples) return;
  const costs = data.examples.costs.map(parseNumber);
  const average = parseNumber(data.views[0].cost);
  const highest = Math.max(...costs.filter(Number.isFinite), average) || 1;
  const button = (index, label, cost) => {
    const bar = make("span", { class: "bar" });
    bar.style.height = `${Math.max(2, 42 * (Math.max(0, cost) / highest))}px`;
    return make("button", {
      type: "button", class: index ? "" : "average", "aria-pressed": String(index === 0), id: `example-${index}`,
      "aria-label": `${index ? `example ${label}` : label}: ${data.cost} = ${formatNumber(cost)}`, title: `${data.cost} = ${formatNumber(cost)}`,
      onclick: () => showExample(index),
    }, bar, label);
  };
  const buttons = [button(0, "average", average), ...costs.map((cost, i) => button(i + 1, String(i), cost))];
  const words = make("p", { class: "words", "aria-live": "polite" });
  section.append(make("div", { class: "bars", role: "group", "aria-label": "Example" }, buttons), words);
  section.hidden = false;
  const update = () => {
    buttons.forEach((b, index) => b.setAttribute("aria-pressed", String(index === state.example)));
    const few = data.examples.total > costs.length ? ` The page has the first ${costs.length}, to stay small.` : "";
    words.textContent = state.example
      ? `Example ${state.example - 1} alone: cost ${formatNumber(costs[state.example - 1])}, with the gradients of this example. A training step uses the average over all ${data.examples.total}.`
      : `Cost and gradients are averages over ${data.examples.total} training examples.${few}`;
  };
  on("view", update);
  update();
}
