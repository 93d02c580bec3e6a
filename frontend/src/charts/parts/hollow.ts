import { componentSwatch } from "../painting/colours";
import { circle, type Mark, polyline, type Shape } from "../painting/scene";
import { CORNERS } from "../painting/shapes";
import { FEW } from "./components";
import type { Places } from "./rows";

/** Outlines of rows over others, in the colour and shape of their components (from 0; -1: noise). */
export function hollowMarks({ x, y }: Places, components: ArrayLike<number>, em: number): Mark[] {
  const few = x.length <= FEW;
  const [radius, width] = few ? [0.34 * em, 1.5] : [0.2 * em, 1];
  const outlines = new Map<number, string>();
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(x[i])) continue;
    const k = components[i];
    const one = outline(componentSwatch(k).shape, x[i], y[i], radius);
    outlines.set(k, (outlines.get(k) ?? "") + one);
  }
  return [...outlines].flatMap(([k, d]): Mark[] => [
    { kind: "path", d, stroke: "--surface", width: width + 2, opacity: 0.85 },
    { kind: "path", d, stroke: componentSwatch(k).colour, width },
  ]);
}

function outline(shape: Shape, x: number, y: number, radius: number): string {
  const corners = CORNERS[shape];
  if (corners === null) return circle(x, y, radius);
  const along = (axis: 0 | 1, from: number) => corners.map((at) => from + radius * at[axis]);
  return polyline(along(0, x), along(1, y), true);
}

/** How many of the places are not seen. */
export function outside({ x, y }: Places, width: number, height: number): number {
  return x.reduce(
    (count, at, i) => count + +!(at >= 0 && at <= width && y[i] >= 0 && y[i] <= height),
    0,
  );
}
