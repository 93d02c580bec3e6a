/** A number for the running text: with `decimals` decimals, thousands apart and a true minus sign. */
export function fixed(value: number, decimals: number): string {
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return value.toLocaleString("en-GB", options).replace("-", "−");
}

/** A number to `n` significant digits, without trailing zeros. */
export function digits(value: number, n = 3): string {
  return value.toLocaleString("en-GB", { maximumSignificantDigits: n }).replace("-", "−");
}

/** A share in per cent; one that is not all is never called 100 %. */
export function percent(share: number): string {
  if (share > 0.9995 && share < 1)
    return share > 0.9999 ? "over 99.99\u00a0%" : "over 99.9\u00a0%";
  return `${digits(100 * share, share > 0.99 ? 4 : 3)}\u00a0%`;
}

const SMALL = [
  "no",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
];

/** A count in words up to ten, with its noun. */
export function counted(n: number, noun: string, plural = `${noun}s`): string {
  return `${SMALL[n] ?? fixed(n, 0)} ${n === 1 ? noun : plural}`;
}

export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
