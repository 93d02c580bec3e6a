/** A place in the grid: row -1 is the head; one column beyond the last are the buttons of rows. */
export interface Place {
  row: number;
  column: number;
  /** In the head, each column has its name and then the button that deletes it. */
  part: "cell" | "delete";
}

export interface Extent {
  /** Rows that can be gone to, the empty one at the end included. */
  rows: number;
  columns: number;
  /** Rows that are seen at once. */
  page: number;
}

export interface Key {
  key: string;
  shift: boolean;
  control: boolean;
}

/** Where a key leads from a place; null if the key does not move. */
export function moved(at: Place, { key, shift, control }: Key, extent: Extent): Place | null {
  const { row, column } = at;
  const last = extent.rows - 1;
  switch (key) {
    case "ArrowUp":
      return down(at, control ? -Infinity : -1, extent);
    case "ArrowDown":
      return down(at, control ? Infinity : 1, extent);
    case "PageUp":
      return down(at, -extent.page, extent);
    case "PageDown":
      return down(at, extent.page, extent);
    case "Enter":
      return down(at, shift ? -1 : 1, extent);
    case "ArrowLeft":
      return sideways(at, -1, extent);
    case "ArrowRight":
      return sideways(at, 1, extent);
    case "Home":
      return { row: control ? 0 : row, column: 0, part: "cell" };
    case "End":
      return { row: control ? last : row, column: extent.columns - 1, part: "cell" };
    case "Tab": {
      const next = column + (shift ? -1 : 1);
      if (next >= 0 && next < extent.columns) return { row, column: next, part: "cell" };
      const other = row + (shift ? -1 : 1);
      if (other < 0 || other > last) return null;
      return { row: other, column: shift ? extent.columns - 1 : 0, part: "cell" };
    }
    default:
      return null;
  }
}

function down(at: Place, rows: number, extent: Extent): Place {
  const least = at.row < 0 || rows > -Infinity ? -1 : 0;
  const row = Math.max(least, Math.min(extent.rows - 1, at.row + rows));
  return { row, column: at.column, part: row === at.row ? at.part : "cell" };
}

/** In the head: name, its button, the next name; in a row: cells, then the row's button. */
function sideways({ row, column, part }: Place, step: number, extent: Extent): Place {
  const parts = row < 0 ? 2 : 1;
  const most = parts * extent.columns;
  const now = Math.min(most, parts * column + (part === "delete" ? 1 : 0));
  const next = Math.max(0, Math.min(most, now + step));
  const odd = parts === 2 && next % 2 === 1;
  return { row, column: Math.floor(next / parts), part: odd ? "delete" : "cell" };
}
