import { describe, expect, it } from "vitest";

import {
  addColumn,
  deleteColumn,
  deleteRow,
  doubtIn,
  paste,
  readAs,
  rename,
  reportOn,
  setCell,
  sheetOf,
  sheetOfBlock,
  tableOf,
  withRole,
  type Sheet,
} from "./sheet";

const small = () =>
  sheetOf(
    ["a", "b"],
    [
      ["1", "2"],
      ["3", ""],
    ],
  );
const block = (rows: string[][]) => ({ names: null, rows, notes: [] });

describe("a sheet", () => {
  it("is never changed, and shares what stays", () => {
    const before = small();
    const after = setCell(before, 0, 1, "9");
    expect(before.rows[0][1]).toBe("2");
    expect(after.rows[0][1]).toBe("9");
    expect(after.rows[1]).toBe(before.rows[1]);
    expect(setCell(before, 0, 1, "2")).toBe(before);
  });

  it("gets a row by typing behind the last", () => {
    expect(setCell(small(), 2, 1, "7").rows[2]).toEqual(["", "7"]);
  });

  it("keeps its last column", () => {
    const one = deleteColumn(small(), 0);
    expect(one.columns.map((column) => column.name)).toEqual(["b"]);
    expect(deleteColumn(one, 0)).toBe(one);
  });

  it("grows under a pasted block, and keeps what is beside it", () => {
    const wide = paste(
      small(),
      1,
      1,
      block([
        ["5", "6"],
        ["7", "8"],
      ]),
    );
    expect(wide.rows).toEqual([
      ["1", "2", ""],
      ["3", "5", "6"],
      ["", "7", "8"],
    ]);
    expect(wide.columns.map((column) => column.name)).toEqual(["a", "b", "x3"]);
  });

  it("gives new columns names that are free", () => {
    const named = addColumn(rename(small(), 0, "x3"));
    expect(named.columns[2].name).toBe("x4");
    expect(sheetOfBlock(block([["1", "2"]])).columns.map((c) => c.name)).toEqual(["x1", "x2"]);
  });

  it("stays rectangular whatever is done to it", () => {
    let seed = 7;
    const next = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
    let sheet: Sheet = small();
    for (let i = 0; i < 2000; i++) {
      const [row, column] = [next(sheet.rows.length + 1), next(sheet.columns.length)];
      const acts = [
        () => setCell(sheet, row, column, String(i)),
        () => deleteRow(sheet, row),
        () => (sheet.columns.length < 8 ? addColumn(sheet) : sheet),
        () => deleteColumn(sheet, column),
        () =>
          paste(
            sheet,
            row,
            Math.min(column, 5),
            block([
              ["1", "2"],
              ["", "x"],
            ]),
          ),
      ];
      sheet = acts[next(acts.length)]();
      expect(sheet.columns.length).toBeGreaterThan(0);
      for (const cells of sheet.rows) expect(cells.length).toBe(sheet.columns.length);
    }
  });

  it("has one column of weights at most", () => {
    const first = withRole(small().columns, 0, "weight");
    expect(withRole(first, 1, "weight").map((column) => column.role)).toEqual([
      "feature",
      "weight",
    ]);
  });
});

describe("reportOn", () => {
  it("tells numbers, text and nothing apart, and finds mistakes", () => {
    const sheet = sheetOf(
      ["x", "species", "new"],
      [
        ["1", "setosa", ""],
        ["2", "virginica", ""],
        ["oops", "", ""],
        ["", "", ""],
        ["4", "", ""],
        ["", "", ""],
      ],
    );
    const report = reportOn(sheet);
    expect(report.kinds).toEqual(["numbers", "text", "empty"]);
    expect(report.nRows).toBe(5);
    expect(report.nMissing).toBe(1);
    expect(report.bad).toEqual([{ row: 2, column: 0, reason: expect.stringContaining("oops") }]);
  });

  it("finds names that are missing or taken", () => {
    const { names } = reportOn(sheetOf(["a", "", "a "], []));
    expect(names[0]).toBeNull();
    expect(names[1]).toMatch(/no name/);
    expect(names[2]).toMatch(/Column 1 is called “a”/);
  });

  it("does not mind mistakes in a column that is left out", () => {
    const sheet = sheetOf(
      ["a", "b"],
      [
        ["1", "1"],
        ["2", "2"],
        ["x", "3"],
      ],
    );
    const without = { ...sheet, columns: withRole(sheet.columns, 0, "out") };
    expect(reportOn(sheet).bad).toHaveLength(1);
    expect(reportOn(without).bad).toHaveLength(0);
  });
});

describe("a column that could be two tables", () => {
  const doubtful = () =>
    sheetOf(
      ["visits", "orders", "word"],
      [
        ["1,204", "12", "1,x"],
        ["2,310", "1,500", "y"],
        ["980", "7", "z"],
      ],
    );

  it("is no text, and is not used as it stands", () => {
    const { kinds, bad } = reportOn(doubtful());
    expect(kinds).toEqual(["numbers", "numbers", "text"]);
    expect(bad.map(({ row, column }) => [row, column])).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
    ]);
    expect(doubtIn(doubtful(), bad)).toEqual({ mark: ",", cell: "1,204" });
    expect(doubtIn(small(), [])).toBeNull();
  });

  it("is read as the user says", () => {
    const thousands = readAs(doubtful(), { decimal: ".", thousands: "," });
    expect(thousands.rows).toEqual([
      ["1204", "12", "1,x"],
      ["2310", "1500", "y"],
      ["980", "7", "z"],
    ]);
    expect(reportOn(thousands).bad).toEqual([]);
    const decimals = readAs(doubtful(), { decimal: ",", thousands: "" });
    expect(decimals.rows[1]).toEqual(["2.310", "1.500", "y"]);
  });

  it("keeps its settled columns whatever is said of the others", () => {
    const sheet = sheetOf(
      ["value", "visits"],
      [
        ["1.063,35", "1.204"],
        ["1.204", "2.310"],
      ],
    );
    expect(doubtIn(sheet, reportOn(sheet).bad)).toEqual({ mark: ".", cell: "1.204" });
    const decimals = readAs(sheet, { decimal: ".", thousands: "" });
    expect(tableOf(decimals, "t").rows).toEqual([
      [1063.35, 1.204],
      [1204, 2.31],
    ]);
    const thousands = readAs(sheet, { decimal: ",", thousands: "." });
    expect(tableOf(thousands, "t").rows).toEqual([
      [1063.35, 1204],
      [1204, 2310],
    ]);
  });
});

describe("tableOf", () => {
  it("sends numbers, with missing values in between but not at the end", () => {
    const sheet = sheetOf(
      [" a ", "word", "b"],
      [
        ["1,5", "x", "2"],
        ["", "", ""],
        ["NA", "y", "4"],
        ["", "", ""],
      ],
    );
    expect(tableOf(sheet, "t")).toEqual({
      name: "t",
      columns: ["a", "b"],
      rows: [
        [1.5, 2],
        [null, null],
        [null, 4],
      ],
    });
  });
});
