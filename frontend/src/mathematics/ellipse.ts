import type { Mixture } from "../api/types";

/** An ellipse at one standard deviation: half axes in the data's units, the angle of the longer in radians. */
export interface Ellipse {
  x: number;
  y: number;
  long: number;
  short: number;
  angle: number;
}

/** Where the Mahalanobis distance from a component is 1, on two features. */
export function ellipse(mixture: Mixture, component: number, i: number, j: number): Ellipse {
  const [mean, covariance] = [mixture.means[component], mixture.covariances[component]];
  const [a, b, c] = [covariance[i][i], covariance[i][j], covariance[j][j]];
  const largest = (a + c) / 2 + Math.hypot((a - c) / 2, b);
  const smallest = Math.max(0, (a / largest) * c - (b / largest) * b);
  return {
    x: mean[i],
    y: mean[j],
    long: Math.sqrt(largest),
    short: Math.sqrt(smallest),
    angle: 0.5 * Math.atan2(2 * b, a - c),
  };
}
