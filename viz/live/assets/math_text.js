// Formulas typeset: letters in italics, digits after a letter as subscripts, words upright.

import { make } from "./dom.js";

const PIECES = /((?:(?![ΔΣ\p{Lm}])\p{L})+)(\d+)?(′+)?/gu; // Δ and Σ stand before letters, as ∂ does

const SYMBOL = String.raw`(?:[\p{L}\p{N}_#₀-₉]+|\([^()]*\))(?:\[[^\]]*\])?`;
const DERIVATIVE = new RegExp(`(∂${SYMBOL})/(∂${SYMBOL})`, "gu");

/** Typeset with derivatives as fractions, which are still copied and read aloud as "∂C/∂w". */
export function display(text) {
  const nodes = [];
  let done = 0;
  for (const { 0: whole, 1: upper, 2: lower, index } of text.matchAll(DERIVATIVE)) {
    nodes.push(...typeset(text.slice(done, index)), make("span", { class: "fraction" },
      make("span", {}, typeset(upper)), make("span", { class: "slash" }, "/"), make("span", {}, typeset(lower))));
    done = index + whole.length;
  }
  return [...nodes, ...typeset(text.slice(done))];
}

/** Typeset words and formulas as nodes; their text does not change. */
export function typeset(text) {
  const nodes = [];
  let done = 0;
  for (const found of text.matchAll(PIECES)) {
    const [whole, letters, digits, primes] = found;
    if ([...letters].length > 1 || isWord(text, found.index, whole.length)) continue;
    nodes.push(text.slice(done, found.index), make("i", {}, letters), primes ?? "");
    if (digits) nodes.splice(nodes.length - 1, 0, make("sub", {}, digits));
    done = found.index + whole.length;
  }
  nodes.push(text.slice(done));
  return nodes.filter((node) => node !== "");
}

/** True for a letter that is a word, such as "a", or part of a name such as sum_1 or multiply#4. */
function isWord(text, start, length) {
  const [before, after] = [text.slice(0, start), text.slice(start + length)];
  if (/(?:(?![ΔΣ\p{Lm}])\p{L}|[\d_#.])$/u.test(before) || /^[\p{Lu}\p{Ll}_#]/u.test(after)) return true;
  return length === 1 && /^ [\p{L}]{2}/u.test(after) && /(^|[\p{L}.,;:] )$/u.test(before);
}
