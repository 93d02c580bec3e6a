import { counted } from "../../phrases";
import { mostlyNumbers, readCell, type Cell } from "./cells";
import { doubtfulMark, pointed, settle, marksOf, type Marks } from "./marks";

/** A block of text, cut into cells. Rows are of equal length; `notes` say what was done. */
export interface Block {
  names: string[] | null;
  rows: string[][];
  notes: string[];
}

const SCORED = 200;

/** Whether the text has more than `most` lines; reads no further than it must. */
export function hasMoreLines(text: string, most: number): boolean {
  let at = -1;
  for (let n = 0; n < most; n++) {
    at = text.indexOf("\n", at + 1);
    if (at < 0) return false;
  }
  return at + 1 < text.trimEnd().length;
}

/** Cut text into cells as a spreadsheet, or a person, wrote them. */
export function readBlock(text: string, decimalComma = commaIsUsual()): Block {
  const declared = /^\ufeff?\s*"?sep=([^\s"]|\t)"?[ \t]*(\r\n?|\n)/.exec(text);
  const body = declared === null ? text.replace(/^\ufeff/, "") : text.slice(declared[0].length);
  const delimiter = declared?.[1] ?? findDelimiter(body, decimalComma);
  const ragged = split(body, delimiter).filter((row) => row.some((cell) => cell.trim() !== ""));
  const notes: string[] = [];
  const { rows, note: uneven } = even(ragged);
  const names = takeNames(rows);
  if (uneven !== null) notes.push(uneven(names === null ? 1 : 0));
  return { names, rows: withPoints(rows, notes), notes };
}

/** A block of one line of numbers as what can be fitted: the values of one column. */
export function inOneColumn(block: Block): Block {
  const [line, ...more] = block.rows;
  if (block.names !== null || more.length > 0 || line === undefined || line.length < 2) {
    return block;
  }
  if (line.some((cell) => readCell(cell).kind === "bad")) return block;
  const note = `The one line was read as one column of ${line.length} values.`;
  return { names: null, rows: line.map((cell) => [cell]), notes: [...block.notes, note] };
}

/** Whether people write 1,5 where this browser is. */
function commaIsUsual(): boolean {
  return (1.5).toLocaleString().includes(",");
}

