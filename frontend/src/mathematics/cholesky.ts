/** W with `W covariance W' = I`, its lower triangle row after row, and log |W|. */
export interface Whitening {
  triangle: Float64Array;
  logDeterminant: number;
}

/** Inverse of the Cholesky factor; null if the matrix is not positive definite. */
export function whitening(covariance: number[][]): Whitening | null {
  const d = covariance.length;
  const factor = new Float64Array((d * (d + 1)) / 2);
  let logDeterminant = 0;
  for (let i = 0, row = 0; i < d; row += ++i) {
    for (let j = 0, other = 0; j <= i; other += ++j) {
      let sum = covariance[i][j];
      for (let m = 0; m < j; m++) sum -= factor[row + m] * factor[other + m];
      if (j < i) factor[row + j] = sum / factor[other + j];
      else if (sum > 0 && sum < Infinity) factor[row + i] = Math.sqrt(sum);
      else return null;
    }
    logDeterminant -= Math.log(factor[row + i]);
  }
  return { triangle: inverse(factor, d), logDeterminant };
}

/** Inverse of a lower triangle. */
function inverse(factor: Float64Array, d: number): Float64Array {
  const result = new Float64Array(factor.length);
  for (let i = 0, row = 0; i < d; row += ++i) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let m = j, other = (j * (j + 1)) / 2; m < i; other += ++m) {
        sum -= factor[row + m] * result[other + j];
      }
      result[row + j] = sum / factor[row + i];
    }
    result[row + i] = 1 / factor[row + i];
  }
  return result;
}
