// Linear interpolation between the grid points that the network computed, and its precision.

/** The value of a curve with the handle at t. */
export function valueAt(line, curve, t) {
  const { grid } = line;
  if (t === line.start) return curve.start;
  let [low, high] = [0, grid.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (grid[middle] <= t) low = middle;
    else high = middle;
  }
  const part = (t - grid[low]) / (grid[high] - grid[low]);
  return curve.values[low] + (curve.values[high] - curve.values[low]) * part;
}

/** The value that the derivative predicts. */
export const predict = (line, curve, t) => curve.start + curve.slope * (t - line.start);

/** The lowest and the highest computed value. */
export function findRange(curve) {
  const values = [...curve.values, curve.start].filter(Number.isFinite);
  return values.length ? { low: Math.min(...values), high: Math.max(...values) } : { low: 0, high: 0 };
}

/** The number of decimals that interpolation gets right; null for a constant. */
export function countDecimals(curve, error) {
  const { low, high } = findRange(curve);
  const span = high - low;
  if (!span) return null;
  const sure = Math.max((error * span) / 640, span * 2e-5, 1e-12);
  return Math.max(0, Math.min(8, Math.floor(-Math.log10(2 * sure))));
}
