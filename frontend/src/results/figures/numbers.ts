// Numbers as text, with as many digits as they carry: the rules of the command line's report.

import { grouped } from "../../phrases";

const LARGEST_PLAIN = 1e7;
const MOST_DECIMALS = 8;
const MINUS = "\u2212";

/** A number as it is shown, and as it is copied. */
export interface Figure {
  text: string;
  value: number | null;
}

/** All digits: what reads back as the same number. */
export function full(value: number | null): string {
  return value === null || Number.isNaN(value) ? "" : String(value);
}

/** Numbers of one kind, with the same number of decimals. */
export function aligned(values: (number | null)[], significant = 4): Figure[] {
  const sizes = values.filter((value) => value !== null && value !== 0).map((x) => Math.abs(x!));
  if (sizes.length === 0) return plain(values, 0);
  const [top, low] = [Math.max(...sizes), Math.min(...sizes)];
  const decimals = Math.max(significant - 1 - exponent(top), 1 - exponent(low), 0);
  if (top >= LARGEST_PLAIN || decimals > MOST_DECIMALS || exponent(top) + decimals > 9) {
    return scientific(values, significant - 1);
  }
  return plain(values, decimals);
}

/** Places, such as means, as exactly as `resolution` makes sense of: what is too small to matter. */
export function resolved(values: (number | null)[], resolution: number): Figure[] {
  if (!(resolution > 0 && resolution < Infinity)) return aligned(values);
  const top = Math.max(0, ...values.map((value) => Math.abs(value ?? 0)));
  const decimals = -exponent(resolution);
  if (top >= 1e10 || decimals > MOST_DECIMALS) {
    const digits = top > 0 ? exponent(top) + decimals : 0;
    return scientific(values, Math.min(Math.max(digits, 3), 15));
  }
  return plain(values, Math.max(decimals, 0));
}

/** A covariance matrix: each entry to a thousandth of what it could be, points below one another. */
export function covarianceFigures(covariance: number[][]): Figure[][] {
  const sizes = covariance.map((row, i) => Math.sqrt(Math.abs(row[i])));
  const bounds = sizes.map((one) => sizes.map((other) => one * other || 1));
  const [top, low] = [Math.max(...bounds.flat()), Math.min(...bounds.flat())];
  if (top >= LARGEST_PLAIN || low < 1e-5) return covariance.map((row) => scientific(row, 3));
  const decimals = bounds.map((row) => row.map((bound) => Math.max(3 - exponent(bound), 0)));
  return covariance.map((row, i) =>
    row.map((value, j) => {
      const most = Math.max(...decimals.map((one) => one[j]));
      return { value, text: padded(fixed(value, decimals[i][j]), decimals[i][j], most) };
    }),
  );
}

/** Spaces as wide as the digits, and the point, that others of the column have. */
function padded(text: string, decimals: number, most: number): string {
  const point = decimals === 0 && most > 0 ? "\u2008" : "";
  return text + point + "\u2007".repeat(most - decimals);
}

/** Data as they were given: no digits beyond seven, as many decimals for all as one of them needs. */
export function given(values: (number | null)[]): Figure[] {
  const known = values.filter((value) => value !== null && Number.isFinite(value)) as number[];
  const top = Math.max(0, ...known.map(Math.abs));
  const low = Math.min(...known.filter(Boolean).map(Math.abs));
  if (top >= 1e10 || low < 1e-5) return scientific(values, 4);
  const needed = known.map((value) => {
    const [, decimals = ""] = String(Number(value.toPrecision(7))).split(".");
    return decimals.length;
  });
  return plain(values, Math.min(Math.max(0, ...needed), 6));
}

export function plain(values: (number | null)[], decimals: number): Figure[] {
  return values.map((value) => ({ value, text: fixed(value, decimals) }));
}

/** A log-likelihood or a criterion, in nats. */
export function nats(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (size < 1e5) return fixed(value, 3);
  return grouped(fixed(value, size < 1e6 ? 3 : size < 1e10 ? 1 : 0), 4);
}

/** A number of which the order of magnitude matters. */
export function small(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e-3 && size < 1e5) {
    return fixed(value, Math.max(2 - exponent(size), 0))
      .replace(/(\.\d*?)0+$/, "$1")
      .replace(/\.$/, "");
  }
  return power(value, 1);
}

/** A probability: as much as tells it from 0 and from 1. */
export function probability(value: number): string {
  if (value === 0 || value === 1) return String(value);
  if (value < 5e-4) return power(value, 1);
  if (value > 1 - 5e-4) return "> 0.999";
  return fixed(value, 3);
}

/** A share as a percentage. */
export function percent(share: number): string {
  const hundred = 100 * share;
  if (share > 0 && hundred < 0.01) return "under 0.01\u00a0%";
  if (share < 1 && hundred > 99.95) return "over 99.9\u00a0%";
  const decimals = hundred >= 9.95 || Number.isInteger(hundred) ? 0 : hundred >= 0.995 ? 1 : 2;
  return `${fixed(hundred, decimals)}\u00a0%`;
}

const ROUNDING = 1e-10; // nats

/** What an iteration gained, in nats: however little, it is seen. */
export function gain(value: number): string {
  if (Math.abs(value) < ROUNDING) return "0";
  return Math.abs(value) < 0.01 ? small(value) : nats(value);
}

export function seconds(value: number): string {
  if (value < 0.0995) return `${fixed(1000 * value, value < 0.00995 ? 1 : 0)} ms`;
  return `${fixed(value, value < 9.95 ? 2 : value < 99.5 ? 1 : 0)} s`;
}

/** Power of ten of the leading digit. */
export function exponent(value: number): number {
  return value > 0 ? Number(value.toExponential().split("e")[1]) : 0;
}

function fixed(value: number | null, decimals: number): string {
  if (value === null || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  const text = value.toFixed(decimals);
  return /[1-9]/.test(text) ? text.replace("-", MINUS) : text.replace("-", "");
}

function scientific(values: (number | null)[], decimals: number): Figure[] {
  return values.map((value) => ({
    value,
    text: value === null || Number.isNaN(value) ? "–" : value === 0 ? "0" : power(value, decimals),
  }));
}

function power(value: number, decimals: number): string {
  const [digits, exponent] = value.toExponential(decimals).split("e");
  return `${digits}e${Number(exponent)}`.replaceAll("-", MINUS);
}
