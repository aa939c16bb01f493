// The data of the page, one JSON document; an example is decompressed when it is opened.

import { find } from "./dom.js";

export const data = JSON.parse(find("data").textContent);

/** The current view and selection. */
export const state = { view: data.views[0], example: 0, selected: null, entry: null, part: null };

const listeners = {};

export function on(event, listener) {
  (listeners[event] ??= []).push(listener);
}

export function emit(event) {
  for (const listener of listeners[event] ?? []) listener();
}

/** Show the average over the batch, view 0, or one of the examples. */
export async function showExample(example) {
  const stored = data.views[example];
  const view = typeof stored === "string" ? JSON.parse(await decompress(stored)) : stored;
  data.views[example] = view;
  Object.assign(state, { view, example });
  emit("view");
  emit("selection");
}

async function decompress(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
}

/** Select a node by its row in the table, optionally an entry of it, and the part of a picture that shows it. */
export function select(row, entry = null, part = null) {
  Object.assign(state, { selected: row, entry, part });
  emit("selection");
}

/** The row of the node that a box shows; null for a box of several nodes. */
export const rowOfBox = (key) => boxes.get(key) ?? null;

/** The row of a node by its index in the graph; null for one that the table does not list. */
export const rowOfNode = (index) => rows.get(index) ?? null;

const rows = new Map(data.nodes.map(({ index }, row) => [index, row]));
const boxes = new Map();
const counts = new Map();
for (const { box } of data.nodes) counts.set(box, (counts.get(box) ?? 0) + 1);
data.nodes.forEach((node, row) => {
  if (node.box.startsWith("node-") && counts.get(node.box) === 1) boxes.set(node.box, row);
});
