import { expect, test } from "vitest";

import { componentSwatch } from "../painting/colours";
import type { Path } from "../painting/scene";
import { hollowMarks, outside } from "./hollow";

const places = {
  x: Float32Array.of(10, 20, NaN, 30, 40),
  y: Float32Array.of(5, 5, NaN, 5, 50),
};

test("hollow marks have the colours and shapes of their components, and nothing inside", () => {
  const marks = hollowMarks(places, [0, 8, 0, -1, 0], 12) as Path[];
  const lines = marks.filter(({ stroke }) => stroke !== "--surface");
  expect(lines.map(({ stroke }) => stroke)).toEqual([
    componentSwatch(0).colour,
    componentSwatch(8).colour,
    "--soft-ink",
  ]);
  expect(marks.every(({ fill }) => fill === undefined)).toBe(true);
  const [circles, triangles, crosses] = lines.map(({ d }) => d.split("Z").slice(0, -1));
  expect(circles).toHaveLength(2);
  expect(circles.every((d) => d.includes("A"))).toBe(true);
  expect(triangles.map((d) => d.split("L").length)).toEqual([3]);
  expect(crosses.map((d) => d.split("L").length)).toEqual([12]);
});

test("each mark is set off from what lies below it", () => {
  const marks = hollowMarks(places, [0, 1, 0, 1, 0], 12) as Path[];
  expect(marks.map(({ d }) => d)).toEqual([marks[0].d, marks[0].d, marks[2].d, marks[2].d]);
  expect(marks[0].width).toBeGreaterThan(marks[1].width!);
});

test("what lies outside the picture is counted", () => {
  expect(outside(places, 40, 50)).toBe(1); // no number, no place
  expect(outside(places, 35, 10)).toBe(2);
});
