import type { FitResult } from "../../api/types";
import { counted } from "../../phrases";
import { aligned, percent, plain, resolved, small, type Figure } from "../figures/numbers";
import type { TableOfNumbers } from "../figures/tables";

/** What a fit tells of a posterior; the fields are those of `bactrian posterior --json`. */
export interface Posterior {
  level: number;
  evidence_bound: number | null;
  components: Held[];
  prior: Prior;
  parameters: Parameter[];
}

export interface Held {
  component: number;
  rows: number;
  probability_empty: number | null;
  /** Of the t distribution of the mean; null where it has none, or with many columns. */
  mean_scale: number[][] | null;
  mean_dof: number | null;
}

export interface Prior {
  weight_concentration_prior_type: "dirichlet_process" | "dirichlet_distribution";
  weight_concentration_prior: number;
  mean_precision_prior: number;
  degrees_of_freedom_prior: number;
  expected_components: number;
  features: {
    feature: string;
    mean: number;
    mean_low: number;
    mean_high: number;
    deviation_low: number;
    deviation_high: number;
  }[];
}

export interface Parameter {
  parameter: "weight" | "mean" | "variance" | "correlation";
  component: number;
  feature: string | null;
  other_feature: string | null;
  mean: number | null;
  mode: number | null;
  deviation: number | null;
  low: number | null;
  high: number | null;
}

const HELD = 0.5; // rows from which on a component is taken to hold some

/** What is known of a posterior; null after maximum likelihood. */
export function posteriorOf(result: FitResult): Posterior | null {
  return (result.document.posterior ?? null) as Posterior | null;
}

/** The components that hold rows. */
export function heldOf(posterior: Posterior): Held[] {
  return posterior.components.filter(({ rows }) => rows >= HELD);
}

/** The prior in words: what it says of sizes, means and spreads. */
export function priorWords({ prior, level }: Posterior): string[] {
  const process = prior.weight_concentration_prior_type === "dirichlet_process";
  const kind = process ? "infinitely many components, a Dirichlet process" : "a Dirichlet prior";
  const expected = plain([prior.expected_components], 1)[0].text;
  const worth = (rows: number) => (rows === 1 ? "one row" : `${small(rows)} rows`);
  const share = percent(level);
  const spans = (low: "mean_low" | "deviation_low", high: "mean_high" | "deviation_high") =>
    prior.features
      .slice(0, 4)
      .map((one) => {
        const [from, to] = aligned([one[low], one[high]], 2);
        return `${one.feature} ${from.text} to ${to.text}`;
      })
      .join("; ");
  const more = prior.features.length > 4 ? "; and so on" : "";
  return [
    `Sizes: ${kind} of concentration ${small(prior.weight_concentration_prior)}. Before the data ` +
      `are seen, ${expected} components are expected in these rows.`,
    `Means: as if ${worth(prior.mean_precision_prior)} at the mean of the data had been seen. ` +
      `With ${share} the mean of a component is in ${spans("mean_low", "mean_high")}${more}.`,
    `Spreads: as if ${worth(prior.degrees_of_freedom_prior)} had been seen. With ${share} the ` +
      `standard deviation of a component is in ${spans("deviation_low", "deviation_high")}${more}.`,
  ];
}

/** How many components the rows speak for. */
export function heldWords(posterior: Posterior): string {
  const [held, all] = [heldOf(posterior).length, posterior.components.length];
  if (held === all) return `All ${all} components hold rows: more may be needed; raise K to see.`;
  return (
    `${counted(held, "component")} of ${all} ${held === 1 ? "holds" : "hold"} rows. Of the others ` +
    "only the prior is known."
  );
}

/** Rows that each component holds, and how probable it is that it holds none. */
export function sizeTable(posterior: Posterior): TableOfNumbers {
  const { components } = posterior;
  const rows = plain(
    components.map((one) => one.rows),
    1,
  );
  const empty = plain(
    components.map((one) => one.probability_empty),
    3,
  );
  return {
    caption: "Expected rows of each component, and how probable it is that it has none",
    corner: "",
    columns: ["Rows", "P(empty)"],
    rows: components.map((_, k) => ({
      head: `Component ${k + 1}`,
      component: k,
      figures: [rows[k], empty[k]],
    })),
  };
}

/** Posterior mean, mode and interval of each parameter of a component. */
export function parameterIntervals(posterior: Posterior, component: number): TableOfNumbers {
  const own = posterior.parameters.filter((one) => one.component === component);
  return {
    caption: `Component ${component}: estimates, and intervals of ${percent(posterior.level)}`,
    corner: "",
    columns: ["Mean", "Mode", "Low", "High"],
    rows: own.map((one) => ({ head: headOf(one), figures: figuresOf(one) })),
  };
}

function headOf({ parameter, feature, other_feature }: Parameter): string {
  const name = parameter[0].toUpperCase() + parameter.slice(1);
  return [name, [feature, other_feature].filter((one) => one !== null).join(", ")]
    .filter((part) => part !== "")
    .join(" ");
}

/** With the digits that the deviation supports. */
function figuresOf({ mean, mode, deviation, low, high }: Parameter): Figure[] {
  return resolved([mean, mode, low, high], (deviation ?? 0) / 50);
}
