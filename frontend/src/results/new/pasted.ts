/** Rows as they were typed or pasted, or why they cannot be used. */
export type Pasted = { rows: (number | null)[][] } | { wrong: string };

const MISSING = new Set(["", "na", "n/a", "nan", "null", "none", "?", ".", "-"]);
const MOST = 10_000;

/** Read rows of numbers, separated by tabs, semicolons, commas or spaces; a header may come first. */
export function pasted(text: string, columns: string[]): Pasted {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const cells = lines.map(split);
  if (cells.length > 0 && isHeader(cells[0], columns)) cells.shift();
  if (cells.length === 0) return { rows: [] };
  if (cells.length > MOST) return { wrong: `At most ${MOST} rows at a time.` };
  const first = lines.length - cells.length;
  const rows: (number | null)[][] = [];
  for (const [i, line] of cells.entries()) {
    const number = first + i + 1;
    if (line.length !== columns.length) {
      const has = line.length === 1 ? "1 value" : `${line.length} values`;
      return {
        wrong: `Line ${number} has ${has}; the mixture has ${columns.length}: ${columns.join(", ")}.`,
      };
    }
    const row = line.map(value);
    const bad = row.findIndex(Number.isNaN);
    if (bad >= 0) return { wrong: `Line ${number}: “${line[bad]}” is not a number.` };
    rows.push(row);
  }
  return { rows };
}

function split(line: string): string[] {
  const separator = line.includes("\t") ? "\t" : line.includes(";") ? ";" : null;
  if (separator !== null) {
    return line.split(separator).map((cell) => cell.trim().replace(/^(-?\d*),(\d+)$/, "$1.$2"));
  }
  if (line.includes(",")) return line.split(",").map((cell) => cell.trim());
  return line.trim().split(/\s+/);
}

function value(cell: string): number | null {
  if (MISSING.has(cell.toLowerCase())) return null;
  const number = Number(cell.replace("\u2212", "-"));
  return Number.isFinite(number) ? number : NaN;
}

function isHeader(cells: string[], columns: string[]): boolean {
  return (
    cells.some((cell) => columns.includes(cell)) ||
    cells.every((cell) => Number.isNaN(value(cell)))
  );
}
