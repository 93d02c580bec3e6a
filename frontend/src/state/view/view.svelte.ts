import type { Sample } from "../../api/types";
import { linked } from "../link/linked.svelte";

export type Panel = "parameters" | "posterior" | "steps" | "choice" | "rows" | "new" | "kmeans";

/** What the picture shows, and which panel stands beside it. */
class View {
  panel = $state<Panel>("parameters");
  colouring = $state<"hard" | "soft" | "plain">("hard");
  ellipses = $state(true);
  contours = $state(false);
  pairs = $state(false);
  /** Rows of a log-density below this are marked; null for none. */
  threshold = $state<number | null>(null);
  /** The share of the rows below it. */
  share = $state(0.01);
  /** Rows that were drawn from the mixture, to lie over the data. */
  sample = $state.raw<Sample | null>(null);
  correlations = $state(false);
  /** Number of the row that is looked at: the last one under the pointer. */
  row = $state<number | null>(null);

  /** Which columns the link names, as far as they are there; else the first two. */
  axesOf(columns: string[]): [number, number] {
    const [x = -1, y = -1] = (linked.axes ?? []).map((name) => columns.indexOf(name));
    return x >= 0 && y >= 0 && x !== y ? [x, y] : [0, Math.min(1, columns.length - 1)];
  }

  choose(columns: string[], axes: [number, number]): void {
    linked.axes = axes.map((j) => columns[j]);
  }
}

export const view = new View();
