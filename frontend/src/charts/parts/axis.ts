import { tickStep, ticks } from "d3-array";

import { grouped } from "../../phrases";
import { powerOfTen, shortened } from "../numbers";
import { type Mark, segment, type Space } from "../painting/scene";

export interface Interval {
  low: number;
  high: number;
}

export interface Tick {
  at: number;
  label: string;
}

/** Ticks between low and high, and what the name of the axis says besides. */
export interface Axis extends Interval {
  ticks: Tick[];
  title: string;
}

/** Width of a text, about. */
export const textWidth = (text: string, size: number): number => [...text].length * size * 0.58;

/** An interval that is not empty, wider by a share of itself on either side. */
export function widened({ low, high }: Interval, share: number): Interval {
  const span = high - low;
  if (!(span > Math.abs(low) * 1e-14)) {
    const half = Math.abs(low) * 1e-3 || 1;
    return { low: low - half, high: high + half };
  }
  return { low: low - share * span, high: high + share * span };
}

/**
 * An axis of about `count` ticks with short labels: what all values share is told in its title,
 * as `name − 1 000 000` or `name (× 10⁶)`.
 */
export function axis({ low, high }: Interval, count: number, name: string): Axis {
  const span = high - low;
  const offset = offsetOf(low, high);
  const most = Math.max(Math.abs(low - offset), Math.abs(high - offset));
  const power = most >= 1e5 || most < 1e-2 ? 3 * Math.floor(Math.log10(most) / 3) : 0;
  const unit = 10 ** power;
  const scaled = { low: (low - offset) / unit, high: (high - offset) / unit };
  const step = tickStep(scaled.low, scaled.high, count);
  const decimals = Math.min(20, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  const places = span > 0 ? ticks(scaled.low, scaled.high, count) : [scaled.low];
  const found = places.map((place) => ({
    at: offset + place * unit,
    label: grouped((Object.is(place, -0) ? 0 : place).toFixed(decimals)),
  }));
  const less =
    offset === 0 ? "" : ` ${offset < 0 ? "+" : "−"} ${grouped(plain(Math.abs(offset)))}`;
  const times = power === 0 ? "" : ` (× ${powerOfTen(power)})`;
  return { low, high, ticks: found, title: `${name}${less}${times}` };
}

/** An axis of common logarithms: ticks at whole powers of ten. */
function logarithmicAxis({ low, high }: Interval, count: number, title: string): Axis {
  const every = Math.max(1, Math.ceil((high - low) / count));
  const ticks: Tick[] = [];
  for (let power = Math.ceil(low); power <= high; power++) {
    if (power % every === 0) ticks.push({ at: power, label: powerOfTen(power) });
  }
  return { low, high, ticks, title };
}

/** What to take off values that differ in their fifth digit or later only. */
function offsetOf(low: number, high: number): number {
  const span = high - low;
  const middle = (low + high) / 2;
  if (!(Math.abs(middle) > 1e4 * span) || low * high <= 0) return 0;
  const step = 10 ** (1 + Math.ceil(Math.log10(span)));
  return Number((Math.floor(low / step) * step).toPrecision(15));
}

function plain(value: number): string {
  return value >= 1e15 ? value.toExponential() : String(Number(value.toPrecision(15)));
}

/** The rectangle in which data are drawn. */
export interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Plot extends Rectangle {
  x: Axis;
  y: Axis;
  /** Pixel of a value, from the upper left of the plot. */
  toX(value: number): number;
  toY(value: number): number;
  /** Value of a pixel. */
  fromX(pixel: number): number;
  fromY(pixel: number): number;
}

export interface PlotOptions {
  x: Interval;
  y: Interval;
  xName: string;
  yName: string;
  /** Whole numbers only. */
  xWhole?: boolean;
  /** The values of y are common logarithms of what is meant. */
  yLogarithms?: boolean;
}

/** Room for the labels, and the rest for the data. */
export function plot(space: Space, options: PlotOptions): Plot {
  const { em } = space;
  const top = em * 2.1;
  const height = Math.max(20, space.height - top - em * 3.4);
  const rows = Math.max(3, Math.round(height / (em * 5)));
  const yAxis = (options.yLogarithms ? logarithmicAxis : axis)(options.y, rows, options.yName);
  const labels = Math.max(...yAxis.ticks.map(({ label }) => textWidth(label, em)), em * 2);
  const left = Math.ceil(labels + em * 0.9);
  const width = Math.max(20, space.width - left - em * 0.8);
  const sample = axis(options.x, 5, options.xName).ticks.map(({ label }) => textWidth(label, em));
  const room = Math.floor(width / (Math.max(...sample, em) + em * 2.4));
  const most = options.xWhole ? Math.max(1, Math.floor(options.x.high - options.x.low)) : 10;
  const wanted = Math.min(most, 10, Math.max(2, room));
  const xAxis = axis(options.x, wanted, options.xName);
  if (options.xWhole) xAxis.ticks = xAxis.ticks.filter(({ at }) => Number.isInteger(at));
  const [xSpan, ySpan] = [xAxis.high - xAxis.low, yAxis.high - yAxis.low];
  return {
    left,
    top,
    width,
    height,
    x: xAxis,
    y: yAxis,
    toX: (value) => ((value - xAxis.low) / xSpan) * width,
    toY: (value) => (1 - (value - yAxis.low) / ySpan) * height,
    fromX: (pixel) => xAxis.low + (pixel / width) * xSpan,
    fromY: (pixel) => yAxis.low + (1 - pixel / height) * ySpan,
  };
}

/** Grid, ticks and names: marks to lie under the data. */
export function plotMarks(plot: Plot, { em, width }: Space): Mark[] {
  const { left, top } = plot;
  const bottom = top + plot.height;
  const right = left + plot.width;
  const marks: Mark[] = [];
  const grid: string[] = [];
  for (const { at, label } of plot.y.ticks) {
    const y = top + plot.toY(at);
    grid.push(segment(left, y, right, y));
    marks.push(tickText(label, left - em * 0.5, y + em * 0.35, "end", em));
  }
  for (const { at, label } of plot.x.ticks) {
    const x = left + plot.toX(at);
    grid.push(segment(x, top, x, bottom));
    marks.push(tickText(label, x, bottom + em * 1.35, "middle", em));
  }
  const letters = Math.floor(width / (em * 0.58)) - 4;
  return [
    { kind: "path", d: grid.join(""), stroke: "--line", opacity: 0.6 },
    { kind: "path", d: segment(left, bottom, right, bottom), stroke: "--strong-line" },
    ...marks,
    title(`↑ ${shortened(plot.y.title, letters)}`, em * 0.2, em * 1.1, "start", em),
    title(`${shortened(plot.x.title, letters)} →`, right, bottom + em * 2.8, "end", em),
  ];
}

type Anchor = "start" | "middle" | "end";

function tickText(text: string, x: number, y: number, anchor: Anchor, size: number): Mark {
  return { kind: "text", x, y, text, size, anchor, colour: "--soft-ink" };
}

function title(text: string, x: number, y: number, anchor: Anchor, size: number): Mark {
  return { kind: "text", x, y, text, size, anchor, colour: "--ink" };
}
