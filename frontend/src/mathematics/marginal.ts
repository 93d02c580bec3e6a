import type { Mixture } from "../api/types";

/** The marginal of some features: a mixture of as many terms. */
export function marginal(mixture: Mixture, features: number[]): Mixture {
  const of = <T>(values: T[]) => features.map((j) => values[j]);
  const { noise } = mixture;
  return {
    ...mixture,
    means: mixture.means.map(of),
    covariances: mixture.covariances.map((rows) => of(rows).map(of)),
    spikes:
      mixture.spikes?.flatMap((spike) => {
        const column = features.indexOf(spike.column);
        return column < 0 ? [] : [{ ...spike, column }];
      }) ?? null,
    noise: noise && {
      ...noise,
      lowest: of(noise.lowest),
      highest: of(noise.highest),
      log_density: features.reduce(
        (sum, j) => sum - Math.log(noise.highest[j] - noise.lowest[j]),
        0,
      ),
    },
  };
}
