import type { Settings } from "../../api/types";
import { data } from "../data/data.svelte";
import { server } from "../server.svelte";
import { DEFAULTS, read, typedOf, type Field, type ParsedSettings } from "./settings";

/** The settings as they stand in the inputs, and what they say. */
class Inputs {
  typed = $state(typedOf(DEFAULTS));
  /** What an example said of them. */
  #given: Partial<Settings> = {};

  readonly parsed: ParsedSettings = $derived.by(() => {
    const { nRows: rows, used } = data.source;
    const components = server.about?.limits.components ?? 1000;
    const bounds = { rows: rows || null, components, dimensions: used.length };
    return read(this.typed, bounds, this.defaults);
  });

  get defaults(): Settings {
    return server.about?.defaults ?? DEFAULTS;
  }

  /** Set all to the defaults, except for these changes. */
  reset(changes: Partial<Settings> = {}): void {
    this.typed = typedOf({ ...this.defaults, ...changes });
    this.#given = changes;
  }

  /** Other data have come: what the example said, and nobody changed, is not meant for them. */
  forgetExample(): void {
    const given = typedOf(this.#given);
    const defaults = typedOf(this.defaults);
    for (const field of Object.keys(this.#given) as Field[]) {
      if (this.typed[field] === given[field]) {
        Object.assign(this.typed, { [field]: defaults[field] });
      }
    }
    this.#given = {};
  }

  /** Change some, as if they had been typed. */
  change(changes: Partial<Settings>): void {
    Object.assign(this.typed, typedOf(changes));
  }
}

export const inputs = new Inputs();
