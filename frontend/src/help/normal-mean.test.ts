import { describe, expect, it } from "vitest";

import { updated } from "../mathematics/normal-mean";
import { columnOf, rangeOf, worked } from "./normal-mean";

describe("the example of the normal mean", () => {
  it("takes the values of a column that are there", () => {
    const points = {
      columns: ["a", "b"],
      n: 3,
      total: 3,
      numbers: new Float64Array([1, 2, 3]),
      values: new Float64Array([1, 10, 2, NaN, 3, 30]),
    };
    expect(columnOf(points, 1)).toEqual([10, 30]);
  });

  it.each([1, 1e-6, 1e9])("begins with beliefs that suit the values, in units of %f", (unit) => {
    const values = [2, 3, 4, 7].map((value) => value * unit);
    const { start, low, high, step } = rangeOf(values);
    expect(start.known / unit).toBeCloseTo(1.87, 0);
    expect(start.deviation).toBeGreaterThanOrEqual(step);
    expect([low / unit, high / unit]).toEqual([expect.closeTo(2), expect.closeTo(7)]);
  });

  it("begins somewhere for values that are all the same", () => {
    for (const value of [0, 5]) {
      const { start, step } = rangeOf([value, value]);
      expect(start.known).toBeGreaterThan(0);
      expect(step).toBeGreaterThan(0);
    }
  });

  it("writes the formulas with their numbers", () => {
    const prior = { location: -60, variance: 25 };
    const data = { n: 3, mean: -69 };
    const { variance, mean } = worked(prior, data, 196, updated(prior, data, 196));
    expect(variance).toContain(String.raw`\left(\frac{3}{196} + \frac{1}{25}\right)^{-1} = 18.08`);
    expect(mean).toContain(String.raw`\frac{3 \cdot (-69)}{196} + \frac{-60}{25}`);
    expect(mean).toMatch(/= -62.49$/);
  });
});
