import { contours } from "d3-contour";

import type { Mixture } from "../api/types";
import { emptyDensities, MixtureDensity } from "./density";
import { marginal } from "./marginal";

const SEEDS = 192; // places in a component: seeds of a sunflower, each of the same mass
const GOLDEN = Math.PI * (3 - Math.sqrt(5));
const NOISE_SIDE = 24;
const FLOOR = 60; // nats below the highest level beyond which a density is 0

export interface Range {
  low: number;
  high: number;
}

/** Places of equal weight that stand for a mixture of two features, and their weights. */
function standIns(mixture: Mixture): { places: number[]; weights: number[] } {
  const [places, weights]: [number[], number[]] = [[], []];
  mixture.means.forEach((mean, k) => {
    const covariance = mixture.covariances[k];
    const side = Math.sqrt(covariance[0][0]);
    const slope = covariance[0][1] / side;
    const rest = Math.sqrt(Math.max(0, covariance[1][1] - slope * slope));
    const dof = mixture.dof === null ? null : (mixture.dof[k] ?? mixture.dof[0]);
    for (let seed = 0; seed < SEEDS; seed++) {
      const outside = 1 - (seed + 0.5) / SEEDS;
      const squared =
        dof === null ? -2 * Math.log(outside) : dof * Math.expm1((-2 / dof) * Math.log(outside));
      const radius = Math.sqrt(squared);
      const [u, v] = [radius * Math.cos(seed * GOLDEN), radius * Math.sin(seed * GOLDEN)];
      places.push(mean[0] + side * u, mean[1] + slope * u + rest * v);
      weights.push(mixture.weights[k] / SEEDS);
    }
  });
  const noise = mixture.noise;
  if (noise !== null) {
    const at = (feature: number, step: number) =>
      noise.lowest[feature] +
      ((noise.highest[feature] - noise.lowest[feature]) * (step + 0.5)) / NOISE_SIDE;
    for (let a = 0; a < NOISE_SIDE; a++) {
      for (let b = 0; b < NOISE_SIDE; b++) {
        places.push(at(0, a), at(1, b));
        weights.push(noise.weight / NOISE_SIDE ** 2);
      }
    }
  }
  return { places, weights };
}

function logDensities(pair: Mixture, places: Float64Array): Float64Array {
  const density = new MixtureDensity(pair, 2, [0, 1]);
  const result = emptyDensities(places.length / 2, density.nTerms);
  density.evaluate(places, null, result);
  return result.logDensities;
}

/** Log-density above which lies each share of a mixture of two features, shares in ascending order. */
export function levels(pair: Mixture, shares: number[]): number[] {
  const { places, weights } = standIns(pair);
  const heights = logDensities(pair, Float64Array.from(places));
  const order = Int32Array.from(heights.keys()).sort((a, b) => heights[b] - heights[a]);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let [held, at] = [0, 0];
  return shares.map((share) => {
    while (at < order.length - 1 && held + weights[order[at]] / 2 < share * total) {
      held += weights[order[at++]];
    }
    return heights[order[at]];
  });
}

/** A region as rings, holes among them, of x, y, x, y, ... in units of the grid's cells. */
export interface Region {
  share: number;
  rings: [number, number][][];
}

/**
 * Regions that hold given shares of a mixture's marginal on two features, the widest first.
 *
 * The log-density is interpolated, not the density: of a Gaussian it is a parabola, so that few
 * cells are enough.
 */
export function regions(
  mixture: Mixture,
  [i, j]: [number, number],
  shares: number[],
  { x, y, columns, rows }: { x: Range; y: Range; columns: number; rows: number },
): Region[] {
  const pair = marginal(mixture, [i, j]);
  const places = new Float64Array(2 * columns * rows);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      places[at++] = x.low + ((x.high - x.low) * (column + 0.5)) / columns;
      places[at++] = y.low + ((y.high - y.low) * (row + 0.5)) / rows;
    }
  }
  const grid = logDensities(pair, places);
  const heights = levels(pair, shares);
  const floor = Math.min(...heights) - FLOOR;
  const bounded = Array.from(grid, (height) => Math.max(height, floor));
  const shape = contours().size([columns, rows]).smooth(true);
  return shares
    .map((share, at) => ({
      share,
      rings: shape.contour(bounded, heights[at]).coordinates.flat() as [number, number][][],
    }))
    .reverse();
}
