import { counted } from "../../phrases";
import { mostlyNumbers, readCell, type Cell } from "./cells";
import {
  doubtfulMark,
  pointed,
  settle,
  withPoint,
  type Decimal,
  type Marks,
  type Style,
} from "./marks";
import { type Block } from "./paste";

/** What a column is for: to be fitted, to weigh the rows, or for nothing. */
export type Role = "feature" | "weight" | "out";

export interface SheetColumn {
  readonly name: string;
  readonly role: Role;
}

/** A table as it is typed. Never changed, only replaced: what stays the same is shared. */
export interface Sheet {
  readonly columns: readonly SheetColumn[];
  /** Each as long as `columns`. */
  readonly rows: readonly (readonly string[])[];
}

export const MOST_TYPED = 2000;

export function sheetOf(names: readonly string[], rows: readonly (readonly unknown[])[]): Sheet {
  return {
    columns: names.map((name) => ({ name, role: "feature" })),
    rows: rows.map((row) => names.map((_, j) => written(row[j]))),
  };
}

function written(value: unknown): string {
  return value === null || value === undefined ? "" : String(value);
}

/** Change a cell; the row behind the last one begins to exist. */
export function setCell(sheet: Sheet, row: number, column: number, text: string): Sheet {
  const before = sheet.rows[row] ?? sheet.columns.map(() => "");
  if (before[column] === text) return sheet;
  const rows = sheet.rows.slice();
  rows[row] = before.with(column, text);
  return { ...sheet, rows };
}

export function deleteRow(sheet: Sheet, row: number): Sheet {
  return { ...sheet, rows: sheet.rows.filter((_, i) => i !== row) };
}

export function rename(sheet: Sheet, column: number, name: string): Sheet {
  return { ...sheet, columns: sheet.columns.with(column, { ...sheet.columns[column], name }) };
}

export function addColumn(sheet: Sheet): Sheet {
  return {
    columns: [...sheet.columns, { name: freeName(sheet.columns), role: "feature" }],
    rows: sheet.rows.map((row) => [...row, ""]),
  };
}

/** Without one of its columns; the last one stays. */
export function deleteColumn(sheet: Sheet, column: number): Sheet {
  if (sheet.columns.length < 2) return sheet;
  const others = (_: unknown, j: number) => j !== column;
  return {
    columns: sheet.columns.filter(others),
    rows: sheet.rows.map((row) => row.filter(others)),
  };
}

/** Give a column its role; of weights there is one column at most. */
export function withRole<C extends { readonly role: Role }>(
  columns: readonly C[],
  column: number,
  role: Role,
): C[] {
  return columns.map((old, j) => {
    if (j === column) return { ...old, role };
    return role === "weight" && old.role === "weight" ? { ...old, role: "feature" } : old;
  });
}

/** Write a block over the cells from one on, to the right and downwards. */
export function paste(sheet: Sheet, row: number, column: number, block: Block): Sheet {
  const width = column + (block.rows[0]?.length ?? 0);
  let wide = sheet;
  while (wide.columns.length < width) wide = addColumn(wide);
  const blank = wide.columns.map(() => "");
  const rows = wide.rows.slice();
  block.rows.forEach((cells, i) => {
    const old = rows[row + i] ?? blank;
    rows[row + i] = [...old.slice(0, column), ...cells, ...old.slice(column + cells.length)];
  });
  return { ...wide, rows };
}

/** A block as a table of its own. */
export function sheetOfBlock(block: Block): Sheet {
  const width = block.rows[0]?.length ?? block.names?.length ?? 1;
  const names = Array.from({ length: width }, (_, j) => block.names?.[j] || `x${j + 1}`);
  return sheetOf(names, block.rows);
}

function freeName(columns: readonly SheetColumn[]): string {
  const taken = new Set(columns.map((column) => column.name));
  let number = columns.length + 1;
  while (taken.has(`x${number}`)) number++;
  return `x${number}`;
}

// ---- what a sheet holds

export interface BadCell {
  row: number;
  column: number;
  reason: string;
}

export interface SheetReport {
  /** Rows up to the last that has anything in it. */
  nRows: number;
  nMissing: number;
  /** For each column: whether it holds numbers, text, or nothing. */
  kinds: ("numbers" | "text" | "empty")[];
  bad: BadCell[];
  /** For each column, what is wrong with its name. */
  names: (string | null)[];
}

type Row = readonly string[];
const readings = new WeakMap<Row, Cell[]>();
const styled = new WeakMap<Row, { style: string; cells: Cell[] }>();

