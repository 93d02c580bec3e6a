/**
 * The marks in numbers as people write them: of the decimals, and between the thousands.
 *
 * 1,063.35 can be read in one way only, and so can 1,234,567 and 1 063; 1,063 can be 1063 or 1.063.
 * So the cells that leave no doubt settle how a table is written: most of them its decimal mark, and
 * those of a column the mark between its thousands. The rule is that of files
 * (src/bactrian/tables/marks.py), and both are held to tests/tables/numbers.json.
 */
export interface Marks {
  /** Empty where a cell does not tell it. */
  readonly decimal: "" | Decimal;
  /** A space stands for no-break, narrow and thin ones too, ' for both apostrophes. */
  readonly thousands: "" | "," | "." | " " | "'";
}

export type Decimal = "." | ",";

const SIGNS = { ",": ",", ".": "\\.", " ": "[ \\u00a0\\u202f\\u2009]", "'": "['\\u2019]" };
export const POINT: Marks = { decimal: ".", thousands: "" };
const MARKED = /[.,' \u00a0\u202f\u2009\u2019]/;

const grouped = (mark: keyof typeof SIGNS, least = 1) =>
  `[+-]?[1-9]\\d{0,2}(?:${SIGNS[mark]}\\d{3}){${least},}`;
const fraction = (decimal: Decimal) => `${SIGNS[decimal]}\\d+`;
const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`);

/** Digits about a decimal mark, other than three behind it and one to three before. */
function unlikeAGroup(sign: string): string {
  const short = `\\d*${sign}(?:\\d{1,2}|\\d{4,})`;
  return `[+-]?(?:${short}|(?:0\\d*|\\d{4,})?${sign}\\d+|\\d*${sign}\\d+[eE][+-]?\\d+)`;
}

const DECIMALS = [".", ","] as const;
const TELLING: readonly (readonly [Marks, RegExp])[] = [
  ...DECIMALS.map((decimal) => {
    const mark = decimal === "." ? "," : ".";
    const like = `${grouped(mark)}${fraction(decimal)}|${grouped(mark, 2)}`;
    return [{ decimal, thousands: mark }, whole(like)] as const;
  }),
  ...([" ", "'"] as const).flatMap((mark) =>
    (["", ...DECIMALS] as const).map((decimal) => {
      const like = grouped(mark) + (decimal === "" ? "" : fraction(decimal));
      return [{ decimal, thousands: mark }, whole(like)] as const;
    }),
  ),
  ...DECIMALS.map(
    (decimal) => [{ decimal, thousands: "" }, whole(unlikeAGroup(SIGNS[decimal]))] as const,
  ),
];

const ONE_GROUP = /^[+-]?[1-9]\d{0,2}([,.])\d{3}$/;

/** Without spaces around it, and with a minus sign as it is typed. */
export function plain(text: string): string {
  return text.trim().replace(/^[−–](?=[\d.,])/, "-");
}

/** The marks that a cell leaves no doubt of. */
export function marksOf(text: string): Marks | null {
  const cell = plain(text);
  if (!MARKED.test(cell)) return null;
  return TELLING.find(([, like]) => like.test(cell))?.[0] ?? null;
}

/** The mark in a cell such as 1,063 or 1.063, which could be two numbers. */
export function doubtfulMark(text: string): Decimal | null {
  return (ONE_GROUP.exec(plain(text))?.[1] as Decimal | undefined) ?? null;
}

/** A number without marks between its thousands and with a decimal point; null if it is no number. */
export function withPoint(text: string, { decimal, thousands }: Marks): string | null {
  let cell = plain(text);
  const mark = decimal === "" ? "." : decimal;
  if (thousands !== "" && likeGroups(mark, thousands).test(cell)) {
    cell = cell.replace(new RegExp(SIGNS[thousands], "g"), "");
  }
  if (mark === ",") cell = cell.includes(".") ? "" : cell.replace(",", ".");
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell) ? cell : null;
}

/**
 * The same of a cell in a column of such marks. By itself either decimal mark is understood, but
 * where a mark could part thousands it must be that of the column; strictly, all marks must be.
 */
export function pointed(text: string, marks: Marks = POINT, strict = false): string | null {
  const own = strict || doubtfulMark(text) !== null ? marks : marksOf(text);
  return withPoint(text, own ?? POINT);
}

const patterns = new Map<string, RegExp>();

function likeGroups(decimal: Decimal, thousands: keyof typeof SIGNS): RegExp {
  const key = decimal + thousands;
  let like = patterns.get(key);
  if (like === undefined) {
    like = whole(`${grouped(thousands)}(?:${fraction(decimal)})?`);
    patterns.set(key, like);
  }
  return like;
}

/** How the columns of a table are written, and whether all its cells must be written so. */
export interface Style {
  readonly decimal: Decimal;
  readonly columns: readonly Marks[];
  readonly strict: boolean;
}

/** Settle it from what the cells of each column tell. */
export function settle(columns: readonly (readonly Marks[])[]): Style {
  const votes = { ".": 0, ",": 0 };
  for (const { decimal } of columns.flat()) if (decimal !== "") votes[decimal]++;
  const decimal: Decimal = votes[","] > votes["."] ? "," : ".";
  return {
    decimal,
    columns: columns.map((column) => ({ decimal, thousands: between(column, decimal) })),
    strict: columns.some((column) => column.some(({ thousands }) => thousands !== "")),
  };
}

/** The one mark between the thousands of a column that goes with a decimal mark. */
function between(column: readonly Marks[], decimal: Decimal): Marks["thousands"] {
  const telling = column.filter(({ thousands }) => thousands !== "");
  const found = new Set(telling.map(({ thousands }) => thousands));
  const fits = telling.every((marks) => marks.decimal === "" || marks.decimal === decimal);
  return found.size === 1 && fits ? [...found][0] : "";
}
