import { quadtree, type Quadtree } from "d3-quadtree";

import type { Places } from "../parts/rows";

/** Finds the row that is nearest to a pixel. The tree is built when it is first asked. */
export class RowFinder {
  #tree: Quadtree<number> | null = null;

  constructor(readonly places: Places) {}

  /** Index of the row; null if none is within `radius`. */
  nearest(x: number, y: number, radius: number): number | null {
    this.#tree ??= this.#build();
    return this.#tree.find(x, y, radius) ?? null;
  }

  #build(): Quadtree<number> {
    const { x, y } = this.places;
    const drawn = [...x.keys()].filter((row) => x[row] === x[row]);
    return quadtree<number>(
      drawn,
      (row) => x[row],
      (row) => y[row],
    );
  }
}
