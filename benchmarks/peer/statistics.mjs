// Order statistics, the bootstrap and the fitted line, as in src/Evaluation/Statistics.

/** Order statistic with linear interpolation between the neighbours. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

export const median = (values) => quantile(values, 0.5);

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Median of the values and the 95 % percentile interval of 10,000 resampled medians (Efron 1979); seeded. */
export function bootstrapMedian(values, seed = 42, resamples = 10_000) {
  const next = random(seed);
  const medians = Array.from({ length: resamples }, () => median(values.map(() => values[Math.floor(next() * values.length)])));
  return { n: values.length, median: median(values), low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}

/** Least squares y = a + c x; null where all x are equal. */
export function lineFit(points) {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (!(spread > 0)) {
    return null;
  }
  const c = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
  return { a: meanY - c * meanX, c };
}
