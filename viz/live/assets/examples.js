// Training examples: each with a bar as high as its cost, and the average that the batch costs.

import { data, look, on, state } from "./data.js";
import { find, make } from "./dom.js";
import { number, revived } from "./numbers.js";

const section = find("examples");

export function startExamples() {
  if (!data.examples) return;
  const costs = data.examples.costs.map(revived);
  const average = revived(data.scenes[0].cost);
  const highest = Math.max(...costs.filter(Number.isFinite), average) || 1;
  const button = (place, label, cost) => {
    const bar = make("span", { class: "bar" });
    bar.style.height = `${Math.max(2, 42 * (Math.max(0, cost) / highest))}px`;
    return make("button", {
      type: "button", class: place ? "" : "average", "aria-pressed": String(place === 0), id: `example-${place}`,
      "aria-label": `${place ? `example ${label}` : label}: ${data.cost} = ${number(cost)}`, title: `${data.cost} = ${number(cost)}`,
      onclick: () => look(place),
    }, bar, label);
  };
  const buttons = [button(0, "average", average), ...costs.map((cost, i) => button(i + 1, String(i), cost))];
  const words = make("p", { class: "words", "aria-live": "polite" });
  section.append(make("div", { class: "bars", role: "group", "aria-label": "Which example" }, buttons), words);
  section.hidden = false;
  const say = () => {
    buttons.forEach((b, place) => b.setAttribute("aria-pressed", String(place === state.place)));
    const few = data.examples.all > costs.length ? ` The first ${costs.length} can be looked at one by one; more would make this page too large to be mailed.` : "";
    words.textContent = state.place
      ? `Training example ${state.place - 1} alone costs ${number(costs[state.place - 1])}. Its gradients say what this example wants; the step that is taken is the average over all ${data.examples.all}.`
      : `The cost is the average over ${data.examples.all} training examples, and so is its gradient.${few}`;
  };
  on("scene", say);
  say();
}
