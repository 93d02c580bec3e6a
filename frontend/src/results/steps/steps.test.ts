import { expect, test } from "vitest";

import type { Settings } from "../../api/types";
import { indexOf, valuesAt } from "../../mathematics/points";
import { faithful, oracle } from "../../testing/fits";
import { pointsOf, quantile } from "../rows/points";
import { mStepTex } from "./m-step";
import { caveats, effectiveRows, eStep, eStepTex, tex, texExp } from "./steps";

const { frames, points } = faithful;
const frame = frames.frames[oracle.frame];
const next = frames.frames[oracle.frame + 1];

test("the E-step of a row is SciPy's", () => {
  const { terms, logTotal } = eStep(frame.mixture, valuesAt(points, oracle.row - 1));
  terms.forEach((term, k) => {
    expect(term.logProduct).toBeCloseTo(oracle.log_products[k], 10);
    expect(term.responsibility).toBeCloseTo(oracle.responsibilities[k], 12);
    expect(term.logProduct).toBeCloseTo(Math.log(term.weight) + term.logDensity, 12);
  });
  expect(Math.exp(logTotal)).toBeCloseTo(
    oracle.log_products.reduce((sum, log) => sum + Math.exp(log), 0),
    12,
  );
});

test("the rows that a component counts are the next weight times all rows", () => {
  frame.mixture.weights.forEach((_, k) => {
    const [rows, of] = effectiveRows(frame, next, k, points, true);
    expect(of).toBe(272);
    expect(rows).toBeCloseTo(oracle.effective[k], 8);
    expect(effectiveRows(frame, next, k, points, false)[0]).toBeCloseTo(rows, 8);
  });
});

test("numbers in TeX", () => {
  expect(tex(0.590123)).toBe("0.5901");
  expect(tex(12.3456)).toBe("12.35");
  expect(tex(158.598)).toBe("158.6");
  expect(tex(0.0107)).toBe("0.01070");
  expect(tex(1e-17)).toBe("1.000\\!\\times\\!10^{-17}");
  expect(texExp(-2000)).toBe("2.577\\!\\times\\!10^{-869}");
  expect(texExp(-Infinity)).toBe("0");
});

test("the division is spelled out with the numbers of the row", () => {
  const values = valuesAt(points, oracle.row - 1);
  const spelled = eStepTex(eStep(frame.mixture, values), oracle.row, false);
  expect(spelled[0]).toMatch(/^p\(x_\{7\}\) = .* \+ .* = /);
  expect(spelled[1]).toContain("r_{7,1} &= \\frac{");
  expect(spelled[1]).toContain(`= ${tex(oracle.responsibilities[0])}`);
});

test("the M-step has the next parameters", () => {
  const [weights, means] = mStepTex(frame, next, 0, points, true);
  expect(weights).toContain(
    `\\frac{${tex(oracle.effective[0])}}{272} = ${tex(next.mixture.weights[0])}`,
  );
  expect(means).toContain(next.mixture.means[0][1].toFixed(2).slice(0, 4));
});

test("steps that are no plain M-step say so", () => {
  const settings = { covariance_type: "full", prior: "none", family: "gaussian" } as Settings;
  expect(caveats(frame, next, settings, points, points.total)).toEqual([]);
  expect(
    caveats(frame, { ...next, accelerated: true }, settings, points, points.total)[0],
  ).toContain("accelerated");
  expect(
    caveats(frame, { ...next, iteration: frame.iteration + 5 }, settings, points, points.total)[0],
  ).toContain("5");
  const sampled = { ...frame, n_rows: 100 };
  expect(caveats(sampled, { ...next, n_rows: 100 }, settings, points, points.total)[0]).toContain(
    "sample of 100",
  );
  expect(
    caveats(frame, next, { ...settings, covariance_type: "tied" }, points, points.total)[0],
  ).toContain("tied");
});

test("a row without some values has the densities of what is observed", () => {
  const { terms } = eStep(frame.mixture, Float64Array.of(3.6, NaN));
  const { means, covariances, weights } = frame.mixture;
  const variance = covariances[0][0][0];
  const log = -0.5 * Math.log(2 * Math.PI * variance) - (3.6 - means[0][0]) ** 2 / (2 * variance);
  expect(terms[0].logProduct).toBeCloseTo(Math.log(weights[0]) + log, 12);
});

test("rows are found among those drawn", () => {
  const drawn = { ...points, numbers: Float64Array.of(2, 5, 9), n: 3 };
  expect([2, 5, 9, 1, 7].map((row) => indexOf(drawn, row))).toEqual([0, 1, 2, null, null]);
  expect(pointsOf(["a"], [[1], [null]]).values[1]).toBeNaN();
});

test("a share of the rows lies at or below its quantile", () => {
  const logs = Float64Array.of(-5, -1, -3, -2);
  expect(quantile(logs, 0.25)).toBe(-5);
  expect(quantile(logs, 0.5)).toBe(-3);
  expect(quantile(logs, 1)).toBe(-1);
});
