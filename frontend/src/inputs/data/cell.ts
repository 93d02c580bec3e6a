import { format } from "d3-format";

/** A number to look at; where it is missing, or not there yet, that is said. */
export function cellText(value: number | null | undefined, digits = 6): string {
  if (value === undefined) return "…";
  if (value === null) return "missing";
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value).replace("-", "−");
  return format(`.${digits}~g`)(value);
}
