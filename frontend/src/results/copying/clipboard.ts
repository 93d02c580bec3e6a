import { saveBlob } from "../../charts";

/** Put text on the clipboard; false if the browser does not let us. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelection(text);
  }
}

/** The older way, which works where the page is not in a secure context. */
function copySelection(text: string): boolean {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.setAttribute("aria-hidden", "true");
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    area.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }
}

/** Cells as spreadsheets take them. */
export function tabSeparated(rows: string[][]): string {
  return rows.map((row) => row.join("\t")).join("\n") + "\n";
}

export function commaSeparated(rows: string[][]): string {
  const quoted = (cell: string) =>
    /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  return rows.map((row) => row.map(quoted).join(",")).join("\n") + "\n";
}

/** Offer text as a file. */
export function download(text: string, name: string, type = "text/csv"): void {
  saveBlob(new Blob([text], { type: `${type};charset=utf-8` }), name);
}
