/** The part of a long table that is drawn. */
export interface VisibleRows {
  first: number;
  /** One behind the last. */
  end: number;
  /** Height of the space above and below it, in pixels. */
  above: number;
  below: number;
}

/** Browsers draw no boxes much higher than this. */
const HIGHEST = 8_000_000;
const SPARE = 6;

/** The rows to draw where `scroll` pixels of a table are above the upper edge of its frame. */
export function visibleRows(
  scroll: number,
  frame: number,
  rowHeight: number,
  n: number,
): VisibleRows {
  const shown = Math.ceil(frame / rowHeight) + 1;
  const full = n * rowHeight;
  const height = Math.min(full, HIGHEST);
  const top = full === height ? scroll : scroll * ((full - frame) / Math.max(1, height - frame));
  const at = Math.floor(top / rowHeight);
  const first = Math.max(0, Math.min(at - SPARE, n - shown));
  const end = Math.min(n, Math.max(at, 0) + shown + SPARE);
  const drawn = (end - first) * rowHeight;
  const above = Math.min(
    Math.max(0, full === height ? first * rowHeight : scroll - (top - first * rowHeight)),
    Math.max(0, height - drawn),
  );
  return { first, end, above, below: Math.max(0, height - drawn - above) };
}

/** Where to scroll so that a row is in the frame, under a heading of some height. */
export function scrollTo(
  row: number,
  scroll: number,
  frame: number,
  rowHeight: number,
  heading: number,
): number {
  const top = row * rowHeight;
  const room = frame - heading;
  if (top < scroll) return top;
  if (top + rowHeight > scroll + room) return top + rowHeight - room;
  return scroll;
}
