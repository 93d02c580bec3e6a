import { loadExample } from "../state/calculator/calculator";
import { run } from "../state/fits/run.svelte";
import type { Variant } from "./demonstrations";
import { readingOf, type Reading } from "./reading";

/** What the demonstrations that were tried came to, so that they can be compared. */
class Tried {
  readings = $state.raw<Record<string, Reading>>({});
  /** The one that is being fitted. */
  running = $state<string | null>(null);

  async load(key: string, { example, settings, columns }: Variant): Promise<void> {
    const before = run.result;
    this.running = key;
    try {
      await loadExample(example, settings, columns === "all" ? null : undefined);
    } finally {
      if (this.running === key) this.running = null;
    }
    const result = run.result;
    if (run.status !== "done" || result === null || result === before) return;
    this.readings = { ...this.readings, [key]: readingOf(result) };
  }
}

export const tried = new Tried();
