/** Digits with their thousands apart, if there are at least `least` of them, and a true minus sign. */
export function grouped(text: string, least = 5): string {
  const [whole, part] = text.replace("-", "−").split(".");
  const digits = whole.replace("−", "");
  const spaced = digits.length < least ? whole : whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return part === undefined ? spaced : `${spaced}.${part}`;
}

/** A count, with its thousands apart. */
export function count(n: number): string {
  return grouped(String(Math.round(n)), 4);
}

/** A count with its noun: "1 row", "12 rows". */
export function counted(n: number, noun: string, plural = `${noun}s`): string {
  return `${count(n)} ${n === 1 ? noun : plural}`;
}

/** The parts of a list in a sentence: "a, b and c". */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
