import { expect, test } from "vitest";

import { drawnOf } from "./points";

test("of many drawn rows, sorted by component, as many are left of each", () => {
  const n = 10_000;
  const components = Array.from({ length: n }, (_, i) => (i < 7000 ? 1 : i < 9000 ? 2 : -1));
  const rows = components.map((k, i) => [k, i]);
  const drawn = drawnOf({ columns: ["k", "i"], rows, components }, 1000);
  const times = (k: number) => [...Array.from(drawn.components)].filter((one) => one === k).length;
  expect([times(0), times(1), times(-1)]).toEqual([700, 200, 100]);
  expect(drawn.points.n).toBe(1000);
  expect([...drawn.points.values.slice(0, 4)]).toEqual([1, 0, 1, 10]);
});

test("few drawn rows are all there", () => {
  const drawn = drawnOf({ columns: ["x"], rows: [[5], [6]], components: [2, -1] });
  expect([...drawn.points.values]).toEqual([5, 6]);
  expect(drawn.components).toEqual([1, -1]);
});
