import type { Mixture } from "../api/types";
import { whitening } from "./cholesky";
import { logGamma } from "./gamma";
import { marginal } from "./marginal";

/** What a mixture says of rows. */
export interface Densities {
  /** Log-density of each row, in nats: (n). */
  logDensities: Float64Array;
  /** How probable each term is for each row, row after row: (n * nTerms). Rows sum to 1. */
  responsibilities: Float64Array;
  /** The components, and the noise last where there is noise. */
  nTerms: number;
}

/** One component, of the features that are looked at. */
interface Component {
  mean: Float64Array;
  triangle: Float64Array;
  constant: number;
  dof: number;
}

const LOG_2PI = Math.log(2 * Math.PI);

export function nTerms(mixture: Mixture): number {
  return mixture.means.length + (mixture.noise === null ? 0 : 1);
}

/** Logarithm of the factor that makes the density integrate to 1; of t, Peel & McLachlan (2000), eq. 5. */
function logConstant(logDeterminant: number, d: number, dof: number): number {
  if (dof === Infinity) return logDeterminant - 0.5 * d * LOG_2PI;
  const gammas = logGamma((dof + d) / 2) - logGamma(dof / 2);
  return logDeterminant + gammas - 0.5 * d * Math.log(Math.PI * dof);
}

/** A mixture's density, factorised once. */
export class MixtureDensity {
  readonly nTerms: number;
  readonly #components: Component[];
  readonly #logNoise: number | null;
  readonly #columns: Int32Array;

  /** Rows are `stride` numbers each; feature j of the mixture is number `columns[j]` of them. */
  constructor(
    mixture: Mixture,
    readonly stride: number,
    columns: number[],
  ) {
    const { noise, dof } = mixture;
    const d = columns.length;
    this.#columns = Int32Array.from(columns);
    this.nTerms = nTerms(mixture);
    this.#components = mixture.means.map((mean, k) => {
      const factor = whitening(mixture.covariances[k]);
      const own = dof === null ? Infinity : (dof[k] ?? dof[0]);
      return {
        mean: Float64Array.from(mean),
        triangle: factor?.triangle ?? new Float64Array((d * (d + 1)) / 2),
        constant:
          factor === null
            ? -Infinity
            : logConstant(factor.logDeterminant, d, own) + Math.log(mixture.weights[k]),
        dof: own,
      };
    });
    this.#logNoise = noise === null ? null : Math.log(noise.weight) + noise.log_density;
  }

  /** Densities of the first `count` rows, or of some rows, filled into `result`. */
  evaluate(values: Float64Array, rows: Int32Array | null, result: Densities): void {
    this.weighted(values, rows, result.responsibilities);
    this.#normalise(values, rows, result);
  }

  /** Log of weight times density of rows (all if null), into `out` at row * nTerms + term. */
  weighted(values: Float64Array, rows: Int32Array | null, out: Float64Array): void {
    const { stride, nTerms: terms } = this;
    const columns = this.#columns;
    const d = columns.length;
    const count = rows?.length ?? out.length / terms;
    const away = new Float64Array(d);
    for (let k = 0; k < this.#components.length; k++) {
      const { mean, triangle, constant, dof } = this.#components[k];
      const power = (dof + d) / 2;
      for (let r = 0; r < count; r++) {
        const row = rows === null ? r : rows[r];
        for (let j = 0; j < d; j++) away[j] = values[row * stride + columns[j]] - mean[j];
        const squared = squaredLength(triangle, away);
        out[row * terms + k] =
          dof === Infinity
            ? constant - 0.5 * squared
            : constant - power * Math.log1p(squared / dof);
      }
    }
    if (this.#logNoise === null) return;
    for (let r = 0; r < count; r++) {
      out[((rows === null ? r : rows[r]) + 1) * terms - 1] = this.#logNoise;
    }
  }

  /** Weighted log-densities become responsibilities, by log-sum-exp. */
  #normalise(values: Float64Array, rows: Int32Array | null, result: Densities): void {
    const { logDensities, responsibilities: resp, nTerms: terms } = result;
    const count = rows?.length ?? logDensities.length;
    for (let r = 0; r < count; r++) {
      const row = rows === null ? r : rows[r];
      const from = row * terms;
      const to = from + terms;
      let highest = -Infinity;
      for (let t = from; t < to; t++) if (resp[t] > highest) highest = resp[t];
      if (highest === -Infinity) {
        resp.fill(0, from, to);
        resp[from + this.#nearest(values, row)] = 1;
        logDensities[row] = -Infinity;
        continue;
      }
      let total = 0;
      for (let t = from; t < to; t++) total += resp[t] = Math.exp(resp[t] - highest);
      for (let t = from; t < to; t++) resp[t] /= total;
      logDensities[row] = highest + Math.log(total);
    }
  }

  /** The component that is nearest to a row so far out that every density is 0. */
  #nearest(values: Float64Array, row: number): number {
    const x = Float64Array.from(this.#columns, (j) => values[row * this.stride + j]);
    const scale = x.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    let [best, least] = [0, Infinity];
    this.#components.forEach(({ mean, triangle, constant }, k) => {
      const away = x.map((value, j) => value / scale - mean[j] / scale);
      const squared = squaredLength(triangle, away);
      if (constant > -Infinity && squared < least) [best, least] = [k, squared];
    });
    return best;
  }
}

