/** What is known of the mean of a normal distribution: it is normal itself. */
export interface NormalMean {
  location: number;
  variance: number;
}

/** Values, as far as their mean is concerned. */
export interface Seen {
  n: number;
  mean: number;
}

const REACH = 1.959963984540054; // deviations on either side that hold 95 % of a normal distribution

/** How many of the values there are, and their mean. */
export function seen(values: ArrayLike<number>): Seen {
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += (values[i] - mean) / (i + 1);
  return { n: values.length, mean };
}

/**
 * The posterior, given values of known variance (Gelman and others 2013, eqs. 2.11 and 2.12):
 * precisions add up, and the mean is the average of the means, weighted by them.
 */
export function updated(prior: NormalMean, { n, mean }: Seen, known: number): NormalMean {
  const variance = 1 / (n / known + 1 / prior.variance);
  return {
    location: prior.location + ((variance * n) / known) * (mean - prior.location),
    variance,
  };
}

/** The likelihood of the mean, scaled to area 1; null without values. */
export function likelihood({ n, mean }: Seen, known: number): NormalMean | null {
  return n === 0 ? null : { location: mean, variance: known / n };
}

/** The central interval of 95 %. */
export function interval({ location, variance }: NormalMean): [number, number] {
  const reach = REACH * Math.sqrt(variance);
  return [location - reach, location + reach];
}

/** Density of the mean at a place. */
export function density({ location, variance }: NormalMean, at: number): number {
  return Math.exp(-((at - location) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
}
