import { expect, test } from "vitest";

import { bestMatching, crossTable } from "./matching";

function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  return permutations(n - 1).flatMap((rest) =>
    Array.from({ length: n }, (_, at) => [...rest.slice(0, at), n - 1, ...rest.slice(at)]),
  );
}

const total = (gains: number[][], matching: number[]) =>
  matching.reduce((sum, column, row) => sum + gains[row][column], 0);

test("the matching is the best of all permutations", () => {
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  for (let n = 1; n <= 5; n++) {
    for (let time = 0; time < 20; time++) {
      const gains = Array.from({ length: n }, () =>
        Array.from({ length: n }, () => Math.floor(20 * random())),
      );
      const matching = bestMatching(gains);
      expect([...matching].sort()).toEqual(Array.from({ length: n }, (_, i) => i));
      const most = Math.max(...permutations(n).map((one) => total(gains, one)));
      expect(total(gains, matching)).toBe(most);
    }
  }
});

test("labels are counted against one another, but for rows that have none", () => {
  const table = crossTable(Int32Array.of(0, 0, 1, -1), Int32Array.of(1, 1, 0, 0), 2);
  expect(table).toEqual([
    [0, 2],
    [1, 0],
  ]);
});
