import { doubtfulMark, plain, POINT, pointed, marksOf, type Marks } from "./marks";

/** What a cell means. The markers of missing values are those that files may have. */
export type Cell =
  | { kind: "number"; value: number; marks: Marks | null }
  | { kind: "missing" }
  /** `like`: it would be a number if it were written in one of its ways for certain. */
  | { kind: "bad"; reason: string; like: boolean };

const MISSING = new Set([
  "",
  "NA",
  "N/A",
  "n/a",
  "#N/A",
  "<NA>",
  "NaN",
  "nan",
  "null",
  "NULL",
  "None",
  "?",
  "-",
  ".",
]);
const DIGITS = "[-+]?\\d[\\d.,'’ \\u00a0\\u202f\\u2009]*";
const CURRENCY = "([$€£¥₹]|[A-Z]{3}\\b)";
const SIGNED = new RegExp(
  `^([-+]?${CURRENCY} ?${DIGITS}|${DIGITS}([%‰]|${CURRENCY})|\\(${CURRENCY}?${DIGITS}\\))$`,
);
const MARKED_DIGITS = /^[+-]?\d[\d.,'’ \u00a0\u202f\u2009]*\d$/;

/** Read one cell of a column of such marks; strictly, it is written with these or is bad. */
export function readCell(text: string, marks: Marks = POINT, strict = false): Cell {
  const cell = plain(text);
  if (MISSING.has(cell)) return { kind: "missing" };
  const [certain, number] = [marksOf(cell), pointed(cell, marks, strict)];
  if (number === null) {
    const like = certain !== null || doubtfulMark(cell) !== null;
    return { kind: "bad", reason: whyNot(cell), like };
  }
  const value = Number(number);
  if (Number.isFinite(value)) return { kind: "number", value, marks: certain };
  const reason = `“${short(cell)}” is too large for a number here.`;
  return { kind: "bad", reason, like: false };
}

function whyNot(cell: string): string {
  const mark = doubtfulMark(cell);
  if (mark !== null) {
    const [whole, decimal] = [cell.replace(mark, ""), cell.replace(mark, ".")];
    return `“${cell}” may mean ${whole} or ${decimal}: write it without the mark between thousands.`;
  }
  if (marksOf(cell) !== null) {
    return `“${cell}” is written in another way than the other cells: write all with the same marks.`;
  }
  if (MARKED_DIGITS.test(cell)) {
    return `“${short(cell)}” has marks that do not part groups of three digits: remove them.`;
  }
  if (/^[+-]?(inf|infinity|∞)$/i.test(cell)) return `“${cell}” is not finite.`;
  if (SIGNED.test(cell))
    return `“${short(cell)}” has a sign of a currency or percent: leave it out.`;
  return `“${short(cell)}” is not a number: correct it, or empty the cell if the value is missing.`;
}

function short(text: string): string {
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
}

/** Whether most of the known cells are numbers: then the others are mistakes. */
export function mostlyNumbers(cells: Iterable<Cell>): boolean {
  let [numbers, known] = [0, 0];
  for (const cell of cells) {
    if (cell.kind === "missing") continue;
    known++;
    if (cell.kind === "number" || cell.like) numbers++;
  }
  return known > 0 && 2 * numbers > known;
}
