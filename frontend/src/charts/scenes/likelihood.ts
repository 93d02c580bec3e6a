import type { Frame as Step } from "../../api/types";
import { tidy } from "../numbers";
import { circle, type Mark, polyline, type Scene, segment, type Space } from "../painting/scene";
import { type Plot, plot, plotMarks, widened } from "../parts/axis";
import { inPlot } from "./data";

/** What is drawn for each frame: the log-likelihood, or what it falls short of the last by. */
export interface LikelihoodView {
  steps: Step[];
  heights: number[];
  plot: Plot;
}

const LEAST = 1e-12; // of the log-likelihood: smaller shortfalls are rounding

/** Common logarithm of what is missing to the highest value that was reached. */
function shortfalls(steps: Step[]): number[] {
  const highest = Math.max(...steps.map((step) => step.log_likelihood));
  const floor = Math.max(LEAST, Math.abs(highest) * LEAST);
  return steps.map(({ log_likelihood: value }) =>
    highest - value > floor ? Math.log10(highest - value) : NaN,
  );
}

export function likelihoodView(steps: Step[], shortfall: boolean, space: Space): LikelihoodView {
  const heights = shortfall ? shortfalls(steps) : steps.map((step) => step.log_likelihood);
  const known = heights.filter(Number.isFinite);
  const range = { low: Math.min(...known), high: Math.max(...known) };
  const y = widened(known.length ? range : { low: 0, high: 1 }, 0.08);
  const last = steps[steps.length - 1].iteration;
  const first = steps[0].iteration;
  const x = widened({ low: first, high: Math.max(last, first + 1) }, 0.03);
  const yName = shortfall ? "short of the final value, nats" : "log-likelihood, nats";
  const box = plot(space, {
    x,
    y,
    xName: "iteration",
    yName,
    xWhole: true,
    yLogarithms: shortfall,
  });
  return { steps, heights, plot: box };
}

export function likelihoodScene(
  { steps, heights, plot }: LikelihoodView,
  current: number,
  { total, space }: { total: number; space: Space },
): Scene {
  const x = steps.map((step) => plot.toX(step.iteration));
  const y = heights.map(plot.toY);
  const whole = steps.map((step) => step.n_rows >= total);
  const marks: Mark[] = [];
  // Segments of a sample and of all rows apart: their log-likelihoods are estimates, or exact.
  for (let i = 1; i < steps.length; i++) {
    const sampled = !whole[i] || !whole[i - 1];
    const d = polyline([x[i - 1], x[i]], [y[i - 1], y[i]]);
    const dash = sampled ? [3, 4] : [];
    if (d.includes("L")) {
      marks.push({
        kind: "path",
        d,
        stroke: "--accent",
        width: 2,
        opacity: sampled ? 0.5 : 1,
        dash,
      });
    }
  }
  const gap = plot.width / Math.max(1, steps.length);
  const radius = Math.max(1.2, Math.min(space.em * 0.28, gap * 0.3));
  steps.forEach((step, i) => {
    if (!Number.isFinite(y[i]) || (gap < 3 && !step.accelerated)) return;
    const hollow = step.accelerated;
    marks.push({
      kind: "path",
      d: circle(x[i], y[i], hollow ? radius + 0.8 : radius),
      fill: hollow ? "--surface" : "--accent",
      fillOpacity: whole[i] || hollow ? 1 : 0.45,
      stroke: hollow ? "--accent" : undefined,
      width: 1.5,
    });
  });
  marks.push(...currentMarks(x[current], y[current], plot, space.em));
  return { ...space, marks: [...plotMarks(plot, space), inPlot(plot, marks)] };
}

function currentMarks(x: number, y: number, plot: Plot, em: number): Mark[] {
  const marks: Mark[] = [
    { kind: "path", d: segment(x, 0, x, plot.height), stroke: "--ink", opacity: 0.5 },
  ];
  if (!Number.isFinite(y)) return marks;
  const d = circle(x, y, em * 0.45);
  return [...marks, { kind: "path", d, fill: "--ink", stroke: "--surface", width: 2 }];
}

/** The frame whose iteration is nearest to a pixel of the plot. */
export function frameAt({ steps, plot }: LikelihoodView, x: number): number {
  const iteration = plot.fromX(x);
  let best = 0;
  steps.forEach((step, i) => {
    if (Math.abs(step.iteration - iteration) < Math.abs(steps[best].iteration - iteration))
      best = i;
  });
  return best;
}

/** A frame in words. */
export function stepLines(step: Step, final: number, total: number): string[] {
  const lines = [
    `Iteration ${step.iteration}`,
    `log-likelihood: ${tidy(step.log_likelihood, 8)}`,
    `short of the last by ${tidy(final - step.log_likelihood, 3)}`,
  ];
  if (step.n_rows < total) lines.push(`estimated on ${tidy(step.n_rows, 7)} rows`);
  if (step.accelerated) lines.push("an accelerated step");
  return lines;
}
