import { describe, expect, it } from "vitest";

import { mostlyNumbers, readCell } from "./cells";

const value = (text: string) => {
  const cell = readCell(text);
  return cell.kind === "number" ? cell.value : cell.kind;
};

describe("readCell", () => {
  it.each([
    ["1", 1],
    [" 2.5 ", 2.5],
    ["-3", -3],
    ["−3", -3],
    ["+.5", 0.5],
    ["5.", 5],
    ["1e-3", 1e-3],
    ["1.5E6", 1.5e6],
    ["1,5", 1.5],
    ["-0,25", -0.25],
    ["12,3456", 12.3456],
    ["0,123", 0.123],
    ["1,5e3", 1500],
  ])("reads %s", (text, number) => expect(value(text)).toBe(number));

  it.each(["", "  ", "NA", "N/A", "NaN", "nan", "null", "NULL", "?", "-", "."])(
    "takes %j for missing",
    (text) => expect(value(text)).toBe("missing"),
  );

  it.each(["abc", "1e999", "inf", "Infinity", "0x10", "1_000", "12%", "1,2,3"])(
    "refuses %s",
    (text) => expect(value(text)).toBe("bad"),
  );

  it("does not guess what 1,234 means", () => {
    const cell = readCell("1,234");
    expect(cell).toMatchObject({ kind: "bad" });
    expect(cell.kind === "bad" && cell.reason).toMatch(/1234 or 1\.234/);
    expect(readCell("1.234", { decimal: ",", thousands: "" })).toMatchObject({ kind: "bad" });
    expect(readCell("1,234", { decimal: ",", thousands: "" })).toMatchObject({ value: 1.234 });
  });

  it("reads back every number as JavaScript writes it", () => {
    let seed = 1;
    const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    for (let i = 0; i < 2000; i++) {
      const number = (next() - 0.5) * 10 ** Math.round((next() - 0.5) * 600);
      expect(value(String(number))).toBe(number);
    }
  });
});

describe("what is wrong with a cell", () => {
  it.each([
    ["12 %", /percent/],
    ["$1,063.35", /currency/],
    ["1,063.35 €", /currency/],
    ["(1,063.35)", /currency or percent/],
    ["12,34,567", /do not part groups of three/],
    ["1O.5", /not a number: correct it/],
    ["inf", /not finite/],
    ["1e999", /too large/],
  ])("is told of %s", (text, why) => {
    expect(readCell(text)).toMatchObject({ kind: "bad", reason: expect.stringMatching(why) });
  });

  it("is told of a cell that is written otherwise than its column", () => {
    const cell = readCell("1.063,35", { decimal: ".", thousands: "," }, true);
    expect(cell).toMatchObject({ kind: "bad", reason: expect.stringMatching(/same marks/) });
  });
});

describe("mostlyNumbers", () => {
  const column = (...cells: string[]) => mostlyNumbers(cells.map((cell) => readCell(cell)));

  it("counts what is known only", () => {
    expect(column("1", "2", "x")).toBe(true);
    expect(column("1", "x")).toBe(false);
    expect(column("1", "", "NA")).toBe(true);
    expect(column("", "")).toBe(false);
  });

  it("counts what could be two numbers, and says so of each", () => {
    expect(column("1,204", "2,310", "x")).toBe(true);
    expect(column("12%", "5%")).toBe(false);
  });
});
