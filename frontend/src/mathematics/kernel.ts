const REACH = 6; // bandwidths beyond which a kernel counts for nothing
const FINENESS = 16; // bins in a bandwidth
const MOST_BINS = 16384;

/** Scott's bandwidth of one feature: the standard deviation times n^(-1/5). */
export function bandwidth(values: Float64Array): number {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += (values[i] - mean) / (i + 1);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (values[i] - mean) ** 2;
  return Math.sqrt(sum / (n - 1)) * n ** -0.2;
}

/**
 * Gaussian kernel density estimate on `count` equal steps from low to high, of binned values.
 *
 * Each value is shared between the two nearest of a fine grid's places (Wand 1994, section 2).
 * Null where there is no spread.
 */
export function kernelDensity(
  values: Float64Array,
  low: number,
  high: number,
  count: number,
): { x: Float64Array; density: Float64Array } | null {
  const width = bandwidth(values);
  if (!(width > 0) || !(high > low)) return null;
  const span = high - low + 2 * REACH * width;
  const bins = Math.min(MOST_BINS, Math.ceil((span / width) * FINENESS));
  const step = span / bins;
  const first = low - REACH * width;
  const shares = new Float64Array(bins + 2);
  for (let i = 0; i < values.length; i++) {
    const place = (values[i] - first) / step;
    if (!(place >= 0 && place < bins)) continue;
    const bin = Math.floor(place);
    shares[bin] += bin + 1 - place;
    shares[bin + 1] += place - bin;
  }
  const x = Float64Array.from({ length: count + 1 }, (_, i) => low + ((high - low) * i) / count);
  const constant = 1 / (values.length * width * Math.sqrt(2 * Math.PI));
  const density = x.map((at) => {
    const from = Math.max(0, Math.ceil((at - REACH * width - first) / step));
    const to = Math.min(bins, Math.floor((at + REACH * width - first) / step));
    let sum = 0;
    for (let bin = from; bin <= to; bin++) {
      if (shares[bin] === 0) continue;
      const z = (first + bin * step - at) / width;
      sum += shares[bin] * Math.exp(-0.5 * z * z);
    }
    return sum * constant;
  });
  return { x, density };
}
