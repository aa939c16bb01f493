// Which node of the graph, and which entry of it, a part of the network as neurons shows: read from the id of the part.

import { placeOfNode, state } from "./data.js";

/** What a part is: its kind, and its numbers. */
export function read(part, panel) {
  const [kind, ...numbers] = part.id.slice(`${panel.id}-`.length - "panel-".length).split("-");
  return { kind, numbers: numbers.map(Number) };
}

/** The place of the node in the table, and the entry; null where there is no such node. `columns` say what is where. */
export function shownBy({ columns, cost }, { kind, numbers: [depth = 0, i = 0, before, k, which = 0] }) {
  const layer = layerAt(columns[depth], i);
  const j = i - layer.first;
  if (kind === "cost") return found(cost);
  if (kind === "target") return found(layer.target);
  if (kind !== "weight") return found(layer.node, (shape) => ofNeuron(shape, layer.axis, j));
  const [node, axes] = layer.weights[which];
  const from = k - layerAt(columns[before], k).first;
  return found(node, () => [...axes].map((axis) => (axis === "k" ? from : j)));
}

const layerAt = (column, i) => column.findLast(({ first }) => first <= i);

function found(index, entryIn = () => []) {
  const place = placeOfNode(index);
  if (place === null) return null;
  return { place, entry: entryIn(state.scene.nodes[place].value.shape ?? []).join() || null };
}

/** The entry of a neuron's activation; none where there is one for each example. */
function ofNeuron(shape, axis, j) {
  const alone = axis !== null && shape.every((length, place) => place === axis || length === 1);
  return alone ? shape.map((_, place) => (place === axis ? j : 0)) : [];
}
