import type { Settings, Spikes } from "../../api/types";
import { SETTINGS } from "../../api/vocabulary";
import { doubtfulMark } from "../data/marks";
import { readSpikes, spikesText } from "./spikes";

/** The settings as they stand in the inputs. Text stays as it was typed, right or wrong. */
export type Typed = {
  [Field in Exclude<keyof Settings, "means_init">]: Settings[Field] extends boolean
    ? boolean
    : string;
} & { means_init: number[][] | null };

export type Field = keyof Settings;

/** Fields whose input holds a text, or a tick. */
export type TextField = FieldOf<string>;
export type TickField = FieldOf<boolean>;
type FieldOf<Value> = {
  [Name in keyof Typed]: Typed[Name] extends Value ? Name : never;
}[keyof Typed];

/** What the settings must fit to. Null where it is not known yet. */
export interface Bounds {
  rows: number | null;
  dimensions: number;
  components: number;
}

export type Problems<Name extends string = Field> = Partial<Record<Name, string>>;

export interface ParsedSettings {
  /** What could be read; where that is nothing, the default stands. */
  settings: Settings;
  problems: Problems;
}

/** As the server has them; it may correct these when it is there. */
export const DEFAULTS = Object.fromEntries(
  Object.entries(SETTINGS).map(([field, setting]) => [field, setting.default]),
) as unknown as Settings;

export const FIELDS = Object.keys(SETTINGS) as Field[];

/** Settings as one would type them. */
export function typedOf(settings: Settings): Typed;
export function typedOf(settings: Partial<Settings>): Partial<Typed>;
export function typedOf(settings: Partial<Settings>): Partial<Typed> {
  const entries = Object.entries(settings).map(([field, value]) => [
    field,
    field === "spikes" ? spikesText(value as Spikes) : textOf(value),
  ]);
  return Object.fromEntries(entries) as Partial<Typed>;
}

function textOf(value: unknown): unknown {
  return typeof value === "number" ? numberText(value) : value;
}

/** A number as one would type it: 0.0001 is 1e-4. */
export function numberText(value: number): string {
  const plain = String(value);
  return Math.abs(value) < 1e-3 && value !== 0 ? value.toExponential().replace("e+", "e") : plain;
}

/** Read the inputs. */
export function read(typed: Typed, bounds: Bounds, defaults: Settings): ParsedSettings {
  const problems: Problems = {};
  const settings = { ...defaults } as Record<Field, unknown>;
  for (const field of FIELDS) {
    const value = typed[field];
    const parse = NUMBERS[field];
    if (parse === undefined || typeof value !== "string") {
      settings[field] = value;
      continue;
    }
    const answer = parse(value, bounds);
    if (typeof answer !== "object") settings[field] = answer;
    else if ("spikes" in answer) settings[field] = answer.spikes;
    else problems[field] = answer.problem;
  }
  const wrong = meansProblem(typed.means_init, settings.n_components as number, bounds);
  if (wrong !== null && problems.n_components === undefined) problems.means_init = wrong;
  return { settings: settings as unknown as Settings, problems };
}

type Answer = number | "auto" | { problem: string } | { spikes: Spikes };

const NUMBERS: Partial<Record<Field, (text: string, bounds: Bounds) => Answer>> = {
  n_components: (text, bounds) => {
    const most = Math.min(bounds.components, bounds.rows ?? Infinity);
    return whole(text, 1, Math.max(1, most), tooMany(bounds));
  },
  max_iter: (text) => whole(text, 0, 1_000_000, "lower it"),
  tol: (text) => real(text, "a number of at least 0, such as 1e-4"),
  n_init: (text) =>
    isAuto(text) ? "auto" : whole(text, 1, 1000, "lower it", "“auto”, or a whole number"),
  spikes: readSpikes,
  seed: (text) => whole(text, 0, 2 ** 32 - 1, "lower it"),
  reg_covar: (text) => (isAuto(text) ? "auto" : real(text, "“auto”, or a number of at least 0")),
};

/** Why there may not be more components. */
function tooMany({ rows, components, dimensions }: Bounds): string {
  if (rows === null || rows >= components) return "lower it";
  if (rows > 1 || dimensions < 2) return `there are ${rows} rows: lower it, or add rows`;
  return "there is 1 row: if it holds the values of one column, put them one below another";
}

function isAuto(text: string): boolean {
  return text.trim().toLowerCase() === "auto";
}

function whole(text: string, least: number, most: number, why: string, what = "a whole number") {
  const cell = text.trim();
  if (cell === "") return { problem: `Give ${what} of at least ${least}.` };
  const value = /^[+-]?\d+([eE]\+?\d{1,3})?$/.test(cell) ? Number(cell) : NaN;
  if (Number.isNaN(value)) {
    return { problem: `“${cell}” cannot be used: give ${what} of at least ${least}.` };
  }
  if (value < least) return { problem: `${cell} is too small: give ${what} from ${least} on.` };
  if (value > most) {
    return { problem: `${cell} is too large: at most ${most.toLocaleString("en")}; ${why}.` };
  }
  return value;
}

function real(text: string, what: string): Answer {
  const cell = text.trim();
  if (cell === "") return { problem: `Give ${what}.` };
  if (doubtfulMark(cell) === ",") {
    return { problem: `“${cell}” can be two numbers: write the decimal mark as a point.` };
  }
  const number = cell.replace(/^([^.,]*),([^.,]*)$/, "$1.$2");
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(number) ? Number(number) : NaN;
  if (!Number.isFinite(value) || value < 0) {
    return { problem: `“${cell}” cannot be used: give ${what}.` };
  }
  return value;
}

function meansProblem(
  means: number[][] | null,
  nComponents: number,
  bounds: Bounds,
): string | null {
  if (means === null) return null;
  if (means.length === nComponents && means.every((row) => row.length === bounds.dimensions)) {
    return null;
  }
  return (
    `The starting means are ${means.length} × ${means[0]?.length ?? 0} numbers, the mixture ` +
    `has ${nComponents} components in ${bounds.dimensions} dimensions: leave them out.`
  );
}

/** The settings that differ from the defaults. */
export function changedFrom(defaults: Settings, settings: Settings): Partial<Settings> {
  const entries = Object.entries(settings).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(defaults[field as Field]),
  );
  return Object.fromEntries(entries) as Partial<Settings>;
}
