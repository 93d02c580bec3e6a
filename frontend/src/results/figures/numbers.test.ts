import { expect, test } from "vitest";

import { count, counted } from "../../phrases";
import {
  aligned,
  covarianceFigures,
  full,
  given,
  nats,
  percent,
  probability,
  resolved,
  seconds,
  small,
  gain,
} from "./numbers";

const texts = (figures: { text: string }[]) => figures.map(({ text }) => text);

test("all digits read back as the same number", () => {
  for (const value of [0.1 + 0.2, -1e-300, 123456789.12345679, 2 / 3]) {
    expect(Number(full(value))).toBe(value);
  }
  expect(full(null)).toBe("");
  expect(full(NaN)).toBe("");
});

test("numbers of a kind have as many decimals, and keep their values", () => {
  const figures = aligned([1234.5678, 0.123456]);
  expect(texts(figures)).toEqual(["1234.57", "0.12"]);
  expect(figures[0].value).toBe(1234.5678);
  expect(texts(aligned([1e12, 1]))).toEqual(["1.000e12", "1.000e0"]);
  expect(texts(aligned([null, 0]))).toEqual(["–", "0"]);
  expect(texts(aligned([-0.00001, 5]))).toEqual(["−0.000010", "5.000000"]);
});

test("places are as exact as their spread makes sense of", () => {
  expect(texts(resolved([5.2, 1.2333333], 0.002))).toEqual(["5.200", "1.233"]);
  expect(texts(resolved([80.6888], 0.05))).toEqual(["80.69"]);
  expect(texts(resolved([1e12], 1e-3))).toEqual(["1.000000000000000e12"]);
  expect(texts(resolved([5.25], 0))).toEqual(["5.250"]);
});

test("entries of a covariance matrix are as exact as they could be large", () => {
  const rows = covarianceFigures([
    [0.13526, 0.43929],
    [0.43929, 29.68393],
  ]);
  expect(rows.map(texts)).toEqual([
    ["0.1353", "0.439"],
    ["0.439\u2007", "29.68\u2007"],
  ]);
  expect(texts(covarianceFigures([[4e9]])[0])).toEqual(["4.000e9"]);
});

test("data are shown as they were given", () => {
  expect(texts(given([3.6, 79, 2.25]))).toEqual(["3.60", "79.00", "2.25"]);
  expect(texts(given([1.5, null, NaN]))).toEqual(["1.5", "–", "–"]);
  expect(texts(given([1 / 3]))).toEqual(["0.333333"]);
});

test("no minus before a zero, and a true minus before other numbers", () => {
  expect(nats(-0.0001)).toBe("0.000");
  expect(nats(-12.34567)).toBe("−12.346");
  expect(nats(-1234567.891)).toBe("−1,234,567.9");
  expect(nats(null)).toBe("–");
  expect(nats(-Infinity)).toBe("−∞");
});

test.each([
  [0, "0"],
  [0.00695532, "0.00696"],
  [12.5, "12.5"],
  [1.69e-31, "1.7e−31"],
  [120, "120"],
])("small(%s) is %s", (value, text) => expect(small(value)).toBe(text));

test.each([
  [0, "0"],
  [1, "1"],
  [0.5, "0.500"],
  [0.9999, "> 0.999"],
  [1e-20, "1.0e−20"],
])("probability(%s) is %s", (value, text) => expect(probability(value)).toBe(text));

test.each([
  [0.5, "50\u00a0%"],
  [0.0625, "6.3\u00a0%"],
  [0.001, "0.10\u00a0%"],
  [0.9999, "over 99.9\u00a0%"],
  [1, "100\u00a0%"],
  [1e-6, "under 0.01\u00a0%"],
])("percent(%s) is %s", (value, text) => expect(percent(value)).toBe(text));

test("counts and times", () => {
  expect(count(1234567)).toBe("1,234,567");
  expect(nats(-1234.5)).toBe("−1234.500");
  expect(counted(1, "row")).toBe("1 row");
  expect(counted(2000, "row")).toBe("2,000 rows");
  expect(seconds(0.0008)).toBe("0.8 ms");
  expect(seconds(0.25)).toBe("0.25 s");
  expect(seconds(75.2)).toBe("75.2 s");
});

test("a gain is seen however small it is, but for rounding", () => {
  expect([2.3079, 0.0021, 1.234e-7, 9e-16, -0.5].map(gain)).toEqual([
    "2.308",
    "0.0021",
    "1.2e−7",
    "0",
    "−0.500",
  ]);
});
