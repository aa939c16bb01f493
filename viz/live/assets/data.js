// The numbers of the page: one JSON, from which every view is made. The examples in it are unpacked when they are opened.

import { find } from "./dom.js";

export const data = JSON.parse(find("data").textContent);

/** What is being looked at. */
export const state = { scene: data.scenes[0], place: 0, chosen: null, entry: null, part: null };

const listeners = {};

export function on(event, listener) {
  (listeners[event] ??= []).push(listener);
}

export function tell(event) {
  for (const listener of listeners[event] ?? []) listener();
}

/** Look at the average, which is scene 0, or at one of the examples. */
export async function look(place) {
  const packed = data.scenes[place];
  const scene = typeof packed === "string" ? JSON.parse(await unpacked(packed)) : packed;
  data.scenes[place] = scene;
  Object.assign(state, { scene, place });
  tell("scene");
  tell("chosen");
}

async function unpacked(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
}

/** Choose a node by its place in the table, perhaps an entry of it, and the part of a picture that shows that. */
export function choose(place, entry = null, part = null) {
  Object.assign(state, { chosen: place, entry, part });
  tell("chosen");
}

/** The place of the node that a box shows; null for a box that holds several. */
export const placeOfBox = (key) => boxes.get(key) ?? null;

/** The place of a node by its number in the graph; null for one that the table does not list. */
export const placeOfNode = (index) => places.get(index) ?? null;

const places = new Map(data.nodes.map(({ index }, place) => [index, place]));
const boxes = new Map();
const counts = new Map();
for (const { box } of data.nodes) counts.set(box, (counts.get(box) ?? 0) + 1);
data.nodes.forEach((node, place) => {
  if (node.box.startsWith("node-") && counts.get(node.box) === 1) boxes.set(node.box, place);
});
