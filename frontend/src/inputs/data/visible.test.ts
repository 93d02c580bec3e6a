import { describe, expect, it } from "vitest";

import { scrollTo, visibleRows } from "./visible";

describe("visibleRows", () => {
  it("draws all of a short table", () => {
    expect(visibleRows(0, 300, 30, 7)).toEqual({ first: 0, end: 7, above: 0, below: 0 });
  });

  it("covers the frame at every place of a long table, and keeps its height", () => {
    for (let scroll = 0; scroll <= 2000 * 30 - 300; scroll += 97) {
      const { first, end, above, below } = visibleRows(scroll, 300, 30, 2000);
      expect(above).toBe(first * 30);
      expect(above + (end - first) * 30 + below).toBe(60_000);
      expect(above).toBeLessThanOrEqual(scroll);
      expect(above + (end - first) * 30).toBeGreaterThanOrEqual(scroll + 300);
      expect(end - first).toBeLessThan(30);
    }
  });

  it("reaches the first and the last of very many rows", () => {
    const n = 100_000_000;
    const top = visibleRows(0, 300, 30, n);
    expect([top.first, top.above]).toEqual([0, 0]);
    const height = top.above + (top.end - top.first) * 30 + top.below;
    expect(height).toBeLessThan(1e7);
    const foot = visibleRows(height - 300, 300, 30, n);
    expect(foot.end).toBe(n);
    expect(foot.above + (foot.end - foot.first) * 30).toBeCloseTo(height, 3);
    for (let share = 0; share <= 1; share += 0.01) {
      const scroll = share * (height - 300);
      const { first, end, above } = visibleRows(scroll, 300, 30, n);
      expect(above).toBeLessThanOrEqual(scroll + 1e-3);
      expect(above + (end - first) * 30).toBeGreaterThanOrEqual(scroll + 299);
    }
  });

  it("does not mind an empty table, or one that has become shorter", () => {
    expect(visibleRows(10_000, 300, 30, 5)).toEqual({ first: 0, end: 5, above: 0, below: 0 });
    expect(visibleRows(0, 300, 30, 0)).toEqual({ first: 0, end: 0, above: 0, below: 0 });
  });
});

describe("scrollTo", () => {
  it("moves no further than it must", () => {
    expect(scrollTo(5, 0, 330, 30, 30)).toBe(0);
    expect(scrollTo(20, 0, 330, 30, 30)).toBe(330);
    expect(scrollTo(2, 330, 330, 30, 30)).toBe(60);
  });
});
