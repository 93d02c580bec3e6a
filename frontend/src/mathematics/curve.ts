import type { Mixture } from "../api/types";
import { MixtureDensity } from "./density";
import { marginal } from "./marginal";

/** Density of a mixture of one feature and of its terms, weighted, at places x. */
export interface Curves {
  x: Float64Array;
  mixture: Float64Array;
  terms: Float64Array[];
}

const REGULAR = 240;
const AROUND = 24; // places on either side of a mean, within 5 standard deviations

/** Places from low to high, close together where a component is narrow. */
function places(mixture: Mixture, feature: number, low: number, high: number): Float64Array {
  const found: number[] = [];
  for (let i = 0; i <= REGULAR; i++) found.push(low + ((high - low) * i) / REGULAR);
  mixture.means.forEach((mean, k) => {
    const deviation = Math.sqrt(mixture.covariances[k][feature][feature]);
    for (let i = -AROUND; i <= AROUND; i++) {
      const x = mean[feature] + (5 * deviation * i) / AROUND;
      if (x > low && x < high) found.push(x);
    }
  });
  return Float64Array.from(found).sort();
}

/** Curves of the marginal of one feature, from low to high. */
export function curves(mixture: Mixture, feature: number, low: number, high: number): Curves {
  const x = places(mixture, feature, low, high);
  const density = new MixtureDensity(marginal(mixture, [feature]), 1, [0]);
  const { nTerms } = density;
  const weighted = new Float64Array(x.length * nTerms);
  density.weighted(x, null, weighted);
  const terms = Array.from({ length: nTerms }, (_, t) =>
    x.map((_, i) => Math.exp(weighted[i * nTerms + t])),
  );
  const sum = x.map((_, i) => terms.reduce((total, term) => total + term[i], 0));
  return { x, mixture: sum, terms };
}
