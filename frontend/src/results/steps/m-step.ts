import type { Frame, Points } from "../../api/types";
import { covarianceFigures, resolved } from "../figures/numbers";
import { bracketed, effectiveRows, tex } from "./steps";

/** The M-step of a component with its numbers: its rows and weight, its mean, its covariance. */
export function mStepTex(
  frame: Frame,
  next: Frame,
  k: number,
  points: Points,
  all: boolean,
): string[] {
  const [rows, total] = effectiveRows(frame, next, k, points, all);
  const weight = next.mixture.weights[k];
  const covariance = next.mixture.covariances[k];
  const mean = next.mixture.means[k].map(
    (value, j) => resolved([value], Math.sqrt(covariance[j][j]) / 100)[0].text,
  );
  const index = k + 1;
  const sum = `{\\textstyle\\sum_i} r_{i${index}}`;
  const away = `(x_i-\\mu_{${index}})`;
  const cells = covarianceFigures(covariance).map((row) =>
    row.map(({ text }) => plainTex(text.trim())),
  );
  return [
    `N_{${index}} = ${sum} = ${tex(rows)}, \\quad w_{${index}} = \\frac{N_{${index}}}{N} = ` +
      `\\frac{${tex(rows)}}{${total}} = ${tex(weight)}`,
    `\\mu_{${index}} = \\frac{1}{N_{${index}}} ${sum}\\,x_i = ${bracketed(mean.map((text) => [plainTex(text)]))}`,
    `\\Sigma_{${index}} = \\frac{1}{N_{${index}}} ${sum}\\,${away}${away}^{\\top} = ${bracketed(cells)}`,
  ];
}

/** A number as it is shown elsewhere, in TeX: an exponent as a power of ten. */
function plainTex(text: string): string {
  return text.replaceAll("\u2212", "-").replace(/e(-?\d+)$/, "\\!\\times\\!10^{$1}");
}
