import { expect, test } from "vitest";

import { changed, faithful, redocumented, sample } from "../../testing/fits";
import { contrast } from "../kmeans/contrast";
import { interpretation } from "./interpretation";

test("the sample: who holds what, where, what goes together, who is sure", () => {
  const told = interpretation(sample.result, sample.points).join(" ");
  expect(told).toContain("50\u00a0% of the rows around (1.2, 1.1)");
  expect(told).toContain("component 2 holds 50\u00a0% around (5.2, 5.0)");
  expect(told).toMatch(/Within component [12] X1 and X2 rise together \(correlation 0\.94\)\./);
  expect(told).toContain("Every row belongs to one component with a probability of over 90 %.");
});

test("rows are not spoken of if they are not given", () => {
  expect(interpretation(sample.result).join(" ")).not.toContain("Every row");
});

test("uncertain rows are counted", () => {
  const told = interpretation(faithful.result, faithful.points).at(-1)!;
  expect(told).toMatch(/^1 row is uncertain \(no component reaches a probability of 90 %\)\.$/);
});

test("row weights are not called rows", () => {
  const weighted = redocumented(sample.result, "data", { weight: 60.5 });
  expect(interpretation(weighted)[0]).toContain("50\u00a0% of the weight");
});

test("equal weights have no largest and smallest", () => {
  const { mixture } = sample.result;
  const four = (values: number[][]) => Array.from({ length: 4 }, () => values[0]);
  const equal = {
    ...mixture,
    weights: Array(4).fill(0.25),
    means: four(mixture.means),
    covariances: Array(4).fill(mixture.covariances[0]),
  };
  const told = interpretation(changed(sample.result, { mixture: equal }));
  expect(told[0]).toBe("The 4 components hold 25\u00a0% of the rows each.");
});

test("many components: the largest and the smallest", () => {
  const { mixture } = sample.result;
  const many = {
    ...mixture,
    weights: [0.1, 0.5, 0.3, 0.1],
    means: [
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 3],
    ],
    covariances: Array(4).fill([
      [1, 0],
      [0, 1],
    ]),
  };
  const told = interpretation(changed(sample.result, { mixture: many }));
  expect(told[0]).toContain("The largest of the 4 components is component 2, with 50\u00a0%");
  expect(told[0]).toContain("the smallest is component 4, with 10\u00a0%");
});

test("point masses: how many rows are at each, and of which components", () => {
  const { mixture, columns } = sample.result;
  const spikes = [
    { column: 1, value: 0, shares: mixture.means.map((_, k) => (k === 0 ? 0.02 : 0.97)) },
  ];
  const told = interpretation(changed(sample.result, { mixture: { ...mixture, spikes } })).join(
    " ",
  );
  const total = mixture.weights.reduce((sum, w, k) => sum + w * spikes[0].shares[k], 0);
  expect(told).toContain(`of the rows are at 0 in ${columns[1]}: 2\u00a0% of component 1`);
  expect(told).toContain(`${(100 * total).toPrecision(2)}`);
  const common = [{ column: 0, value: 4.5, shares: [0.25] }];
  expect(
    interpretation(changed(sample.result, { mixture: { ...mixture, spikes: common } })).join(" "),
  ).toContain(`25\u00a0% of the rows are at 4.5 in ${columns[0]}, whatever their component.`);
});

test("many columns: those in which a component stands out", () => {
  const columns = ["a", "b", "c", "d"];
  const unit = columns.map((_, i) => columns.map((_, j) => (i === j ? 1 : 0)));
  const mixture = {
    ...{ weights: [0.5, 0.5], covariances: [unit, unit], noise: null, dof: null, spikes: null },
    means: [
      [0, 5, 0, -2],
      [0, -5, 0, 2],
    ],
  };
  const told = interpretation(changed(sample.result, { columns, mixture }));
  expect(told).toEqual([
    "Component 1 holds 50\u00a0% of the rows: high in b (5.0) and low in d (−2.0).",
    "Component 2 holds 50\u00a0% of the rows: low in b (−5.0) and high in d (2.0).",
  ]);
});

test("K-means: its groups have the order of the components, and those that differ are counted", () => {
  const { result, points } = sample;
  const same = contrast(result, points)!;
  expect(same.different).toEqual([]);
  expect(same.sentences[0]).toBe("K-means and the mixture label all 6 rows alike.");
  same.kmeans.centres.forEach((centre, k) =>
    centre.forEach((value, j) => expect(value).toBeCloseTo(result.mixture.means[k][j], 6)),
  );
  const kmeans = {
    centres: [
      [1.1, 1.0],
      [3.6, 3.5],
    ],
    sizes: [2, 4],
  };
  const other = contrast(
    changed(result, {
      kmeans: {
        ...kmeans,
        centres: [
          [-2, -2],
          [3, 3],
        ],
      },
    }),
    points,
  )!;
  expect(other.different.length).toBe(
    0 + [0, 1, 4].filter((i) => points.values[2 * i] > 0.5).length,
  );
  expect(other.sentences[0]).toMatch(/^3 rows of 6 \(50\u00a0%\) are labelled differently/);
});

test("the cuts of one column", () => {
  const { mixture } = sample.result;
  const line = { ...mixture, means: [[1], [5]], covariances: [[[0.04]], [[1]]] };
  const one = changed(sample.result, { mixture: line, columns: ["height"] });
  const cut = { value: 1.61234, below: 1, above: 2 };
  const told = interpretation(redocumented(one, "model", { thresholds: [cut] })).join(" ");
  expect(told).toContain(
    "Rows below 1.612 in height are most probably of component 1, those above of component 2.",
  );
  const both = [{ value: 0.31234, below: -1, above: 1 }, cut];
  expect(interpretation(redocumented(one, "model", { thresholds: both })).join(" ")).toContain(
    "changes at 0.312 (from the noise to component 1) and 1.612 (from component 1 to component 2).",
  );
  expect(interpretation(one).join(" ")).not.toContain("most probably of");
});
