import { describe, expect, it } from "vitest";

import api from "../../../../src/bactrian/web/openapi.json";
import {
  changedFrom,
  DEFAULTS,
  numberText,
  read,
  typedOf,
  type Bounds,
  type Typed,
} from "./settings";

const bounds: Bounds = { rows: 6, dimensions: 2, components: 100 };
const reading = (changes: Partial<Typed>, limits = bounds) =>
  read({ ...typedOf(DEFAULTS), ...changes }, limits, DEFAULTS);

describe("the defaults", () => {
  it("are those of the server", () => {
    const { properties } = api.components.schemas.Settings;
    const all = Object.entries(properties as Record<string, Record<string, unknown>>);
    const told = all.filter(([, setting]) => setting["x-for-programs"] !== true);
    expect(Object.fromEntries(told.map(([name, { default: value }]) => [name, value]))).toEqual(
      DEFAULTS,
    );
  });

  it("come back from the inputs as they went in", () => {
    expect(reading({})).toEqual({ settings: DEFAULTS, problems: {} });
  });
});

describe("read", () => {
  it.each([
    ["n_components", "3", 3],
    ["n_components", " 6 ", 6],
    ["max_iter", "0", 0],
    ["max_iter", "1e3", 1000],
    ["tol", "0", 0],
    ["tol", "1e-8", 1e-8],
    ["tol", "0,001", 0.001],
    ["n_init", "Auto ", "auto"],
    ["n_init", "5", 5],
    ["seed", "4294967295", 4294967295],
    ["reg_covar", "1e-6", 1e-6],
  ] as const)("takes %s %j", (field, text, value) => {
    const { settings, problems } = reading({ [field]: text });
    expect(settings[field]).toBe(value);
    expect(problems).toEqual({});
  });

  it.each([
    ["n_components", "0", /too small/],
    ["n_components", "7", /at most 6; there are 6 rows/],
    ["n_components", "2.5", /whole number/],
    ["n_components", "", /^Give a whole number/],
    ["n_components", "two", /“two” cannot be used/],
    ["n_components", "NaN", /cannot be used/],
    ["max_iter", "-1", /too small/],
    ["tol", "-1", /at least 0/],
    ["tol", "small", /such as 1e-4/],
    ["tol", "1,063", /can be two numbers/],
    ["tol", "1e999", /cannot be used/],
    ["n_init", "0", /too small/],
    ["n_init", "some", /“auto”/],
    ["seed", "4294967296", /too large/],
    ["reg_covar", "-1", /“auto”/],
  ] as const)("says what is wrong with %s %j", (field, text, message) => {
    expect(reading({ [field]: text }).problems[field]).toMatch(message);
  });

  it("allows for as many components as the server does where rows are not known", () => {
    const none = { ...bounds, rows: null };
    expect(reading({ n_components: "100" }, none).problems).toEqual({});
    expect(reading({ n_components: "101" }, none).problems.n_components).toMatch(/lower it/);
  });

  it("says what one row of several values may be", () => {
    const { problems } = reading({ n_components: "2" }, { ...bounds, rows: 1 });
    expect(problems.n_components).toMatch(/1 row: if it holds the values of one column/);
  });

  it("wants starting means that fit", () => {
    const means_init = [
      [1, 2],
      [3, 4],
    ];
    expect(reading({ means_init }).problems).toEqual({});
    expect(reading({ means_init, n_components: "3" }).problems.means_init).toMatch(/2 × 2/);
    expect(reading({ means_init }, { ...bounds, dimensions: 1 }).problems.means_init).toBeTruthy();
  });
});

describe("point masses", () => {
  const one = { ...bounds, dimensions: 1 };
  it.each([
    ["none", "none"],
    [" Auto", "auto"],
    ["0", [0]],
    ["0, 4.5", [0, 4.5]],
    ["spend=0", { spend: [0] }],
    ["a=b=0,-1e3; age = 18", { "a=b": [0, -1000], age: [18] }],
  ] as const)("takes %j", (spikes, value) => {
    const { settings, problems } = reading({ spikes }, one);
    expect(settings.spikes).toEqual(value);
    expect(problems).toEqual({});
    const again = typedOf({ spikes: settings.spikes }).spikes!;
    expect(reading({ spikes: again }, one).settings.spikes).toEqual(value);
  });

  it.each([
    ["", /^Give “none”/],
    ["zeros", /“zeros” cannot be used/],
    ["spend=", /cannot be used/],
    ["=0", /cannot be used/],
    ["a=0; a=1", /a is there twice/],
  ] as const)("says what is wrong with %j", (spikes, message) => {
    expect(reading({ spikes }, one).problems.spikes).toMatch(message);
  });

  it("wants to know of which column a value is", () => {
    expect(reading({ spikes: "0" }).problems.spikes).toMatch(/of which column 0 is a value/);
  });
});

describe("numberText", () => {
  it("writes numbers so that they are read back", () => {
    expect(numberText(1e-4)).toBe("1e-4");
    expect(numberText(0)).toBe("0");
    for (const value of [0.1, 1e-300, 123456789, 1 / 3, 4e9]) {
      expect(Number(numberText(value))).toBe(value);
    }
  });
});

describe("changedFrom", () => {
  it("names what differs", () => {
    const settings = { ...DEFAULTS, n_components: 4, noise: true, means_init: [[1]] };
    expect(changedFrom(DEFAULTS, settings)).toEqual({
      n_components: 4,
      noise: true,
      means_init: [[1]],
    });
  });
});
