import { describe, expect, it } from "vitest";

import {
  heldOf,
  heldWords,
  parameterIntervals,
  priorWords,
  sizeTable,
  type Parameter,
  type Posterior,
} from "./posterior";

const numbers = { mean: 4.28784, mode: 4.28784, deviation: 0.0319, low: 4.2252, high: 4.3504 };
const mean: Parameter = {
  parameter: "mean",
  component: 1,
  feature: "eruptions",
  other_feature: null,
  ...numbers,
};
const correlation: Parameter = {
  ...mean,
  parameter: "correlation",
  other_feature: "waiting",
  mean: null,
  deviation: null,
};

const posterior: Posterior = {
  level: 0.95,
  evidence_bound: -1180.34,
  components: [
    { component: 1, rows: 174.8, probability_empty: 0, mean_scale: null, mean_dof: null },
    { component: 2, rows: 0.02, probability_empty: 0.98, mean_scale: null, mean_dof: null },
  ],
  prior: {
    weight_concentration_prior_type: "dirichlet_process",
    weight_concentration_prior: 0.5,
    mean_precision_prior: 1,
    degrees_of_freedom_prior: 2,
    expected_components: 3.54,
    features: [
      {
        feature: "eruptions",
        mean: 3.5,
        mean_low: -11.2,
        mean_high: 18.1,
        deviation_low: 0.51,
        deviation_high: 36,
      },
    ],
  },
  parameters: [mean, correlation, { ...mean, component: 2 }],
};

describe("what is known of the parameters", () => {
  it("says what the prior says of sizes, means and spreads", () => {
    const [sizes, means, spreads] = priorWords(posterior);
    expect(sizes).toContain("a Dirichlet process of concentration 0.5");
    expect(sizes).toContain("3.5 components are expected");
    expect(means).toMatch(/as if one row .* eruptions −11 to 18\./);
    expect(spreads).toMatch(/as if 2 rows .* eruptions 0\.51 to 36\.00\./);
  });

  it("counts the components that hold rows", () => {
    expect(heldOf(posterior).map(({ component }) => component)).toEqual([1]);
    expect(heldWords(posterior)).toContain("1 component of 2 holds rows");
    const full = { ...posterior, components: posterior.components.slice(0, 1) };
    expect(heldWords(full)).toContain("raise K");
  });

  it("has a row for each component, and for each parameter", () => {
    expect(sizeTable(posterior).rows.map(({ figures }) => figures[1].text)).toEqual([
      "0.000",
      "0.980",
    ]);
    const { rows, caption } = parameterIntervals(posterior, 1);
    expect(caption).toContain("95");
    expect(rows.map(({ head }) => head)).toEqual([
      "Mean eruptions",
      "Correlation eruptions, waiting",
    ]);
    expect(rows[0].figures.map(({ text }) => text)).toEqual([
      "4.2878",
      "4.2878",
      "4.2252",
      "4.3504",
    ]);
    expect(rows[1].figures[0].value).toBeNull();
  });
});
