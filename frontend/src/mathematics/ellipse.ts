import type { Mixture } from "../api/types";

/** An ellipse at one standard deviation: half axes in the data's units, the angle of the longer in radians. */
export interface Ellipse {
  x: number;
  y: number;
  long: number;
  short: number;
  angle: number;
}

/** Half axes and angle of the ellipse of covariance ((a, b), (b, c)). */
export function axesOf(
  a: number,
  b: number,
  c: number,
): Pick<Ellipse, "long" | "short" | "angle"> {
  const largest = (a + c) / 2 + Math.hypot((a - c) / 2, b);
  const smallest = largest > 0 ? Math.max(0, (a / largest) * c - (b / largest) * b) : 0;
  return {
    long: Math.sqrt(largest),
    short: Math.sqrt(smallest),
    angle: 0.5 * Math.atan2(2 * b, a - c),
  };
}

/** Where the Mahalanobis distance from a component is 1, on two features. */
export function ellipse(mixture: Mixture, component: number, i: number, j: number): Ellipse {
  const [mean, covariance] = [mixture.means[component], mixture.covariances[component]];
  const axes = axesOf(covariance[i][i], covariance[i][j], covariance[j][j]);
  return { x: mean[i], y: mean[j], ...axes };
}
