import type { Spikes } from "../../api/types";

const WANTED =
  "give “none”, “auto”, values such as 0, or columns with theirs, such as spend=0; age=18";

/** Point masses as one would type them: values with a comma, columns with a semicolon between. */
export function spikesText(spikes: Spikes): string {
  if (typeof spikes === "string") return spikes;
  if (Array.isArray(spikes)) return spikes.join(", ");
  return Object.entries(spikes)
    .map(([column, values]) => `${column}=${values.join(", ")}`)
    .join("; ");
}

/** Read point masses; values alone are those of the only column. */
export function readSpikes(
  text: string,
  bounds: { dimensions: number },
): { spikes: Spikes } | { problem: string } {
  const typed = text.trim();
  const word = typed.toLowerCase();
  if (word === "none" || word === "auto") return { spikes: word };
  const unread = {
    problem: typed === "" ? sentence(WANTED) : `“${typed}” cannot be used: ${WANTED}.`,
  };
  if (!typed.includes("=")) {
    const values = readValues(typed);
    if (values === null) return unread;
    if (bounds.dimensions > 1) {
      return { problem: `Say of which column ${typed} is a value, such as spend=${typed}.` };
    }
    return { spikes: values };
  }
  const columns = new Map<string, number[]>();
  for (const part of typed.split(";")) {
    const cut = part.lastIndexOf("=");
    const column = part.slice(0, Math.max(cut, 0)).trim();
    const values = readValues(part.slice(cut + 1));
    if (column === "" || values === null) return unread;
    if (columns.has(column))
      return { problem: `${column} is there twice: name all its values once.` };
    columns.set(column, values);
  }
  return { spikes: Object.fromEntries(columns) };
}

function readValues(text: string): number[] | null {
  const values = text.split(",").map((cell) => (cell.trim() === "" ? NaN : Number(cell)));
  return values.every(Number.isFinite) ? values : null;
}

function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
