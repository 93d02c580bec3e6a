import type { Shape } from "./scene";

type Corners = [number, number][];

const arm = 0.38;

/** Corners at about the same area as a circle of radius 1; none for circles and rings. */
export const CORNERS: Record<Shape, Corners | null> = {
  circle: null,
  ring: null,
  square: [[-0.88, -0.88], [0.88, -0.88], [0.88, 0.88], [-0.88, 0.88]], // prettier-ignore
  triangle: [[0, -1.25], [1.12, 0.75], [-1.12, 0.75]], // prettier-ignore
  diamond: [[0, -1.28], [1.1, 0], [0, 1.28], [-1.1, 0]], // prettier-ignore
  cross: [
    [-arm, -1.2], [arm, -1.2], [arm, -arm], [1.2, -arm], [1.2, arm], [arm, arm],
    [arm, 1.2], [-arm, 1.2], [-arm, arm], [-1.2, arm], [-1.2, -arm], [-arm, -arm],
  ], // prettier-ignore
};

/** How thick a ring is, in radii. */
export const RING = 0.3;

/** Whether a point lies in the shape of radius 1 about the origin. */
export function inside(shape: Shape, x: number, y: number): boolean {
  const corners = CORNERS[shape];
  if (corners === null) {
    const squared = x * x + y * y;
    return squared <= 1 && (shape === "circle" || squared >= (1 - RING) ** 2);
  }
  let within = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [corners[i], corners[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) within = !within;
  }
  return within;
}
