// The node and the entry that a part of the neuron picture shows, parsed from the id of the part.

import { rowOfNode, state } from "./data.js";

/** Parse the kind and the numbers of a part. */
export function parsePart(part, panel) {
  const [kind, ...numbers] = part.id.slice(`${panel.id}-`.length - "panel-".length).split("-");
  return { kind, numbers: numbers.map(Number) };
}

/** Find the row of the node in the table and its entry; null for a node that is not listed. */
export function findNode({ columns, cost }, { kind, numbers: [depth = 0, i = 0, before, k, which = 0] }) {
  const layer = layerAt(columns[depth], i);
  const j = i - layer.first;
  if (kind === "cost") return locate(cost);
  if (kind === "target") return locate(layer.target);
  if (kind !== "weight") return locate(layer.node, (shape) => neuronEntry(shape, layer.axis, j));
  const [node, axes] = layer.weights[which];
  const from = k - layerAt(columns[before], k).first;
  return locate(node, () => [...axes].map((axis) => (axis === "k" ? from : j)));
}

const layerAt = (column, i) => column.findLast(({ first }) => first <= i);

function locate(index, entryIn = () => []) {
  const row = rowOfNode(index);
  if (row === null) return null;
  return { row, entry: entryIn(state.view.nodes[row].value.shape ?? []).join() || null };
}

/** Return the entry of a neuron's activation; empty if it has one entry per example. */
function neuronEntry(shape, axis, j) {
  const alone = axis !== null && shape.every((length, i) => i === axis || length === 1);
  return alone ? shape.map((_, i) => (i === axis ? j : 0)) : [];
}