/** Rows of cells. Quotes may hold delimiters, line ends, and quotes written twice. */
export function split(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const mark = delimiter === " " ? / +|\t+|\r?\n|\r/y : null;
  let at = 0;
  const ends = (i: number) => text[i] === "\n" || text[i] === "\r" || i >= text.length;
  while (at < text.length) {
    if (mark !== null) while (text[at] === " " || text[at] === "\t") at++;
    let cell = "";
    if (text[at] === '"') {
      const close = closing(text, at);
      cell = text.slice(at + 1, close).replaceAll('""', '"');
      at = Math.min(close + 1, text.length);
    }
    const from = at;
    while (!ends(at) && !(mark ? text[at] === " " || text[at] === "\t" : text[at] === delimiter))
      at++;
    cell += text.slice(from, at);
    if (mark === null || cell !== "" || !ends(at)) row.push(cell);
    if (!ends(at)) {
      at++;
      if (mark === null && at >= text.length) row.push("");
      continue;
    }
    if (at < text.length) at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

/** Where the quote at `at` ends; the end of the text if it does not. */
function closing(text: string, at: number): number {
  let close = text.indexOf('"', at + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  return close < 0 ? text.length : close;
}

/** Tabs are what spreadsheets give; then semicolons; a comma unless it is a decimal mark. */
function findDelimiter(text: string, decimalComma: boolean): string {
  const lines = firstLines(text).map((line) => line.replace(/"([^"]|"")*"/g, "x"));
  if (lines.some((line) => line.includes("\t"))) return "\t";
  if (isOneColumn(lines)) return "\t";
  for (const mark of [";", "|"]) if (share(lines, mark) > 0.5) return mark;
  if (share(lines, ",") > 0.5 && !commasAreDecimal(lines, decimalComma)) return ",";
  return share(lines, " ") > 0.5 && numbersBetweenSpaces(lines) ? " " : "\t";
}

/**
 * Whether no comma parts columns. Of "1,5" over "2,5" only the country tells; but a 3 without a
 * comma among them, names above them, or 05 behind one leave no doubt.
 */
function commasAreDecimal(lines: string[], decimalComma: boolean): boolean {
  const split = lines.map((line) => line.trim().split(/[ \t]+/));
  const named = lines.length > 1 && !split[0].every(isDecimal);
  if (named && lines[0].includes(",")) return false;
  const words = named ? split.slice(1) : split;
  if (!words.every((cells) => cells.every(isDecimal))) return false;
  if (words.some((cells) => cells.length > 1)) return true;
  return decimalComma || lines.some((line) => !line.includes(",") || /,0\d/.test(line));
}

function firstLines(text: string): string[] {
  const lines = text.slice(0, 200_000).split(/\r\n|\r|\n/, SCORED + 1);
  return lines.filter((line) => line.trim() !== "");
}

function share(lines: string[], mark: string): number {
  return lines.filter((line) => line.trim().includes(mark)).length / Math.max(1, lines.length);
}

function isDecimal(cell: string): boolean {
  if (doubtfulMark(cell) === "," || /^\s*[+\-−]?\d+\s*$/.test(cell)) return true;
  const marks = marksOf(cell);
  return marks !== null && (marks.decimal === "," || marks.decimal === "");
}

/**
 * Whether each line is a number with marks between thousands that cannot be delimiters: as lines
 * have more of them or fewer, or as 063.35 is no number of a row.
 */
function isOneColumn(lines: string[]): boolean {
  const whole = lines.map((line) => line.trim());
  return [whole, whole.slice(1)].some((body) => {
    const { columns } = settle([body.map(marksOf).filter((marks) => marks !== null)]);
    const mark = columns[0].thousands;
    if ((mark !== "," && mark !== " ") || body.some((line) => !isNumber(line, columns[0]))) {
      return false;
    }
    const counts = new Set(body.map((line) => line.split(mark).length));
    return counts.size > 1 || body.some((line) => /[, ]0\d\d[.,]\d/.test(line));
  });
}

function isNumber(text: string, marks: Marks): boolean {
  return readCell(text, marks, true).kind !== "bad";
}

function numbersBetweenSpaces(lines: string[]): boolean {
  const body = lines.slice(1).length > 0 ? lines.slice(1) : lines;
  const cells = body.flatMap((line) => line.trim().split(/[ \t]+/));
  return mostlyNumbers(cells.map((cell) => readCell(cell)));
}

/**
 * All rows as long as the longest; short ones end in missing values. `note` says so, rows counted
 * from a number on.
 */
function even(rows: string[][]): { rows: string[][]; note: ((first: number) => string) | null } {
  let width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  while (width > 1 && rows.every((row) => (row[width - 1] ?? "").trim() === "")) width--;
  const lengths = rows.map((row) => Math.min(row.length, width));
  const usual = commonest(lengths);
  const uneven = lengths.flatMap((length, i) => (length === usual ? [] : [i]));
  const full = rows.map((row) => Array.from({ length: width }, (_, j) => (row[j] ?? "").trim()));
  if (uneven.length === 0) return { rows: full, note: null };
  const others = uneven.length > 1 ? `, and ${uneven.length - 1} more are uneven` : "";
  const note = (first: number) => {
    const row = uneven[0] + first;
    return (
      `${row > 0 ? `Row ${row}` : "The row of names"} has ` +
      `${counted(lengths[uneven[0]], "cell")} where most have ${usual}${others}. Absent ` +
      `cells are missing values: check that the values stand in the right columns.`
    );
  };
  return { rows: full, note };
}

function commonest(lengths: number[]): number {
  const times = new Map<number, number>();
  for (const length of lengths) times.set(length, (times.get(length) ?? 0) + 1);
  return [...times].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0])[0];
}

/** Take the first row off the rows if it holds names: text above numbers, or text only. */
function takeNames(rows: string[][]): string[] | null {
  if (rows.length < 2) return null;
  const first = rows[0].map((cell) => readCell(cell));
  const numeric = first.map((_, j) => mostlyNumbers(rows.slice(1).map((row) => readCell(row[j]))));
  const named = (j: number) => first[j].kind === "bad" && !/^[+-]?[.,]?\d/.test(rows[0][j]);
  const isHeader = numeric.includes(true)
    ? numeric.some((is, j) => is && named(j))
    : first.every((cell) => cell.kind !== "number");
  return isHeader ? rows.shift()! : null;
}

/**
 * Numbers as they are written here, without marks between thousands and with decimal points. Where
 * one of them could be another number nothing is changed, for all to be seen as it was.
 */
function withPoints(rows: string[][], notes: string[]): string[][] {
  const columns = (rows[0] ?? []).map((_, j) => rows.map((row) => row[j]));
  const style = settle(
    columns.map((cells) => cells.map(marksOf).filter((marks) => marks !== null)),
  );
  if (!style.strict && style.decimal === ".") return rows;
  const isText = columns.map((cells) => !mostlyNumbers(cells.map((cell) => readCell(cell))));
  const read = (cell: string, j: number): Cell => readCell(cell, style.columns[j], style.strict);
  if (rows.some((row) => row.some((cell, j) => !isText[j] && read(cell, j).kind === "bad"))) {
    return rows;
  }
  const withMarks = columns.flat().find((cell) => (marksOf(cell)?.thousands ?? "") !== "");
  const written = rows.map((row) =>
    row.map((cell, j) =>
      isText[j] ? cell : (pointed(cell, style.columns[j], style.strict) ?? cell),
    ),
  );
  if (withMarks === undefined) notes.push("Decimal commas were read as points.");
  else notes.push(`Marks between thousands, as in ${withMarks}, were left out.`);
  return written;
}
