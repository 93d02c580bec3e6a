import { expect, test } from "vitest";

import { pasted } from "./pasted";

const AB = ["a", "b"];

test.each([
  [
    "1,2\n3,4",
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ["1\t2,5", [[1, 2.5]]],
  ["1,5;2", [[1.5, 2]]],
  ["  1   2 ", [[1, 2]]],
  ["a,b\n1,2", [[1, 2]]],
  ["x y\n1 2", [[1, 2]]],
  [
    "1,NA\n,2",
    [
      [1, null],
      [null, 2],
    ],
  ],
  ["1e3,−2", [[1000, -2]]],
  ["", []],
])("reads %j", (text, rows) => expect(pasted(text, AB)).toEqual({ rows }));

test("what cannot be used is said with its line", () => {
  expect(pasted("1,2\n\n3", AB)).toEqual({
    wrong: "Line 2 has 1 value; the mixture has 2: a, b.",
  });
  expect(pasted("a,b\n1,zwei", AB)).toEqual({ wrong: "Line 2: “zwei” is not a number." });
});
