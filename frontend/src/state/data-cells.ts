/** What a cell means. The markers of missing values are those that files may have. */
export type Cell =
  { kind: "number"; value: number } | { kind: "missing" } | { kind: "bad"; reason: string };

const MISSING = new Set(["", "NA", "N/A", "NaN", "nan", "null", "NULL", "?", "-", "."]);
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const THOUSANDS = /^[+-]?[1-9]\d{0,2}(,\d{3})+$/;
const GROUPED = /^[+-]?\d{1,3}([ '’.,\u00a0\u202f]\d{3})+([.,]\d+)?$/;

/** Read one cell. A comma is a decimal mark where it cannot part thousands. */
export function readCell(text: string): Cell {
  const cell = plain(text);
  if (MISSING.has(cell)) return { kind: "missing" };
  if (THOUSANDS.test(cell)) {
    const [whole, decimal] = [cell.replaceAll(",", ""), cell.replace(",", ".")];
    const both = cell.indexOf(",") === cell.lastIndexOf(",") ? ` or ${decimal}` : "";
    return bad(`“${cell}” may mean ${whole}${both}: write it without a comma.`);
  }
  const number = cell.replace(/^([^,.]*),([^,.]*)$/, "$1.$2");
  if (!NUMBER.test(number)) return bad(whyNot(cell));
  const value = Number(number);
  if (!Number.isFinite(value)) return bad(`“${short(cell)}” is too large for a number here.`);
  return { kind: "number", value };
}

/** Without spaces around it, and with a minus sign as it is typed. */
function plain(text: string): string {
  return text.trim().replace(/^[−–](?=[\d.,])/, "-");
}

function bad(reason: string): Cell {
  return { kind: "bad", reason };
}

function whyNot(cell: string): string {
  if (GROUPED.test(cell)) return `“${cell}” has marks between thousands: leave them out.`;
  if (/^[+-]?(inf|infinity|∞)$/i.test(cell)) return `“${cell}” is not finite.`;
  if (/^[\d.,+-]+ ?[%€$£]$/.test(cell)) return `“${cell}” has a sign behind it: leave it out.`;
  return `“${short(cell)}” is not a number: mend it, or empty the cell if the value is missing.`;
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
    if (cell.kind === "number") numbers++;
  }
  return known > 0 && 2 * numbers > known;
}
