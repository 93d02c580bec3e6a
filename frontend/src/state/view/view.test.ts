import { expect, test } from "vitest";

import { view } from "./view.svelte";

test("axes that are not there give way", () => {
  const columns = ["a", "b", "c", "d"];
  expect(view.axesOf(columns)).toEqual([0, 1]);
  view.choose(columns, [2, 3]);
  expect(view.axesOf(columns)).toEqual([2, 3]);
  expect(view.axesOf(["d", "c"])).toEqual([1, 0]);
  expect(view.axesOf(["a", "c"])).toEqual([0, 1]);
  expect(view.axesOf(["a"])).toEqual([0, 0]);
});
