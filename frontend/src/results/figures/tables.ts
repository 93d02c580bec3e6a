import type { FitResult, KMeans, Mixture, Points } from "../../api/types";
import { letter } from "../../charts/scenes/data";
import { sharedDensities } from "../../mathematics/density";
import { aligned, covarianceFigures, plain, resolved, type Figure } from "./numbers";
import type { NumberRow } from "./NumberTable.svelte";

export interface TableOfNumbers {
  caption: string;
  corner: string;
  columns: string[];
  rows: NumberRow[];
  component?: number;
}

/** A mixture, and the names of its columns. */
type Fitted = Pick<FitResult, "mixture" | "columns">;

/**
 * Weights, means, and degrees of freedom: a row for each component, and one for the noise; and the
 * mean largest probability of the rows of each, if it is known.
 */
export function parameterTable(
  result: Fitted,
  certainty: readonly (number | null)[] = [],
): TableOfNumbers {
  const { mixture, columns } = result;
  const sure = certainty.length > 1 ? plain([...certainty], 3) : null;
  const weights = plain([...mixture.weights, ...(mixture.noise ? [mixture.noise.weight] : [])], 4);
  const means = columns.map((_, j) => column(mixture, j));
  const dofs = mixture.dof === null ? null : degrees(mixture);
  const rows: NumberRow[] = mixture.means.map((_, k) => ({
    head: `Component ${k + 1}`,
    component: k,
    figures: [
      weights[k],
      ...means.map((figures) => figures[k]),
      ...(dofs ? [dofs[k]] : []),
      ...(sure ? [sure[k]] : []),
    ],
  }));
  if (mixture.noise) {
    const row = noiseRow(weights.at(-1)!, columns.length + (dofs ? 1 : 0));
    rows.push({ ...row, figures: [...row.figures, ...(sure ? [sure.at(-1)!] : [])] });
  }
  return {
    caption:
      dofs === null
        ? "Mixing weights, and means of the columns"
        : "Mixing weights, means of the columns, and degrees of freedom (d.f.)",
    corner: "",
    columns: ["Weight", ...columns, ...(dofs ? ["d.f."] : []), ...(sure ? ["Certainty"] : [])],
    rows,
  };
}

/** Standard deviations: a row for each component. */
export function deviationTable(result: Fitted): TableOfNumbers {
  const { mixture, columns } = result;
  const deviations = columns.map((_, j) =>
    aligned(mixture.covariances.map((covariance) => Math.sqrt(covariance[j][j]))),
  );
  const rows = mixture.covariances.map((_, k) => ({
    head: `Component ${k + 1}`,
    component: k,
    figures: deviations.map((figures) => figures[k]),
  }));
  const caption =
    mixture.dof === null ? "Standard deviations" : "Roots of the scale matrices’ diagonals";
  return { caption, corner: "", columns, rows };
}

/** One matrix for each component, or one for all if they are the same. */
export function covarianceTables(result: Fitted): TableOfNumbers[] {
  const what = result.mixture.dof === null ? "Covariance" : "Scale matrix";
  return perComponent(result, shared(result.mixture.covariances).map(covarianceFigures), what);
}

/** In one dimension: variances and standard deviations, a row for each component. */
export function varianceTable(result: Fitted): TableOfNumbers {
  const variances = result.mixture.covariances.map(([[variance]]) => variance);
  const figures = [aligned(variances), aligned(variances.map(Math.sqrt))];
  const rows = variances.map((_, k) => ({
    head: `Component ${k + 1}`,
    component: k,
    figures: figures.map((column) => column[k]),
  }));
  const columns =
    result.mixture.dof === null ? ["Variance", "Standard deviation"] : ["Squared scale", "Scale"];
  return { caption: `Spread of ${result.columns[0]}`, corner: "", columns, rows };
}

export function correlationTables(result: Fitted): TableOfNumbers[] {
  const stack = shared(result.mixture.covariances).map((covariance) =>
    correlations(covariance).map((row) => plain(row, 3)),
  );
  return perComponent(result, stack, "Correlations");
}

/** Correlations of a covariance matrix; exactly 1 on the diagonal. */
export function correlations(covariance: number[][]): number[][] {
  return covariance.map((row, i) =>
    row.map((value, j) => {
      if (i === j) return 1;
      const ratio = value / Math.sqrt(covariance[i][i]) / Math.sqrt(covariance[j][j]);
      return Math.min(Math.max(ratio, -1), 1);
    }),
  );
}

function perComponent(result: Fitted, stack: Figure[][][], what: string): TableOfNumbers[] {
  const all = stack.length === 1 && result.mixture.covariances.length > 1;
  return stack.map((rows, k) => ({
    caption: all ? `${what} of all components` : `${what}, component ${k + 1}`,
    corner: "",
    columns: result.columns,
    rows: rows.map((figures, i) => ({
      head: result.columns[i],
      figures,
    })),
    ...(all ? {} : { component: k }),
  }));
}

/** The first alone if all are the same. */
function shared(covariances: number[][][]): number[][][] {
  const first = JSON.stringify(covariances[0]);
  return covariances.every((one) => JSON.stringify(one) === first)
    ? [covariances[0]]
    : covariances;
}

/** Means of a column: a hundredth of the smallest standard deviation is what still matters. */
function column(mixture: Mixture, j: number): Figure[] {
  const deviations = mixture.covariances.map((covariance) => Math.sqrt(covariance[j][j]));
  const resolution = Math.min(...deviations.filter((deviation) => deviation > 0)) / 100;
  return resolved(
    mixture.means.map((mean) => mean[j]),
    resolution,
  );
}

function degrees(mixture: Mixture): Figure[] {
  const dofs = mixture.means.map((_, k) => mixture.dof![k] ?? mixture.dof![0]);
  return aligned(dofs, 3);
}

function noiseRow(weight: Figure, others: number): NumberRow {
  const none: Figure = { text: "", value: null };
  return { head: "Noise", component: -1, figures: [weight, ...Array<Figure>(others).fill(none)] };
}

/** What the E-step makes of each row: a row for each, a column for each component and the noise. */
export function responsibilityTable(mixture: Mixture, points: Points): TableOfNumbers {
  const { responsibilities, nTerms } = sharedDensities(points.values, mixture);
  const columns = mixture.weights.map((_, k) => `Component ${k + 1}`);
  const rows = Array.from({ length: points.n }, (_, i) => ({
    head: `Row ${points.numbers[i]}`,
    figures: plain([...responsibilities.slice(i * nTerms, (i + 1) * nTerms)], 4),
  }));
  return {
    caption: "Responsibilities",
    corner: "",
    columns: mixture.noise ? [...columns, "Noise"] : columns,
    rows,
  };
}

/** Centres of K-means, in the order of the components that they match, and how many rows each has. */
export function centreTable(result: FitResult, { centres, sizes }: KMeans): TableOfNumbers {
  const places = result.columns.map((_, j) => {
    const deviations = result.mixture.covariances.map((covariance) => Math.sqrt(covariance[j][j]));
    const values = centres.map((centre) => centre[j]);
    return resolved(values, Math.min(...deviations.filter((deviation) => deviation > 0)) / 100);
  });
  const rows = centres.map((_, k) => ({
    head: `Group ${letter(k)}`,
    component: k,
    figures: [plain([sizes[k]], 0)[0], ...places.map((figures) => figures[k])],
  }));
  return { caption: "Centres of K-means", corner: "", columns: ["Rows", ...result.columns], rows };
}
