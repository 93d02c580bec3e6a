import { describe, expect, it } from "vitest";

import { hasMoreLines, inOneColumn, readBlock, split } from "./paste";

describe("split", () => {
  it("cuts at delimiters and line ends of any kind", () => {
    expect(split("1,2\r\n3,4\n5,6\r7,8", ",")).toEqual([
      ["1", "2"],
      ["3", "4"],
      ["5", "6"],
      ["7", "8"],
    ]);
  });

  it("keeps what stands between quotes", () => {
    expect(split('"a, ""b""\nc",2\n', ",")).toEqual([['a, "b"\nc', "2"]]);
    expect(split('"never closed,1', ",")).toEqual([["never closed,1"]]);
    expect(split('"1.5"\t"2"', "\t")).toEqual([["1.5", "2"]]);
  });

  it("keeps empty cells at the ends", () => {
    expect(split(",1,\n2,,", ",")).toEqual([
      ["", "1", ""],
      ["2", "", ""],
    ]);
    expect(split("1\t", "\t")).toEqual([["1", ""]]);
  });

  it("takes any run of spaces for one", () => {
    expect(split("  1   2\n 3 4  \n", " ")).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
  });

  it("gives back what was joined", () => {
    const cells = ["", "1", 'a"b', "x,y", "two\nlines", " ", "\t"];
    const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
    for (let i = 0; i < 200; i++) {
      const rows = [0, 1, 2].map((r) => [0, 1, 2].map((c) => cells[(i * 5 + r * 3 + c * i) % 7]));
      const text = rows.map((row) => row.map(quoted).join(",")).join("\r\n");
      expect(split(text, ",")).toEqual(rows);
    }
  });
});

describe("readBlock", () => {
  it("reads what a spreadsheet gives", () => {
    const { names, rows, notes } = readBlock("height\tweight\n1.7\t70\n1.8\t\n");
    expect(names).toEqual(["height", "weight"]);
    expect(rows).toEqual([
      ["1.7", "70"],
      ["1.8", ""],
    ]);
    expect(notes).toEqual([]);
  });

  it("takes the delimiter that Excel told", () => {
    const { names, rows } = readBlock("\ufeffsep=;\r\na;b\r\n1,5;2\r\n2,5;3");
    expect(names).toEqual(["a", "b"]);
    expect(rows[0]).toEqual(["1.5", "2"]);
  });

  it("reads numbers without a header", () => {
    expect(readBlock("1,2\n3,4").names).toBeNull();
    expect(readBlock("1,2\n3,4").rows[1]).toEqual(["3", "4"]);
    expect(readBlock("7").rows).toEqual([["7"]]);
  });

  it.each([
    [
      "1,5;2,5\n3,5;4,5",
      [
        ["1.5", "2.5"],
        ["3.5", "4.5"],
      ],
    ],
    [
      "1,5\t2,25\n3,5\t4",
      [
        ["1.5", "2.25"],
        ["3.5", "4"],
      ],
    ],
    ["1,5\n2,5\n3,05", [["1.5"], ["2.5"], ["3.05"]]],
    [
      "1,5 2,5\n3,5 4,5",
      [
        ["1.5", "2.5"],
        ["3.5", "4.5"],
      ],
    ],
  ])("reads decimal commas of %j", (text, rows) => {
    const block = readBlock(text);
    expect(block.rows).toEqual(rows);
    expect(block.notes).toEqual(["Decimal commas were read as points."]);
  });

  it("asks the country where only that can tell", () => {
    expect(readBlock("1,5\n2,5", true).rows).toEqual([["1.5"], ["2.5"]]);
    expect(readBlock("1,5\n2,5", false).rows).toEqual([
      ["1", "5"],
      ["2", "5"],
    ]);
    expect(readBlock("x,y\n1,5\n2,5", false).names).toEqual(["x", "y"]);
    expect(readBlock("height\n1,5\n2,5", false).rows).toEqual([["1.5"], ["2.5"]]);
  });

  it("takes 1,234 beside clear decimal commas for one of them", () => {
    expect(readBlock("1,234\n0,5\n2,75\n3").rows).toEqual([["1.234"], ["0.5"], ["2.75"], ["3"]]);
  });

  it("leaves 1,234 as it is where all could be thousands", () => {
    expect(readBlock("1,234\t2,345").rows).toEqual([["1,234", "2,345"]]);
  });

  it("does not mind a mark at the beginning, empty lines and spaces", () => {
    const { names, rows } = readBlock("\ufeffa,b\r\n\r\n1, 2\r\n,\r\n3 ,4\r\n\r\n");
    expect(names).toEqual(["a", "b"]);
    expect(rows).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
  });

  it("tells ragged rows, and fills them up", () => {
    const { rows, notes } = readBlock("1,2\n3\n4,5\n6,7,8");
    expect(rows.map((row) => row.length)).toEqual([3, 3, 3, 3]);
    expect(notes[0]).toMatch(/^Row 2 has 1 cell where most have 2, and 1 more/);
    expect(readBlock("a,b\n1,2\n3").notes[0]).toMatch(/^Row 2 has 1 cell/);
    expect(readBlock("a\n1,2\n3,4,5\n6,7").notes[0]).toMatch(/^The row of names has 1 cell/);
  });

  it("does not call delimiters at the ends of lines ragged", () => {
    const { rows, notes } = readBlock("1,2,\n3,4,\n5,6");
    expect(rows[0]).toEqual(["1", "2"]);
    expect(notes).toEqual([]);
  });

  it("takes a mistake among numbers for a mistake, not for a name", () => {
    expect(readBlock("1O.5,2\n1,2\n3,4").names).toBeNull();
    expect(readBlock("species,x\nsetosa,1\nvirginica,2").names).toEqual(["species", "x"]);
    expect(readBlock("a,1\nb,2\nc,3").names).toBeNull();
  });

  it("makes nothing of nothing", () => {
    expect(readBlock("").rows).toEqual([]);
    expect(readBlock(" \n\t\n").rows).toEqual([]);
  });

  it("reads 100,000 rows in good time", () => {
    const text = Array.from({ length: 100_000 }, (_, i) => `${i}.5,${i * 2}`).join("\r\n");
    const began = performance.now();
    expect(readBlock(text).rows).toHaveLength(100_000);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe("inOneColumn", () => {
  const read = (text: string) => inOneColumn(readBlock(text, false));

  it.each(["1.20, 1.40, 1.35", "1.20\t1.40\t1.35\n", "1.20 1.40 1.35", "1,20; 1,40; 1,35"])(
    "reads one line of numbers as one column: %s",
    (text) => {
      const { rows, notes } = read(text);
      expect(rows.map(([cell]) => Number(cell))).toEqual([1.2, 1.4, 1.35]);
      expect(notes.at(-1)).toBe("The one line was read as one column of 3 values.");
    },
  );

  it.each(["1,2\n3,4", "a,b\n1,2", "7", "1, two, 3"])("leaves other texts: %s", (text) => {
    expect(read(text)).toEqual(readBlock(text, false));
  });
});

describe("hasMoreLines", () => {
  it("counts lines, but not the empty ones at the end", () => {
    expect(hasMoreLines("1\n2\n3", 3)).toBe(false);
    expect(hasMoreLines("1\n2\n3\n", 3)).toBe(false);
    expect(hasMoreLines("1\n2\n3\n4", 3)).toBe(true);
    expect(hasMoreLines("", 1)).toBe(false);
  });
});
