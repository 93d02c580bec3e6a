/** Coefficients of Stirling's series, B_2n / (2n (2n - 1)). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

/** Logarithm of the gamma function of a positive number (Abramowitz & Stegun 6.1.40, 6.1.15). */
export function logGamma(x: number): number {
  let shift = 1;
  while (x < 12) shift *= x++;
  const inverse = 1 / (x * x);
  let series = 0;
  for (let n = STIRLING.length - 1; n >= 0; n--) series = series * inverse + STIRLING[n];
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series / x - Math.log(shift);
}
