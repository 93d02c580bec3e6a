import type { Settings } from "../api/types";
import listed from "./demonstrations.json";

/** A fit to an example that shows something. */
export interface Variant {
  id: string;
  label: string;
  example: string;
  /** Columns to fit; those that the example chooses if not named. */
  columns?: "all";
  settings: Partial<Settings>;
  /** Numbers that the text gives; tests/web/test_demonstrations.py fits them again. */
  expected?: Partial<Expected>;
}

export interface Expected {
  log_likelihood: number;
  bic: number;
  /** The geometric mean of the largest responsibilities. */
  sure: number;
  iterations: number;
}

export interface Demonstration {
  id: string;
  variants: Variant[];
}

export const demonstrations = listed as Demonstration[];

export function demonstration(id: string): Demonstration {
  const found = demonstrations.find((one) => one.id === id);
  if (found === undefined) throw new Error(`There is no demonstration ${id}.`);
  return found;
}

/** A number that a variant of a demonstration comes to. */
export function expected(id: string, variant: string, what: keyof Expected): number {
  const found = demonstration(id).variants.find((one) => one.id === variant)?.expected?.[what];
  if (found === undefined) throw new Error(`Nothing is known of ${what} in ${id}/${variant}.`);
  return found;
}
