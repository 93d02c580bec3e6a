import type { Mixture } from "../api/types";
import { axesOf } from "../mathematics/ellipse";
import type { Frame } from "./axis";
import { componentColour, componentDash } from "./colours";
import { circle, type Mark, oval, polyline, segment, type Token } from "./scene";

const SMALL = 1.1; // a deviation of fewer letters would be hidden by a number

/** Path of the ellipse so many standard deviations from a mean, in pixels of the plot. */
export function ellipsePath(
  mixture: Mixture,
  k: number,
  [i, j]: [number, number],
  frame: Frame,
  radius: number,
): string {
  const xScale = frame.width / (frame.x.high - frame.x.low);
  const yScale = -frame.height / (frame.y.high - frame.y.low);
  const covariance = mixture.covariances[k];
  const { long, short, angle } = axesOf(
    covariance[i][i] * xScale ** 2,
    covariance[i][j] * xScale * yScale,
    covariance[j][j] * yScale ** 2,
  );
  const mean = mixture.means[k];
  return oval(frame.toX(mean[i]), frame.toY(mean[j]), radius * long, radius * short, angle);
}

/** Ellipses of 1, 2 and 3 standard deviations; over rows, with a border that sets them off. */
export function ellipseMarks(
  mixture: Mixture,
  axes: [number, number],
  frame: Frame,
  over: boolean,
): Mark[] {
  return mixture.means.flatMap((_, k): Mark[] => {
    const stroke = componentColour(k);
    const dash = componentDash(k);
    const of = (radius: number) => ellipsePath(mixture, k, axes, frame, radius);
    const border: Mark[] = [
      { kind: "path", d: of(3) + of(2), stroke: "--surface", width: 3, opacity: 0.6 },
      { kind: "path", d: of(1), stroke: "--surface", width: 5, opacity: 0.8 },
    ];
    return [
      ...(over ? border : []),
      { kind: "path", d: of(3), stroke, width: 1, opacity: 0.7, dash },
      { kind: "path", d: of(2), stroke, width: 1.5, opacity: 0.9, dash },
      { kind: "path", d: of(1), stroke, width: 2, fill: stroke, fillOpacity: 0.1, dash },
    ];
  });
}

/** A sign with a letter or a number on it. */
export function badge(
  x: number,
  y: number,
  text: string,
  { em, colour, square = false }: { em: number; colour: Token; square?: boolean },
): Mark[] {
  const radius = em * (0.68 + 0.16 * (text.length - 1));
  const d = square
    ? polyline([x, x + radius * 1.25, x, x - radius * 1.25], [y - radius * 1.25, y, y + radius * 1.25, y], true) // prettier-ignore
    : circle(x, y, radius);
  return [
    { kind: "path", d, stroke: "--surface", width: 4.5, opacity: 0.85 },
    { kind: "path", d, fill: "--surface", stroke: colour, width: 2 },
    { kind: "text", x, y: y + em * 0.3, text, size: em * 0.85, anchor: "middle", colour: "--ink", bold: true }, // prettier-ignore
  ];
}

/** The numbered means; the number of a thin component stands beside it, not on its rows. */
export function meanMarks(
  mixture: Mixture,
  axes: [number, number],
  frame: Frame,
  em: number,
): Mark[] {
  return mixture.means.flatMap((_, k): Mark[] => {
    const { x, y, mean } = badgePlace(mixture, k, axes, frame, em);
    const colour = componentColour(k);
    const sign = badge(x, y, String(k + 1), { em, colour });
    if (x === mean.x && y === mean.y) return sign;
    const d = circle(mean.x, mean.y, em * 0.2);
    const line = segment(mean.x, mean.y, x, y);
    return [
      { kind: "path", d: line, stroke: "--surface", width: 3, opacity: 0.8 },
      { kind: "path", d: line, stroke: colour, width: 1 },
      { kind: "path", d, fill: colour, stroke: "--surface", width: 1.5 },
      ...sign,
    ];
  });
}

/** Where the number of a component is, and where its mean is, in pixels of the plot. */
export function badgePlace(
  mixture: Mixture,
  k: number,
  [i, j]: [number, number],
  frame: Frame,
  em: number,
): { x: number; y: number; mean: { x: number; y: number } } {
  const mean = { x: frame.toX(mixture.means[k][i]), y: frame.toY(mixture.means[k][j]) };
  const [width, height] = [
    (Math.sqrt(mixture.covariances[k][i][i]) * frame.width) / (frame.x.high - frame.x.low),
    (Math.sqrt(mixture.covariances[k][j][j]) * frame.height) / (frame.y.high - frame.y.low),
  ];
  const small = Math.min(width, height) < SMALL * em;
  const inside = mean.x > 0 && mean.x < frame.width && mean.y > 0 && mean.y < frame.height;
  if (!small || !inside) return { ...mean, mean };
  const away = 3 * Math.min(width, height) + em;
  if (width < height) {
    const right = mean.x + away <= frame.width - em;
    return { x: mean.x + (right ? away : -away), y: mean.y, mean };
  }
  const above = mean.y - away >= em;
  return { x: mean.x, y: mean.y + (above ? -away : away), mean };
}

/** The way of each mean from where it was at first. */
export function trailMarks(
  trail: number[][][],
  mixture: Mixture,
  [i, j]: [number, number],
  frame: Frame,
): Mark[] {
  return mixture.means.flatMap((mean, k): Mark[] => {
    const way = [...trail.flatMap((means) => (k < means.length ? [means[k]] : [])), mean];
    if (way.length < 2) return [];
    const [x, y] = [way.map((at) => frame.toX(at[i])), way.map((at) => frame.toY(at[j]))];
    const stroke = componentColour(k);
    return [
      { kind: "path", d: polyline(x, y), stroke: "--surface", width: 3.5, opacity: 0.8 },
      { kind: "path", d: polyline(x, y), stroke, width: 1.5 },
      { kind: "path", d: circle(x[0], y[0], 3), fill: "--surface", stroke, width: 1.5 },
    ];
  });
}
