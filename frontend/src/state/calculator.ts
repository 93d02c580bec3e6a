import type { Settings } from "../api/types";

/** Fit the data as the inputs say. What cannot be used is shown beside its input. */
export async function calculate(): Promise<void> {}

/** Put all inputs but the data back to what they are at first. */
export function reset(): void {}

/** Change some inputs, as if they had been typed, and calculate. */
export async function adopt(changes: Partial<Settings>): Promise<void> {
  void changes;
}

/**
 * Load an example with its settings, changed where said, and calculate. Columns are those that the
 * example chooses if none are named; null for all of them.
 */
export async function loadExample(
  id: string,
  changes: Partial<Settings> = {},
  columns?: readonly string[] | null,
): Promise<void> {
  void [id, changes, columns];
}
