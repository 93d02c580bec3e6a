import type { Mixture } from "../api/types";
import { marginal } from "./marginal";
import { nTerms } from "./terms";

type Spike = NonNullable<Mixture["spikes"]>[number];

/** The number of the point mass that a value of a column is; -1 for none. */
export function spikeAt(mixture: Mixture, column: number, value: number): number {
  const spikes = mixture.spikes ?? [];
  return spikes.findIndex((spike) => spike.column === column && spike.value === value);
}

/** Logarithm of the probability that a term has a point mass. */
function logShare({ shares }: Spike, term: number): number {
  return Math.log(shares[term] ?? shares[0]);
}

/** Logarithm of what the point masses of the columns leave of 1 in a term, for rows at none. */
export function logRest(mixture: Mixture, term: number): number {
  const left = new Map<number, number>();
  for (const { column, shares } of mixture.spikes ?? []) {
    left.set(column, (left.get(column) ?? 1) - (shares[term] ?? shares[0]));
  }
  return [...left.values()].reduce((sum, rest) => sum + Math.log(Math.max(rest, 0)), 0);
}

/** The mixture that rows at some point masses are of: its other columns, of other weights. */
export interface Part {
  mixture: Mixture;
  features: number[];
  /** Logarithms of the factors on the weights. */
  factors: number[];
}

/** What a row is of: its features with a density are those observed that are at no point mass. */
export function partOf(
  mixture: Mixture,
  at: readonly number[],
  missing: readonly boolean[],
): Part {
  const features = [...at.keys()].filter((j) => at[j] < 0 && !missing[j]);
  const spikes = at.filter((number) => number >= 0).map((number) => mixture.spikes![number]);
  const factors = Array.from({ length: nTerms(mixture) }, (_, term) =>
    spikes.reduce((sum, spike) => sum + logShare(spike, term), 0),
  );
  // Where no term has such rows, the values say nothing.
  if (spikes.length > 0 && factors.every((factor) => factor === -Infinity)) factors.fill(0);
  const whole = features.length === at.length;
  return { mixture: whole ? mixture : marginal(mixture, features), features, factors };
}
