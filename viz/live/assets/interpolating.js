// Between the points that the network computed: a straight line, and how far it can be trusted.

/** Where an answer is when the handle is at t: between two computed points, a straight line. */
export function answerAt(line, answer, t) {
  const at = line.at;
  if (t === line.start) return answer.at;
  let [low, high] = [0, at.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at[middle] <= t) low = middle;
    else high = middle;
  }
  const part = (t - at[low]) / (at[high] - at[low]);
  return answer.values[low] + (answer.values[high] - answer.values[low]) * part;
}

/** Where the derivative says that it will be. */
export const predicted = (line, answer, t) => answer.at + answer.rate * (t - line.start);

/** From the lowest to the highest that was computed. */
export function rangeOf(answer) {
  const values = [...answer.values, answer.at].filter(Number.isFinite);
  return values.length ? { low: Math.min(...values), high: Math.max(...values) } : { low: 0, high: 0 };
}

/** As many decimals as are known between the points; null where nothing moves. */
export function places(answer, error) {
  const { low, high } = rangeOf(answer);
  const span = high - low;
  if (!span) return null;
  const sure = Math.max((error * span) / 640, span * 2e-5, 1e-12);
  return Math.max(0, Math.min(8, Math.floor(-Math.log10(2 * sure))));
}
