// Numbers formatted as in viz.format.numbers: the same digits, rounded the same way, with a true minus sign.

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** Parse a number of the JSON, where NaN and infinities are strings. */
export function parseNumber(value) {
  return typeof value === "string" ? Number(value) : value;
}

export function formatNumber(value, digits = 4) {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const [mantissa, exponent] = rounded(Math.abs(value), digits);
  const minus = value < 0 ? "−" : "";
  if (exponent >= -4 && exponent < Math.max(digits, 5)) return minus + fixed(mantissa, exponent);
  const bare = mantissa.replace(/0+$/, "");
  const shown = bare.length > 1 ? `${bare[0]}.${bare.slice(1)}` : bare;
  return `${minus}${shown}·10${[...String(exponent)].map((c) => RAISED[c]).join("")}`;
}

/** Format with the glyph of the sign, so that colour is not needed. */
export function formatSigned(value, digits = 4) {
  return (value > 0 ? "▲ " : value < 0 ? "▼ " : "") + formatNumber(value, digits);
}

/** Format a change, always with a sign. */
export function formatChange(value, digits = 4) {
  return (value > 0 ? "+" : "") + formatNumber(value, digits);
}

/** Format with a fixed number of decimals. */
export function formatDecimals(value, places) {
  if (!Number.isFinite(value)) return formatNumber(value);
  const text = value.toFixed(places);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

/** Return the digits and the power of ten; ties round to even, as in Python. */
function rounded(size, digits) {
  const [long, power] = size.toExponential(60).split("e");
  const all = long.replace(".", "");
  const [kept, rest] = [all.slice(0, digits), all.slice(digits)];
  const half = "5".padEnd(rest.length, "0");
  const up = rest > half || (rest === half && Number(kept.at(-1)) % 2 === 1);
  if (!up) return [kept, Number(power)];
  const more = String(BigInt(kept) + 1n);
  return more.length > digits ? [more.slice(0, digits), Number(power) + 1] : [more.padStart(digits, "0"), Number(power)];
}

function fixed(mantissa, exponent) {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${mantissa}`.replace(/0+$/, "");
  const whole = mantissa.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const part = mantissa.slice(exponent + 1).replace(/0+$/, "");
  return part ? `${whole}.${part}` : whole;
}
