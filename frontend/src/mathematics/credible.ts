/**
 * Radius of the ellipse that holds a two-dimensional t distribution with probability `share`: half
 * its square has an F distribution of 2 and `dof` degrees of freedom, whose quantile is closed.
 */
export function credibleRadius(dof: number, share: number): number {
  return Math.sqrt(dof * Math.expm1((-2 / dof) * Math.log1p(-share)));
}
