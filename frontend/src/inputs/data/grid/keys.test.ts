import { describe, expect, it } from "vitest";

import { moved, type Place } from "./keys";

const extent = { rows: 7, columns: 2, page: 4 };
const press = (at: Place, ...keys: string[]) =>
  keys.reduce<Place | null>((place, key) => {
    const [control, shift] = [key.startsWith("^"), key.startsWith("+")];
    return place && moved(place, { key: key.replace(/^[+^]/, ""), shift, control }, extent);
  }, at);
const cell = (row: number, column: number): Place => ({ row, column, part: "cell" });

describe("moved", () => {
  it("follows the arrows and stops at the edges", () => {
    expect(press(cell(0, 0), "ArrowDown", "ArrowRight")).toEqual(cell(1, 1));
    expect(press(cell(6, 0), "ArrowDown", "ArrowLeft")).toEqual(cell(6, 0));
    expect(press(cell(0, 0), "ArrowUp", "ArrowUp")).toEqual(cell(-1, 0));
  });

  it("goes through the names and their buttons in the head", () => {
    expect(press(cell(-1, 0), "ArrowRight")).toEqual({ row: -1, column: 0, part: "delete" });
    expect(press(cell(-1, 0), "ArrowRight", "ArrowRight")).toEqual(cell(-1, 1));
    expect(press(cell(-1, 1), "ArrowRight", "ArrowRight", "ArrowRight")).toEqual(cell(-1, 2));
    expect(press(cell(-1, 2), "ArrowLeft")).toEqual({ row: -1, column: 1, part: "delete" });
    expect(press({ row: -1, column: 1, part: "delete" }, "ArrowDown")).toEqual(cell(0, 1));
  });

  it("reaches the button of a row", () => {
    expect(press(cell(3, 1), "ArrowRight")).toEqual(cell(3, 2));
    expect(press(cell(3, 1), "ArrowRight", "ArrowRight")).toEqual(cell(3, 2));
  });

  it("goes to the ends", () => {
    expect(press(cell(3, 0), "End")).toEqual(cell(3, 1));
    expect(press(cell(3, 1), "Home")).toEqual(cell(3, 0));
    expect(press(cell(3, 1), "^Home")).toEqual(cell(0, 0));
    expect(press(cell(3, 0), "^End")).toEqual(cell(6, 1));
    expect(press(cell(1, 0), "PageDown", "PageDown")).toEqual(cell(6, 0));
    expect(press(cell(3, 1), "^ArrowUp")).toEqual(cell(0, 1));
  });

  it("goes on with Tab, from row to row, and out of the table at its ends", () => {
    expect(press(cell(0, 0), "Tab", "Tab")).toEqual(cell(1, 0));
    expect(press(cell(1, 0), "+Tab")).toEqual(cell(0, 1));
    expect(press(cell(6, 1), "Tab")).toBeNull();
    expect(press(cell(0, 0), "+Tab")).toBeNull();
  });

  it("leaves all other keys alone", () => {
    expect(press(cell(0, 0), "x")).toBeNull();
  });
});
