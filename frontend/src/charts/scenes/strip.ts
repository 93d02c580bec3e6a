import { histogram } from "../../mathematics/histogram";
import { circle, type Mark, rectangle, type Scene, segment, type Space } from "../painting/scene";
import { axis, type Axis, type Interval } from "../parts/axis";

/** Bins of the log-densities, on an axis that leaves out the last of the farthest rows. */
export interface StripView {
  bins: ReturnType<typeof histogram>;
  axis: Axis;
  left: number;
  width: number;
  /** Height of the bars. */
  height: number;
  toX(value: number): number;
  fromX(pixel: number): number;
  /** Lowest value that is on the axis; lower ones are drawn at its end. */
  cut: number;
}

const ROUNDING = 1e-9; // log-densities that differ by less are the same
const REACH = 6; // interquartile ranges below the lower quartile that are shown

/** Where most of the values are. */
export function core(sorted: Float64Array): Interval {
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  const [low, lower, upper, high] = [0, 0.25, 0.75, 1].map(at);
  const cut = Math.max(low, lower - REACH * (upper - lower || 1));
  return { low: cut, high };
}

export function stripView(sorted: Float64Array, threshold: number, space: Space): StripView {
  const { low, high } = core(sorted);
  const span = high - low > ROUNDING * (1 + Math.abs(high)) ? high - low : 1;
  const ends = { low: Math.min(low, Math.max(threshold, low - 0.5 * span)), high };
  const shown = { low: ends.low - 0.04 * span, high: high + 0.04 * span };
  const left = space.em;
  const width = Math.max(20, space.width - 2 * left);
  const scale = axis(shown, Math.max(2, Math.floor(width / (space.em * 6))), "log-density, nats");
  return {
    bins: histogram(
      sorted.map((value) => Math.max(value, low)),
      Math.floor(width / 4),
    ),
    axis: scale,
    left,
    width,
    height: space.height - space.em * 3.9,
    toX: (value) => ((value - shown.low) / (shown.high - shown.low)) * width,
    fromX: (pixel) => shown.low + (pixel / width) * (shown.high - shown.low),
    cut: low,
  };
}

/** Bars on a scale of square roots, so that single rows are seen; those below the threshold stand out. */
export function stripScene(view: StripView, threshold: number, space: Space): Scene {
  const { bins, height, left, toX } = view;
  const { em } = space;
  const bars: [string[], string[]] = [[], []];
  if (bins !== null) {
    const most = Math.sqrt(Math.max(...bins.counts));
    const step = (bins.high - bins.low) / bins.counts.length;
    bins.counts.forEach((count, bin) => {
      if (count === 0) return;
      const [from, to] = [bins.low + bin * step, bins.low + (bin + 1) * step].map(toX);
      const tall = Math.max(1.5, (Math.sqrt(count) / most) * (height - em * 0.4));
      const low = bins.low + (bin + 0.5) * step < threshold;
      bars[+low].push(rectangle(from + 0.5, height - tall, Math.max(1, to - from - 1), tall));
    });
  }
  const x = Math.max(0, Math.min(view.width, toX(threshold)));
  const marks: Mark[] = [
    { kind: "path", d: rectangle(0, 0, x, height), fill: "--bad", fillOpacity: 0.07 },
    { kind: "path", d: bars[0].join(""), fill: "--strong-line", fillOpacity: 0.8 },
    { kind: "path", d: bars[1].join(""), fill: "--bad", fillOpacity: 0.9 },
    { kind: "path", d: segment(0, height, view.width, height), stroke: "--strong-line" },
    { kind: "path", d: segment(x, 0, x, height), stroke: "--bad", width: 2 },
    { kind: "path", d: circle(x, height, em * 0.55), fill: "--surface", stroke: "--bad", width: 2.5 }, // prettier-ignore
    ...view.axis.ticks.map(({ at, label }): Mark => {
      const y = height + em * 1.7;
      return { kind: "text", x: toX(at), y, text: label, size: em, anchor: "middle", colour: "--soft-ink" }; // prettier-ignore
    }),
    { kind: "text", x: view.width, y: height + em * 3, text: `${view.axis.title} →`, size: em, anchor: "end", colour: "--ink" }, // prettier-ignore
  ];
  return { ...space, marks: [{ kind: "group", x: left, y: em * 0.4, marks }] };
}
