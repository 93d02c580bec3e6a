import type { Frame, Mixture, Points, Settings } from "../../api/types";
import { MixtureDensity, sharedDensities } from "../../mathematics/density";
import { partOf, spikeAt } from "../../mathematics/spikes";
import { count } from "../../phrases";

/** What the E-step does with one row and one term; logarithms are natural. */
export interface Share {
  weight: number;
  logDensity: number;
  logProduct: number;
  responsibility: number;
}

export interface Shares {
  terms: Share[];
  logTotal: number;
}

/** The E-step of one row, term by term; by what of the row is observed. */
export function eStep(mixture: Mixture, values: Float64Array): Shares {
  const at = Array.from(values, (value, j) => spikeAt(mixture, j, value));
  const { features, factors, ...own } = partOf(mixture, at, Array.from(values, Number.isNaN));
  const density = new MixtureDensity(own.mixture, values.length, features, factors);
  const products = new Float64Array(density.nTerms);
  density.weighted(values, null, products);
  const weights = [...mixture.weights, ...(mixture.noise ? [mixture.noise.weight] : [])];
  const highest = Math.max(...products);
  const logTotal = highest + Math.log(products.reduce((sum, x) => sum + Math.exp(x - highest), 0));
  const terms = weights.map((weight, k) => ({
    weight,
    logDensity: products[k] - Math.log(weight),
    logProduct: products[k],
    responsibility: Math.exp(products[k] - logTotal),
  }));
  return { terms, logTotal };
}

/** How many rows a component counts at an E-step, and of how many. */
export function effectiveRows(
  frame: Frame,
  next: Frame,
  k: number,
  points: Points,
  all: boolean,
): [number, number] {
  if (!all || frame.n_rows !== points.total)
    return [next.mixture.weights[k] * frame.n_rows, frame.n_rows];
  const { responsibilities, nTerms } = sharedDensities(points.values, frame.mixture);
  let sum = 0;
  for (let i = k; i < responsibilities.length; i += nTerms) sum += responsibilities[i];
  return [sum, points.n];
}

/** How this M-step differs from that of the formulas. */
export function caveats(
  frame: Frame,
  next: Frame,
  settings: Settings,
  points: Points,
  total: number,
): string[] {
  const found: string[] = [];
  if (next.iteration > frame.iteration + 1) {
    const between = count(next.iteration - frame.iteration);
    found.push(
      `the next picture is ${between} iterations later: there were many iterations, and not all are kept`,
    );
  }
  if (next.accelerated)
    found.push("this step was extrapolated (accelerated), not an M-step alone");
  if (next.n_rows !== frame.n_rows) found.push("the next iteration is on other rows");
  else if (frame.n_rows < total) {
    found.push(`this iteration was on a sample of ${count(frame.n_rows)} rows`);
  }
  if (settings.equal_weights) found.push("the weights are held equal");
  if (settings.prior !== "none") found.push("the prior adds its own terms to the sums");
  if (settings.family === "t")
    found.push("rows far from a mean count for less, by the degrees of freedom");
  if (points.values.some(Number.isNaN))
    found.push("for missing values the sums take their expectations");
  if (!["full", "VVV"].includes(settings.covariance_type)) {
    found.push(`the matrices are then fitted to the structure (${settings.covariance_type})`);
  }
  return found;
}

/** A number in TeX, with enough digits for a check by hand. */
export function tex(value: number, digits = 4): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e5) {
    const whole = Math.floor(Math.log10(size)) + 1;
    return value.toFixed(Math.max(digits - Math.max(whole, size < 1 ? whole : 1), 0));
  }
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  return `${mantissa}\\!\\times\\!10^{${Number(exponent)}}`;
}

/** exp of a number in TeX, however small. */
export function texExp(log: number, digits = 4): string {
  if (log === -Infinity || Number.isNaN(log)) return "0";
  if (log > -600 && log < 600) return tex(Math.exp(log), digits);
  const exponent = Math.floor(log / Math.LN10);
  const mantissa = Math.exp(log - exponent * Math.LN10).toFixed(digits - 1);
  return `${mantissa}\\!\\times\\!10^{${exponent}}`;
}

/** At most four rows and columns of a matrix, with dots for the others. */
export function bracketed(cells: string[][], most = 4): string {
  const rows = cells.length > most ? [...cells.slice(0, most - 1), null, cells.at(-1)!] : cells;
  const lines = rows.map((row) => {
    if (row === null) return cells[0].length > 1 ? "\\vdots & & \\ddots" : "\\vdots";
    const shown = row.length > most ? [...row.slice(0, most - 1), "\\cdots", row.at(-1)!] : row;
    return shown.join(" & ");
  });
  return `\\begin{pmatrix}${lines.join(" \\\\ ")}\\end{pmatrix}`;
}

/** The density of a row as a sum, and the division of the E-step: a line for each term. */
export function eStepTex({ terms, logTotal }: Shares, row: number, hasNoise: boolean): string[] {
  const total = texExp(logTotal);
  const parts = terms.map(({ logProduct }) => texExp(logProduct)).join(" + ");
  const sum = terms.length > 1 && terms.length <= 4 ? `${parts} = ${total}` : total;
  const order = [...terms.keys()].sort(
    (a, b) => terms[b].responsibility - terms[a].responsibility,
  );
  const shown = order.slice(0, 6).sort((a, b) => a - b);
  const lines = shown.map((k) => {
    const { weight, logDensity, responsibility } = terms[k];
    const name = hasNoise && k === terms.length - 1 ? "\\text{noise}" : String(k + 1);
    const above = `${tex(weight)} \\times ${texExp(logDensity)}`;
    return `r_{${row},${name}} &= \\frac{${above}}{${total}} = ${tex(responsibility)}`;
  });
  return [
    `p(x_{${row}}) = ${sum}`,
    `\\begin{aligned}${lines.join(" \\\\[0.9em] ")}\\end{aligned}`,
  ];
}