/** The cells of a row by themselves, each row read once as long as it stays what it is. */
export function readRow(row: Row): Cell[] {
  let cells = readings.get(row);
  if (cells === undefined) readings.set(row, (cells = row.map((cell) => readCell(cell))));
  return cells;
}

/** The cells of all rows, as the table is written. */
function readRows(rows: readonly Row[], nColumns: number): Cell[][] {
  const alone = rows.map(readRow);
  const style = styleOf(alone, nColumns);
  if (!style.strict && style.decimal === ".") return alone;
  const key = JSON.stringify(style);
  return rows.map((row) => readStyled(row, style, key));
}

function styleOf(alone: Cell[][], nColumns: number): Style {
  return settle(Array.from({ length: nColumns }, (_, j) => tellingIn(alone, j)));
}

function tellingIn(rows: Cell[][], column: number): Marks[] {
  return rows
    .map((row) => (row[column].kind === "number" ? row[column].marks : null))
    .filter((marks) => marks !== null);
}

function readStyled(row: Row, { columns, strict }: Style, key: string): Cell[] {
  let read = styled.get(row);
  if (read?.style !== key) {
    read = { style: key, cells: row.map((cell, j) => readCell(cell, columns[j], strict)) };
    styled.set(row, read);
  }
  return read.cells;
}

export function reportOn(sheet: Sheet): SheetReport {
  let nRows = sheet.rows.length;
  while (nRows > 0 && sheet.rows[nRows - 1].every((cell) => cell.trim() === "")) nRows--;
  const cells = readRows(sheet.rows.slice(0, nRows), sheet.columns.length);
  const kinds = sheet.columns.map((_, j) => kindOf(cells.map((row) => row[j])));
  const bad: BadCell[] = [];
  let nMissing = 0;
  cells.forEach((row, i) =>
    row.forEach((cell, j) => {
      if (kinds[j] !== "numbers" || sheet.columns[j].role === "out") return;
      if (cell.kind === "missing") nMissing++;
      if (cell.kind === "bad") bad.push({ row: i, column: j, reason: cell.reason });
    }),
  );
  return { nRows, nMissing, kinds, bad, names: badNames(sheet.columns) };
}

function kindOf(cells: Cell[]): "numbers" | "text" | "empty" {
  if (cells.every((cell) => cell.kind === "missing")) return "empty";
  return mostlyNumbers(cells) ? "numbers" : "text";
}

function badNames(columns: readonly SheetColumn[]): (string | null)[] {
  const names = columns.map((column) => column.name.trim());
  return names.map((name, j) => {
    if (name === "") return "The column has no name: give it one.";
    const other = names.indexOf(name);
    if (other === j) return null;
    return `Column ${other + 1} is called “${name}” as well: rename one of them.`;
  });
}

/** The mark in the first bad cell that could be two numbers. */
export function doubtIn(
  sheet: Sheet,
  bad: readonly BadCell[],
): { mark: Decimal; cell: string } | null {
  for (const { row, column } of bad) {
    const cell = sheet.rows[row][column];
    const mark = doubtfulMark(cell);
    if (mark !== null) return { mark, cell: cell.trim() };
  }
  return null;
}

/** Write numbers with a decimal point only: the bad ones as read with these marks, if they can be. */
export function readAs(sheet: Sheet, marks: Marks): Sheet {
  const isText = reportOn(sheet).kinds.map((kind) => kind === "text");
  const { columns, strict } = styleOf(sheet.rows.map(readRow), sheet.columns.length);
  const written = (cell: string, j: number) =>
    isText[j] ? cell : (pointed(cell, columns[j], strict) ?? withPoint(cell, marks) ?? cell);
  return { ...sheet, rows: sheet.rows.map((row) => row.map(written)) };
}

/** The columns of numbers, as the server takes them. */
export function tableOf(sheet: Sheet, name: string) {
  const { nRows, kinds } = reportOn(sheet);
  const kept = kinds.flatMap((kind, j) => (kind === "numbers" ? [j] : []));
  return {
    name,
    columns: kept.map((j) => sheet.columns[j].name.trim()),
    rows: readRows(sheet.rows.slice(0, nRows), sheet.columns.length).map((cells) =>
      kept.map((j) => numberIn(cells[j])),
    ),
  };
}

/** A mistake in a column that is not used is as good as missing. */
function numberIn(cell: Cell): number | null {
  return cell.kind === "number" ? cell.value : null;
}

export function inWords(report: SheetReport, nColumns: number): string {
  const missing = report.nMissing > 0 ? `, ${counted(report.nMissing, "value")} missing` : "";
  return `${counted(report.nRows, "row")}, ${counted(nColumns, "column")}${missing}`;
}
