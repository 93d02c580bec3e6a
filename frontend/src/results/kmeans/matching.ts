/**
 * Which column to give to each row so that the sum of the entries is greatest (the assignment
 * problem; Kuhn's Hungarian method with potentials, O(n^3)).
 */
export function bestMatching(gains: number[][]): number[] {
  const n = gains.length;
  const rowPotential = new Float64Array(n + 1);
  const columnPotential = new Float64Array(n + 1);
  const holder = new Int32Array(n + 1);
  const before = new Int32Array(n + 1);
  for (let row = 1; row <= n; row++) {
    holder[0] = row;
    let column = 0;
    const slack = new Float64Array(n + 1).fill(Infinity);
    const used = new Uint8Array(n + 1);
    do {
      used[column] = 1;
      let delta = Infinity;
      let next = 0;
      for (let j = 1; j <= n; j++) {
        if (used[j]) continue;
        const i = holder[column];
        const cost = -gains[i - 1][j - 1] - rowPotential[i] - columnPotential[j];
        if (cost < slack[j]) [slack[j], before[j]] = [cost, column];
        if (slack[j] < delta) [delta, next] = [slack[j], j];
      }
      for (let j = 0; j <= n; j++) {
        if (used[j]) {
          rowPotential[holder[j]] += delta;
          columnPotential[j] -= delta;
        } else slack[j] -= delta;
      }
      column = next;
    } while (holder[column] !== 0);
    while (column !== 0) {
      holder[column] = holder[before[column]];
      column = before[column];
    }
  }
  const matching = new Array<number>(n);
  for (let j = 1; j <= n; j++) matching[holder[j] - 1] = j - 1;
  return matching;
}

/** How many rows have label i in one labelling and j in the other; what is below 0 is left out. */
export function crossTable(one: Int32Array, other: Int32Array, n: number): number[][] {
  const table = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let i = 0; i < one.length; i++) {
    if (one[i] >= 0 && other[i] >= 0) table[one[i]][other[i]]++;
  }
  return table;
}
