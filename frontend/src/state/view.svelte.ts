import type { Colouring } from "../charts";

export type Panel = "parameters" | "steps" | "choice" | "rows" | "new" | "kmeans";

/** What the picture shows, and which panel stands beside it. */
class View {
  panel = $state<Panel>("parameters");
  axes = $state.raw<[number, number]>([0, 1]);
  colouring = $state<Exclude<Colouring, "kmeans">>("hard");
  ellipses = $state(true);
  contours = $state(false);
  pairs = $state(false);
  /** Rows of a log-density below this are marked; null for none. */
  threshold = $state<number | null>(null);
  /** The share of the rows below it. */
  share = $state(0.01);
  correlations = $state(false);
  /** Number of the row that is looked at: the last one under the pointer. */
  row = $state<number | null>(null);

  /** Columns that are there, in whatever order: others give way to the first two. */
  within(nColumns: number): [number, number] {
    const [x, y] = this.axes;
    if (x < nColumns && y < nColumns && x !== y) return this.axes;
    return [0, Math.min(1, nColumns - 1)];
  }
}

export const view = new View();
