import { data } from "../../../state/data/data.svelte";
import { hasMoreLines, inOneColumn, readBlock } from "../../../state/data/paste";
import { MOST_TYPED, paste, sheetOfBlock } from "../../../state/data/sheet";
import type { SheetSource } from "../../../state/data/sources.svelte";
import type { Place } from "./keys";

/**
 * Take pasted text into the grid; false if it is but one value, which goes into the cell.
 * A block with names that is pasted at the upper left is a table of its own, and can be undone; so
 * is one line of more numbers than there are columns, which are the values of one.
 */
export function pasteInto(source: SheetSource, at: Place, text: string): boolean {
  if (hasMoreLines(text, MOST_TYPED)) {
    void data.takeText(text);
    return true;
  }
  let block = readBlock(text);
  const cells = block.rows.length * (block.rows[0]?.length ?? 0);
  if (cells === 0 || (cells === 1 && block.names === null)) return false;
  const corner = at.row <= 0 && at.column === 0;
  const wide = block.rows[0].length > source.sheet.columns.length;
  if (corner && wide) block = inOneColumn(block);
  if (corner && (block.names !== null || (wide && block.rows[0].length === 1))) {
    source.put(sheetOfBlock(block));
  } else {
    if (block.names !== null) block.notes.push("The names in its first row were left out.");
    source.put(paste(source.sheet, Math.max(0, at.row), at.column, block));
  }
  data.notes = block.notes;
  return true;
}
