import { FIELDS, type Field } from "../settings/settings";

/** What a link says. Settings are as typed, so that the error of a wrong one is shown at its input. */
export interface LinkState {
  settings: Partial<Record<Field, string | boolean | number[][]>>;
  example?: string;
  /** A table that the server holds. */
  dataset?: string;
  /** What that table is called, for when the server no longer holds it. */
  file?: string;
  /** The typed table. */
  table?: { columns: string[]; rows: string[][] };
  /** The columns that are fitted, if not all, and the one that weighs. */
  columns?: string[];
  weights?: string;
  /** The columns that are drawn. */
  axes?: string[];
}

/** Longer links are cut off by some programs that they pass through. */
export const MOST_LINKED = 6000;

const FLAGS: readonly Field[] = ["equal_weights", "noise", "standardize"];

const list = (parts: readonly string[]) => parts.map(encodeURIComponent).join(",");
const unlist = (text: string) => text.split(",").map(decodeURIComponent);
const grid = (rows: readonly (readonly string[])[]) => rows.map(list).join(";");
const ungrid = (text: string) => text.split(";").map(unlist);

/** The part of the address behind #. */
export function writeLink(state: LinkState): string {
  const parts: [string, string][] = [];
  if (state.example !== undefined) parts.push(["example", list([state.example])]);
  if (state.dataset !== undefined) parts.push(["dataset", list([state.dataset])]);
  if (state.file !== undefined) parts.push(["file", list([state.file])]);
  if (state.table !== undefined) {
    parts.push(["data", grid([state.table.columns, ...state.table.rows])]);
  }
  if (state.columns !== undefined) parts.push(["columns", list(state.columns)]);
  if (state.weights !== undefined) parts.push(["weights", list([state.weights])]);
  for (const field of FIELDS) {
    const value = state.settings[field];
    if (value !== undefined) parts.push([field, settingText(value)]);
  }
  if (state.axes !== undefined) parts.push(["axes", list(state.axes)]);
  return parts.map(([key, value]) => `${key}=${value}`).join("&");
}

function settingText(value: string | boolean | number[][]): string {
  return Array.isArray(value)
    ? grid(value.map((row) => row.map(String)))
    : encodeURIComponent(String(value));
}

/** Whether it is about the calculator at all, and not a place on the page. */
export function isLink(hash: string): boolean {
  return hash.includes("=");
}

/** Read a link. What cannot be read, or comes twice, is named in `unread`. */
export function readLink(hash: string): { state: LinkState; unread: string[] } {
  const state: LinkState = { settings: {} };
  const unread: string[] = [];
  const known = new Set<string>();
  for (const part of hash.replace(/^#/, "").split("&")) {
    if (part === "") continue;
    const cut = part.indexOf("=");
    const [key, value] = cut < 0 ? [part, ""] : [part.slice(0, cut), part.slice(cut + 1)];
    try {
      if (known.has(key)) throw new Error();
      known.add(key);
      readPart(state, key, value);
    } catch {
      unread.push(part.length > 60 ? `${part.slice(0, 59)}…` : part);
    }
  }
  return { state, unread };
}

function readPart(state: LinkState, key: string, value: string): void {
  if (key === "example" || key === "dataset") {
    if (!/^[\w-]{1,64}$/.test(value)) throw new Error();
    state[key] = value;
  } else if (key === "data") {
    state.table = readTable(ungrid(value));
  } else if (key === "columns" || key === "axes") {
    state[key] = unlist(value);
  } else if (key === "weights" || key === "file") {
    state[key] = decodeURIComponent(value);
  } else if (FIELDS.includes(key as Field)) {
    state.settings[key as Field] = readSetting(key as Field, value);
  } else {
    throw new Error();
  }
}

function readTable([columns, ...rows]: string[][]) {
  if (rows.some((row) => row.length !== columns.length)) throw new Error();
  return { columns, rows };
}

function readSetting(field: Field, value: string): string | boolean | number[][] {
  if (field === "means_init") {
    const means = ungrid(value).map((row) => row.map(Number));
    if (!means.flat().every(Number.isFinite)) throw new Error();
    return means;
  }
  if (!FLAGS.includes(field)) return decodeURIComponent(value);
  if (value !== "true" && value !== "false") throw new Error();
  return value === "true";
}
