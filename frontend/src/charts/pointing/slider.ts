/** Where a key leads on a slider from 0 to `last`; null if it does not move it. */
export function slid(
  { key, ctrlKey, metaKey, altKey }: KeyboardEvent,
  { at, page, last }: { at: number; page: number; last: number },
): number | null {
  if (ctrlKey || metaKey || altKey) return null;
  const to: Record<string, number> = {
    ArrowRight: at + 1,
    ArrowUp: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: at - 1,
    PageUp: at + page,
    PageDown: at - page,
    Home: 0,
    End: last,
  };
  return key in to ? Math.max(0, Math.min(last, to[key])) : null;
}
