import { afterEach, describe, expect, it, vi } from "vitest";

import type { Dataset } from "../../api/types";
import { setCell, sheetOf } from "./sheet";
import { HeldSource, SheetSource } from "./sources.svelte";

const rows = [
  ["1", "2"],
  ["3", "4"],
];
const source = () => new SheetSource(sheetOf(["a", "b"], rows), "t", "sample");

function dataset(id: string): Dataset {
  const numbers = { n_missing: 0, minimum: 1, maximum: 2, mean: 1.5, standard_deviation: 0.5 };
  const columns = [
    { name: "a", ...numbers },
    { name: "b", ...numbers },
  ];
  return { id, name: "t", n_rows: 2, columns, left_out: [], notes: [] };
}

/** A server that knows what it is told of, and can be made to forget. */
function serve() {
  const held = new Map<string, Dataset>();
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    asked.push(`${init.method ?? "GET"} ${path.replace("api/v1/", "")}`);
    if (init.method === "POST") {
      const sent = dataset(`dataset-${asked.length}`);
      held.set(sent.id, sent);
      return new Response(JSON.stringify(sent));
    }
    const known = held.get(path.split("/").at(-1)!);
    return new Response(JSON.stringify(known ?? { message: "gone" }), {
      status: known ? 200 : 404,
    });
  });
  return { held, asked };
}

afterEach(() => void vi.unstubAllGlobals());

describe("a typed table", () => {
  it("undoes and redoes, the letters of a cell together", () => {
    const typed = source();
    for (const text of ["9", "98", "987"]) {
      typed.put(setCell(typed.sheet, 0, 0, text), "0:0");
    }
    typed.endStep();
    typed.put(setCell(typed.sheet, 1, 1, "5"), "1:1");
    typed.undo();
    expect(typed.sheet.rows[0][0]).toBe("987");
    typed.undo();
    expect(typed.sheet.rows[0][0]).toBe("1");
    expect(typed.edited).toBe(false);
    typed.undo();
    typed.redo();
    typed.redo();
    expect(typed.sheet.rows).toEqual([
      ["987", "2"],
      ["3", "5"],
    ]);
  });

  it("keeps the roles of its columns when cells are undone", () => {
    const typed = source();
    typed.put(setCell(typed.sheet, 0, 0, "9"));
    typed.setRoles(["feature", "out"]);
    typed.undo();
    expect(typed.used.map((column) => column.name)).toEqual(["a"]);
  });

  it("is an example until it is changed, and the user's from then on", () => {
    const typed = source();
    expect([typed.example, typed.own]).toEqual(["sample", false]);
    typed.setRoles(["feature", "out"]);
    expect(typed.example).toBe("sample");
    typed.put(setCell(typed.sheet, 0, 0, "9"));
    expect([typed.example, typed.own]).toEqual([null, true]);
  });

  it("is sent once, again if it changes, and again if the server has forgotten it", async () => {
    const { held, asked } = serve();
    const typed = source();
    const first = await typed.sent();
    expect((await typed.sent()).id).toBe(first.id);
    typed.setRoles(["feature", "out"]);
    expect((await typed.sent()).id).toBe(first.id);
    held.clear();
    expect((await typed.sent()).id).not.toBe(first.id);
    typed.put(setCell(typed.sheet, 0, 0, "9"));
    expect(typed.held).toBeNull();
    await typed.sent();
    expect(asked.filter((one) => one.startsWith("POST"))).toHaveLength(3);
  });

  it("says what stands in the way of a fit", () => {
    const told = (cells: string[][], names = ["a", "b"]) =>
      new SheetSource(sheetOf(names, cells), "t", null).problems.map(({ message }) => message);
    expect(told(rows)).toEqual([]);
    expect(told([["", ""]])[0]).toMatch(/nothing to fit/);
    expect(told([["1", "2"]])[0]).toMatch(/nothing to fit/);
    expect(told([...rows, ["x", "1"]])[0]).toMatch(/^Row 3, column a: “x” is not a number/);
    expect(told(rows, ["a", "a"])[0]).toMatch(/rename/);
    const none = source();
    none.setRoles(["out", "out"]);
    expect(none.problems[0].field).toBe("columns");
  });
});

describe("a table that the server holds", () => {
  it("is sent again from what the page has", async () => {
    const { held } = serve();
    const send = vi.fn(async () => dataset("new-dataset"));
    const file = new HeldSource(dataset("old-dataset"), send);
    held.set("old-dataset", dataset("old-dataset"));
    expect((await file.sent()).id).toBe("old-dataset");
    file.setRoles(["out", "weight"]);
    held.clear();
    expect((await file.sent()).id).toBe("new-dataset");
    expect(send).toHaveBeenCalledOnce();
    expect(file.columns.map((column) => column.role)).toEqual(["out", "weight"]);
  });
});
