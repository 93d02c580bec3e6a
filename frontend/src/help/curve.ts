/** A normal distribution with its share of a mixture. */
export interface Part {
  weight: number;
  mean: number;
  deviation: number;
}

/** Density of a normal distribution. */
export function normal(x: number, mean: number, deviation: number): number {
  const z = (x - mean) / deviation;
  return Math.exp(-0.5 * z * z) / (Math.sqrt(2 * Math.PI) * deviation);
}

/** Weight times density of each part. */
export function shares(x: number, parts: Part[]): number[] {
  return parts.map((part) => part.weight * normal(x, part.mean, part.deviation));
}

/** Density of the mixture: the sum of its parts. */
export function density(x: number, parts: Part[]): number {
  return shares(x, parts).reduce((sum, share) => sum + share, 0);
}

/** Probability of each part at x, by Bayes' rule. In logs: far out all densities are 0. */
export function responsibilities(x: number, parts: Part[]): number[] {
  const logs = parts.map(
    ({ weight, mean, deviation }) =>
      Math.log(weight) - Math.log(deviation) - 0.5 * ((x - mean) / deviation) ** 2,
  );
  const top = Math.max(...logs);
  const scaled = logs.map((value) => Math.exp(value - top));
  const sum = scaled.reduce((total, value) => total + value, 0);
  return scaled.map((value) => value / sum);
}

/** How many peaks the density has, counted at `n` + 1 places. */
export function peaks(parts: Part[], low: number, high: number, n = 2000): number {
  const step = (high - low) / n;
  const heights = Array.from({ length: n + 1 }, (_, i) => density(low + i * step, parts));
  let count = 0;
  for (let i = 1; i < n; i++) {
    if (heights[i] > heights[i - 1] && heights[i] >= heights[i + 1]) count++;
  }
  return count;
}
