import type { Candidate, Criterion, Frames, KMeans, Mixture, Points } from "../api/types";

/** How rows are coloured: by the likeliest component, by all of them, not, or by K-means. */
export type Colouring = "hard" | "soft" | "plain" | "kmeans";

/** What a chart that can be downloaded offers to `bind:this`. */
export interface Downloadable {
  /** Save the chart as it stands, in the light theme on white, as `name`.svg or .png. */
  save(kind: "svg" | "png", name: string): Promise<void>;
}

/** Clusters of K-means, and what it took as the unit of each column (1 unless it is named). */
export interface Clusters extends KMeans {
  units?: readonly number[];
}

/** Rows drawn from a mixture, and the component of each, from 0; -1 for the noise. */
export interface Drawn {
  points: Points;
  components: ArrayLike<number>;
}

/** What the pointer, or the keyboard, is on. */
export interface Pointed {
  /** Number of a row of the table, from 1. */
  row: number | null;
  /** A component, from 0. */
  component: number | null;
}

export interface DataChartProps {
  /** Column j of the points is feature j of the mixture. */
  points: Points;
  mixture: Mixture | null;
  kmeans?: Clusters | null;
  /** Which two columns are drawn; the first alone where there is one. */
  axes?: [number, number];
  colouring?: Colouring;
  /** Regions of 1, 2 and 3 standard deviations. */
  ellipses?: boolean;
  /** Regions that hold 25, 50, 75, 90 and 95 % of the mixture. */
  contours?: boolean;
  /** Rows of a log-density below this are marked. */
  threshold?: number | null;
  /** Rows that lie over the data, hollow. */
  drawn?: Drawn | null;
  /** Means of earlier iterations, the oldest first: a path to where they are. */
  trail?: number[][][];
  /** To be bound, where charts and tables share it. */
  pointed?: Pointed;
  title?: string;
}

export interface ScatterMatrixProps {
  points: Points;
  mixture: Mixture | null;
  colouring?: Exclude<Colouring, "kmeans">;
  ellipses?: boolean;
  /** The axes that the large chart shows. */
  chosen?: [number, number];
  onchoose?: (axes: [number, number]) => void;
  title?: string;
}

export interface LikelihoodChartProps {
  /** One frame at least. */
  frames: Frames;
  /** Index of the current frame in `frames.frames`. */
  current: number;
  /** Rows of the table: frames of fewer are drawn lighter. */
  total: number;
  /** How much is missing to the final value, on a log scale. */
  shortfall?: boolean;
  onscrub?: (index: number) => void;
  title?: string;
}

export interface CriterionChartProps {
  candidates: Candidate[];
  criterion: Criterion;
  /** Index of the best in `candidates`; null if there is none yet. */
  best: number | null;
  onadopt?: (candidate: Candidate) => void;
  title?: string;
}

export interface LegendProps {
  mixture: Mixture;
  /** Clusters instead of components. */
  kmeans?: boolean;
  /** To be bound, where charts and tables share it. */
  pointed?: Pointed;
}

export interface ResponsibilityBarsProps {
  /** One for each component, and the noise last where there is noise; they sum to 1. */
  responsibilities: ArrayLike<number>;
  noise?: boolean;
  /** The component that is pointed at. */
  component?: number | null;
}

export interface DensityStripProps {
  /** Log-density of each row, in nats. */
  logDensities: Float64Array;
  threshold: number;
  onthreshold?: (threshold: number) => void;
  title?: string;
}
