import type { Mixture } from "../api/types";

/** The components, and the noise. */
export function nTerms(mixture: Mixture): number {
  return mixture.means.length + (mixture.noise === null ? 0 : 1);
}
