import { describe, expect, it } from "vitest";

import cases from "../../../../tests/tables/numbers.json";
import { readBlock } from "./paste";
import { reportOn, sheetOf, sheetOfBlock, tableOf, type Sheet } from "./sheet";

type Wanted = number | null | "missing" | "refused";

/** A column as the page has read it: its numbers, or that it is refused. */
function readings(sheet: Sheet): ((number | null)[] | "refused")[] {
  const { kinds, bad } = reportOn(sheet);
  const { columns, rows } = tableOf(sheet, "t");
  return sheet.columns.map(({ name }, j) => {
    if (kinds[j] === "text" || bad.some(({ column }) => column === j)) return "refused";
    const place = columns.indexOf(name);
    return rows.map((row) => (place < 0 ? null : row[place]));
  });
}

function textOf(columns: string[][]): string {
  const names = columns.map((_, j) => "abcdefgh"[j]);
  const rows = columns[0].map((_, i) => columns.map((cells) => `"${cells[i]}"`).join("\t"));
  return [names.join("\t"), ...rows, ""].join("\n");
}

const pasted = (columns: string[][]) => readings(sheetOfBlock(readBlock(textOf(columns))));

function typed(columns: string[][]) {
  const rows = columns[0].map((_, i) => columns.map((cells) => cells[i]));
  return readings(sheetOf(["a", "b"], rows));
}

describe("the numbers that files are held to as well", () => {
  it.each(cases.alone as [string, Wanted][])("%j alone", (cell, wanted) => {
    const first = wanted === "refused" ? "refused" : [wanted === "missing" ? null : wanted, null];
    // A column beside it, so that a table of one missing value is a table.
    const columns = [
      [cell, ""],
      ["7", "8"],
    ];
    expect(pasted(columns)[0]).toEqual(first);
    expect(typed(columns)[0]).toEqual(first);
  });

  it.each(cases.tables)("$why", ({ columns, read }) => {
    expect(pasted(columns)).toEqual(read);
    expect(typed(columns)).toEqual(read);
  });
});

describe("a column", () => {
  const styles = [",", ".", " ", "\u00a0", "\u202f", "'"].flatMap((thousands) =>
    [".", ","].filter((mark) => mark !== thousands).map((decimal) => [decimal, thousands]),
  );

  it.each(styles)("comes back that has %j for decimals and %j between thousands", (...style) => {
    let seed = 3;
    const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const written = (value: number) => {
      const [whole, decimals] = value.toFixed(6).split(".");
      return whole.replace(/\B(?=(\d{3})+$)/g, style[1]) + style[0] + decimals;
    };
    for (let i = 0; i < 200; i++) {
      const size = 10 ** Math.round(next() * 12);
      const values = [1234567.5, ...Array.from({ length: 4 }, () => (next() - 0.5) * size)];
      const cells = values.map(written);
      const numbers = values.map((value) => Number(value.toFixed(6)));
      const beside = cells.map(() => "1");
      expect(pasted([cells, beside])[0]).toEqual(numbers);
      expect(typed([cells, beside])[0]).toEqual(numbers);
    }
  });

  it("is not made of another table by what stands beside it", () => {
    const [first, second] = typed([
      ["1.063,35", "980,10"],
      ["51.123", "48.2"],
    ]);
    expect(first).toEqual([1063.35, 980.1]);
    expect(second).toBe("refused");
  });
});

describe("a block without quotes", () => {
  it.each([
    ["1,063.35\n2,100.05\n980.10", [["1063.35"], ["2100.05"], ["980.10"]]],
    ["value\n1 063,35\n980,10\n1 204 500", [["1063.35"], ["980.10"], ["1204500"]]],
    [
      "1\u202f063,35\t2\n980,10\t3",
      [
        ["1063.35", "2"],
        ["980.10", "3"],
      ],
    ],
    [
      "1,100.5\n2,200.5",
      [
        ["1", "100.5"],
        ["2", "200.5"],
      ],
    ],
    [
      "1 001\n1 002",
      [
        ["1", "001"],
        ["1", "002"],
      ],
    ],
  ])("%j is cut as files are", (text, rows) => {
    expect(readBlock(text, false).rows).toEqual(rows);
  });

  it("tells of marks that were left out", () => {
    const { notes } = readBlock("a\tb\n1.063,35\t2\n980,10\t3");
    expect(notes).toEqual(["Marks between thousands, as in 1.063,35, were left out."]);
  });

  it("is left as it was where a cell could be two numbers", () => {
    const { rows, notes } = readBlock("a\tb\n1.063,35\t1.204\n980,10\t2.310");
    expect(rows[0]).toEqual(["1.063,35", "1.204"]);
    expect(notes).toEqual([]);
  });
});
