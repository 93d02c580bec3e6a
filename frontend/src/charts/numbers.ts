import { format } from "d3-format";

import { grouped } from "../phrases";

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A number in words of few digits: `digits` significant ones, a true minus sign. */
export function tidy(value: number, digits = 4): string {
  if (value === Infinity) return "∞";
  if (value === -Infinity) return "−∞";
  if (!Number.isFinite(value)) return "missing";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const [whole, power] = value.toExponential(digits - 1).split("e");
  if (size >= 1e9 || size < 1e-4) return `${trimmed(whole)} × ${powerOfTen(Number(power))}`;
  const decimals = Math.max(0, digits - 1 - Number(power));
  return grouped(trimmed(value.toFixed(Math.min(decimals, 20))));
}

function trimmed(text: string): string {
  const short = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return short.replace("-", "−");
}

export function powerOfTen(power: number): string {
  const digits = [...String(Math.abs(power))].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return `10${power < 0 ? "⁻" : ""}${digits}`;
}

const percentage = format(".1f");

export function percent(share: number): string {
  if (share > 0 && share < 0.001) return "< 0.1 %";
  if (share < 1 && share > 0.999) return "> 99.9 %";
  return `${percentage(100 * share).replace(".0", "")} %`;
}

/** A name of at most `most` characters: the middle is left out, as the ends tell names apart. */
export function shortened(name: string, most: number): string {
  const characters = [...name];
  if (characters.length <= most) return name;
  const end = Math.floor((most - 1) / 2);
  const head = characters.slice(0, Math.max(1, most - 1 - end)).join("");
  return `${head.trimEnd()}…${end > 0 ? characters.slice(-end).join("").trimStart() : ""}`;
}
