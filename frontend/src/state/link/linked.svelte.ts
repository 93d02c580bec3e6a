import { data } from "../data/data.svelte";
import { HeldSource, SheetSource, type Source } from "../data/sources.svelte";
import { inputs } from "../settings/inputs.svelte";
import { changedFrom, typedOf } from "../settings/settings";
import { MOST_LINKED, writeLink, type LinkState } from "./link";

/** What stands in the page's address besides data and settings. */
class Linked {
  /** The columns that are drawn; null for the first ones. */
  axes = $state.raw<string[] | null>(null);
  /** A link whose file is to be opened first, and what stands in its place. */
  awaited = $state.raw<{ state: LinkState; source: Source } | null>(null);
  /** What could not be taken from a link. */
  notes = $state.raw<string[]>([]);
}

export const linked = new Linked();

/** The page as a link; `whole` is false if the data are too many to be in it. */
export function linkOf(source: Source): { hash: string; whole: boolean } {
  const { settings: now } = inputs.parsed;
  const changed = { n_components: now.n_components, ...changedFrom(inputs.defaults, now) };
  const state: LinkState = { settings: typedOf(changed) as LinkState["settings"] };
  const features = source.columns.filter((column) => column.barred === null);
  if (features.some((column) => column.role !== "feature")) {
    state.columns = source.used.map((column) => column.name);
    state.weights = features.find((column) => column.role === "weight")?.name;
  }
  if (drawable(linked.axes, source)) state.axes = linked.axes;
  const full = writeLink({ ...state, ...dataIn(source) });
  if (full.length <= MOST_LINKED) return { hash: full, whole: !(source instanceof HeldSource) };
  const dataset = source instanceof SheetSource ? source.held : null;
  const held = dataset === null ? {} : { dataset, file: source.name };
  return { hash: writeLink({ ...state, ...held }), whole: false };
}

/** Whether these are two of the columns that are fitted. */
export function drawable(axes: string[] | null | undefined, source: Source): axes is string[] {
  const names = source.used.map((column) => column.name);
  return axes?.length === 2 && axes[0] !== axes[1] && axes.every((name) => names.includes(name));
}

function dataIn(source: Source): Partial<LinkState> {
  if (source.example !== null) return { example: source.example };
  if (source instanceof HeldSource) return { dataset: source.dataset.id, file: source.name };
  if (!(source instanceof SheetSource)) return {};
  const { columns, rows } = source.sheet;
  return {
    table: {
      columns: columns.map((column) => column.name),
      rows: rows.slice(0, source.nRows).map((row) => [...row]),
    },
  };
}

/** Let the address say what is calculated; reloading, or a bookmark, then brings it back. */
export function showAddress(): void {
  const { hash } = linkOf(data.source);
  if (location.hash.slice(1) === hash) return;
  const plain = hash === "example=sample&n_components=2";
  const address = plain ? location.pathname + location.search : `#${hash}`;
  history.replaceState(null, "", address);
}
