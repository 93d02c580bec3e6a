/** Number of the nearest centre of each row, by what of the row is observed; columns in units. */
export function nearestCentres(
  values: Float64Array,
  centres: number[][],
  units?: readonly number[],
): Uint8Array {
  const d = centres[0].length;
  const inverse = Float64Array.from(centres[0], (_, j) => 1 / (units?.[j] ?? 1));
  const flat = Float64Array.from(centres.flat());
  const labels = new Uint8Array(values.length / d);
  for (let i = 0; i < labels.length; i++) {
    let least = Infinity;
    for (let k = 0; k < centres.length; k++) {
      let squared = 0;
      for (let j = 0; j < d; j++) {
        const away = (values[i * d + j] - flat[k * d + j]) * inverse[j];
        if (away === away) squared += away * away;
      }
      if (squared < least) [least, labels[i]] = [squared, k];
    }
  }
  return labels;
}
