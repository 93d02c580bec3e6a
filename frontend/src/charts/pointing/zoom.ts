import type { Interval } from "../parts/axis";

/** What part of the data is looked at. */
export interface Window {
  x: Interval;
  y: Interval;
}

/** How much can be seen at most and at least, in extents of the data. */
const WIDEST = 4;
const NARROWEST = 1e-5;

function scaled({ low, high }: Interval, at: number, factor: number, whole: Interval): Interval {
  const extent = whole.high - whole.low;
  const most = WIDEST * extent;
  const least = NARROWEST * extent;
  const span = Math.max(least, Math.min(most, (high - low) * factor));
  const share = (at - low) / (high - low);
  return { low: at - share * span, high: at + (1 - share) * span };
}

/** Smaller or larger about a place. */
export function zoomed(view: Window, at: { x: number; y: number }, factor: number, whole: Window) {
  return {
    x: scaled(view.x, at.x, factor, whole.x),
    y: scaled(view.y, at.y, factor, whole.y),
  };
}

/** Shifted by shares of itself, but never away from all data. */
export function shifted(view: Window, right: number, up: number, whole: Window): Window {
  const moved = ({ low, high }: Interval, share: number, all: Interval): Interval => {
    const span = high - low;
    const step = Math.max(all.low - high, Math.min(all.high - low, share * span));
    return { low: low + step, high: high + step };
  };
  return { x: moved(view.x, right, whole.x), y: moved(view.y, up, whole.y) };
}

export function centre({ x, y }: Window): { x: number; y: number } {
  return { x: (x.low + x.high) / 2, y: (y.low + y.high) / 2 };
}
