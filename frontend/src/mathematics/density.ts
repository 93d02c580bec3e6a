import type { Mixture } from "../api/types";
import { whitening } from "./cholesky";
import { logGamma } from "./gamma";
import { logRest, type Part, partOf, spikeAt } from "./spikes";
import { nTerms } from "./terms";

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

  /**
   * Rows are `stride` numbers each; feature j of the mixture is number `columns[j]` of them. They
   * are at no point mass in these; the logarithms of `factors` are added to those of the weights.
   */
  constructor(
    mixture: Mixture,
    readonly stride: number,
    columns: number[],
    factors: readonly number[] = [],
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
            : logConstant(factor.logDeterminant, d, own) +
              Math.log(mixture.weights[k]) +
              logRest(mixture, k) +
              (factors[k] ?? 0),
        dof: own,
      };
    });
    const last = mixture.means.length;
    this.#logNoise =
      noise === null
        ? null
        : Math.log(noise.weight) +
          noise.log_density +
          logRest(mixture, last) +
          (factors[last] ?? 0);
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

/** Rows of which the same is known: which rows (null: all of them), and what they are of. */
function patterns(
  values: Float64Array,
  d: number,
  mixture: Mixture,
): { rows: Int32Array | null; part: Part }[] {
  const all = Array.from({ length: d }, (_, j) => j);
  const spiked = [...new Set(mixture.spikes?.map(({ column }) => column) ?? [])];
  const groups = new Map<string, { rows: number[]; at: number[]; missing: boolean[] }>();
  const complete: number[] = [];
  const n = values.length / d;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += values[i * d + j];
    const lands = spiked.some((j) => spikeAt(mixture, j, values[i * d + j]) >= 0);
    if (!Number.isNaN(sum) && !lands) {
      complete.push(i);
      continue;
    }
    const at = all.map((j) => spikeAt(mixture, j, values[i * d + j]));
    const missing = all.map((j) => Number.isNaN(values[i * d + j]));
    const key = all.map((j) => (missing[j] ? "?" : at[j])).join();
    const group = groups.get(key) ?? { rows: [], at, missing };
    group.rows.push(i);
    groups.set(key, group);
  }
  const whole = partOf(
    mixture,
    all.map(() => -1),
    all.map(() => false),
  );
  if (groups.size === 0) return [{ rows: null, part: whole }];
  const parts = [...groups.values()].map(({ rows, at, missing }) => ({
    rows: Int32Array.from(rows),
    part: partOf(mixture, at, missing),
  }));
  return [{ rows: Int32Array.from(complete), part: whole }, ...parts];
}

/**
 * Log-densities and responsibilities of rows, NaN where missing: of such rows by what is observed.
 * At a point mass a row has a probability there, and a density in its other columns.
 *
 * `values` holds rows of as many numbers as the mixture has features.
 */
export function densities(values: Float64Array, mixture: Mixture): Densities {
  const d = mixture.means[0].length;
  const n = values.length / d;
  const result = emptyDensities(n, nTerms(mixture));
  for (const { rows, part } of patterns(values, d, mixture)) {
    const { features, factors } = part;
    new MixtureDensity(part.mixture, d, features, factors).evaluate(values, rows, result);
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