/** Squared length of a vector times a lower triangle. */
function squaredLength(triangle: Float64Array, vector: Float64Array): number {
  let squared = 0;
  for (let i = 0, at = 0; i < vector.length; i++) {
    let z = 0;
    for (let j = 0; j <= i; j++) z += triangle[at++] * vector[j];
    squared += z * z;
  }
  return squared;
}

export function emptyDensities(n: number, terms: number): Densities {
  const responsibilities = new Float64Array(n * terms);
  return { logDensities: new Float64Array(n), responsibilities, nTerms: terms };
}

/** Rows that have the same features observed: which rows (null: all of them), and which features. */
function patterns(
  values: Float64Array,
  d: number,
): { rows: Int32Array | null; features: number[] }[] {
  const all = Array.from({ length: d }, (_, j) => j);
  const groups = new Map<string, number[]>();
  const complete: number[] = [];
  const n = values.length / d;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += values[i * d + j];
    const key = Number.isNaN(sum)
      ? all.map((j) => +!Number.isNaN(values[i * d + j])).join("")
      : "";
    if (key === "") complete.push(i);
    else if (groups.has(key)) groups.get(key)!.push(i);
    else groups.set(key, [i]);
  }
  if (groups.size === 0) return [{ rows: null, features: all }];
  const parts = [...groups].map(([key, rows]) => ({
    rows: Int32Array.from(rows),
    features: all.filter((j) => key[j] === "1"),
  }));
  return [{ rows: Int32Array.from(complete), features: all }, ...parts];
}

/**
 * Log-densities and responsibilities of rows, NaN where missing: of such rows by what is observed.
 *
 * `values` holds rows of as many numbers as the mixture has features.
 */
export function densities(values: Float64Array, mixture: Mixture): Densities {
  const d = mixture.means[0].length;
  const n = values.length / d;
  const result = emptyDensities(n, nTerms(mixture));
  for (const { rows, features } of patterns(values, d)) {
    const part = features.length === d ? mixture : marginal(mixture, features);
    new MixtureDensity(part, d, features).evaluate(values, rows, result);
  }
  return result;
}

const REMEMBERED = 4;
const remembered: { values: Float64Array; mixture: Mixture; result: Densities }[] = [];

/** The same, but not computed again for the last few pairs of rows and mixture. */
export function sharedDensities(values: Float64Array, mixture: Mixture): Densities {
  const at = remembered.findIndex((one) => one.values === values && one.mixture === mixture);
  if (at >= 0) return remembered[at].result;
  const result = densities(values, mixture);
  remembered.unshift({ values, mixture, result });
  remembered.length = Math.min(remembered.length, REMEMBERED);
  return result;
}

/** The likeliest term of each row; the noise is number K. */
export function hardLabels({ responsibilities: resp, nTerms: terms }: Densities): Uint8Array {
  const labels = new Uint8Array(resp.length / terms);
  for (let i = 0, from = 0; i < labels.length; i++, from += terms) {
    let best = 0;
    for (let t = 1; t < terms; t++) if (resp[from + t] > resp[from + best]) best = t;
    labels[i] = best;
  }
  return labels;
}

/** How probable it is that the hard label of each row is wrong. */
export function uncertainties({ responsibilities: resp, nTerms: terms }: Densities): Float64Array {
  const result = new Float64Array(resp.length / terms);
  for (let i = 0, from = 0; i < result.length; i++, from += terms) {
    let highest = 0;
    for (let t = 0; t < terms; t++) highest = Math.max(highest, resp[from + t]);
    result[i] = 1 - highest;
  }
  return result;
}
