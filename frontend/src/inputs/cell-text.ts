import { format } from "d3-format";

const significant = format(".6~g");

/** A number to look at; where it is missing, or not there yet, that is said. */
export function cellText(value: number | null | undefined): string {
  if (value === undefined) return "…";
  if (value === null) return "missing";
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? String(value) : significant(value);
}
