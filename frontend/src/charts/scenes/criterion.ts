import type { Candidate, Criterion } from "../../api/types";
import { tidy } from "../numbers";
import { componentColour, componentDash } from "../painting/colours";
import {
  circle,
  type Mark,
  polyline,
  type Scene,
  segment,
  type Space,
  type Token,
} from "../painting/scene";
import { type Plot, plot, plotMarks, textWidth, widened } from "../parts/axis";
import { inPlot } from "./data";

export const NAMES: Record<Criterion, string> = { bic: "BIC", aic: "AIC", icl: "ICL" };

/** A candidate's place: `value` is null if it could not be fitted. */
export interface Entry {
  index: number;
  k: number;
  value: number | null;
  collapsed: boolean;
}

export interface Series {
  name: string;
  colour: Token;
  dash: number[];
  /** Whether the choice is made by this one. */
  decides: boolean;
  entries: Entry[];
}

/** A line for each structure; for each criterion where there is one structure only. */
export function series(candidates: Candidate[], criterion: Criterion): Series[] {
  const structures = [...new Set(candidates.map((candidate) => candidate.covariance_type))];
  const line = (of: Criterion, structure: string): Entry[] =>
    candidates
      .map((candidate, index) => ({ candidate, index }))
      .filter(({ candidate }) => candidate.covariance_type === structure)
      .map(({ candidate, index }) => ({
        index,
        k: candidate.n_components,
        value: candidate[of],
        collapsed: candidate.collapsed,
      }))
      .sort((a, b) => a.k - b.k);
  const lines =
    structures.length === 1
      ? (Object.keys(NAMES) as Criterion[])
          .sort((a, b) => +(b === criterion) - +(a === criterion))
          .map((of) => ({ name: NAMES[of], decides: of === criterion, entries: line(of, structures[0]) })) // prettier-ignore
      : structures.map((name) => ({ name, decides: true, entries: line(criterion, name) }));
  return lines.map((one, i) => ({ ...one, colour: componentColour(i), dash: componentDash(i) }));
}

export interface CriterionView {
  lines: Series[];
  plot: Plot;
}

export function criterionView(lines: Series[], criterion: Criterion, space: Space): CriterionView {
  const entries = lines.flatMap((line) => line.entries);
  const values = entries.flatMap(({ value }) => (value === null ? [] : [value]));
  const ks = entries.map(({ k }) => k);
  const range = { low: Math.min(...values), high: Math.max(...values) };
  const y = widened(values.length ? range : { low: 0, high: 1 }, 0.1);
  const x = { low: Math.min(...ks) - 0.4, high: Math.max(...ks) + 0.4 };
  const labels = Math.max(...lines.map(({ name }) => textWidth(name, space.em))) + space.em;
  const yName =
    lines.length > 1 && lines.some(({ decides }) => !decides)
      ? "criterion, lower is better"
      : `${NAMES[criterion]}, lower is better`;
  const inner = { ...space, width: Math.max(80, space.width - labels) };
  const box = plot(inner, { x, y, xName: "number of components", yName, xWhole: true });
  return { lines, plot: box };
}

/** Pixel of an entry; those that could not be fitted lie at the foot of the plot. */
export function entryPlace({ plot }: CriterionView, entry: Entry): { x: number; y: number } {
  const y = entry.value === null ? plot.height - 7 : plot.toY(entry.value);
  return { x: plot.toX(entry.k), y };
}

function entryMarks(view: CriterionView, line: Series, entry: Entry, em: number): Mark[] {
  const { x, y } = entryPlace(view, entry);
  const radius = em * (line.decides ? 0.3 : 0.2);
  if (entry.value === null) {
    const d = segment(x - 4, y - 4, x + 4, y + 4) + segment(x - 4, y + 4, x + 4, y - 4);
    return [{ kind: "path", d, stroke: "--bad", width: 2 }];
  }
  const d = circle(x, y, radius);
  return entry.collapsed
    ? [{ kind: "path", d, fill: "--surface", stroke: "--bad", width: 1.75 }]
    : [{ kind: "path", d, fill: line.colour }];
}

/** Names at the ends of the lines, moved apart where they would overlap. */
function nameMarks({ lines, plot }: CriterionView, em: number): Mark[] {
  const ends = lines
    .map((line) => {
      const last = line.entries.findLast(({ value }) => value !== null);
      return { line, y: last ? plot.toY(last.value!) : NaN };
    })
    .filter(({ y }) => Number.isFinite(y))
    .sort((a, b) => a.y - b.y);
  const apart = Math.min(em * 1.15, plot.height / Math.max(1, ends.length));
  for (let i = 1; i < ends.length; i++) ends[i].y = Math.max(ends[i].y, ends[i - 1].y + apart);
  let lowest = plot.height;
  for (let i = ends.length - 1; i >= 0; i--) {
    ends[i].y = Math.min(ends[i].y, lowest);
    lowest = ends[i].y - apart;
  }
  const x = plot.left + plot.width + em * 0.4;
  return ends.map(({ line, y }) => ({
    kind: "text",
    x,
    y: plot.top + y + em * 0.35,
    text: line.name,
    size: em,
    colour: line.colour,
    bold: line.decides && lines.length <= 3,
  }));
}

export function criterionScene(view: CriterionView, best: number | null, space: Space): Scene {
  const { lines, plot } = view;
  const { em } = space;
  const marks: Mark[] = [];
  for (const line of [...lines].reverse()) {
    const x = line.entries.map(({ k }) => plot.toX(k));
    const y = line.entries.map(({ value }) => (value === null ? NaN : plot.toY(value)));
    const width = line.decides ? 2 : 1.25;
    const opacity = line.decides ? 1 : 0.65;
    const d = polyline(x, y);
    marks.push({ kind: "path", d, stroke: line.colour, width, opacity, dash: line.dash });
    marks.push(...line.entries.flatMap((entry) => entryMarks(view, line, entry, em)));
  }
  const winner = located(view, best);
  if (winner !== null) {
    const { x, y } = entryPlace(view, winner);
    const text = `best: K = ${winner.k}`;
    const toLeft = x + textWidth(text, em) + em > plot.width;
    marks.push(
      { kind: "path", d: segment(x, y, x, 0), stroke: "--ink", opacity: 0.4, dash: [2, 4] }, // prettier-ignore
      { kind: "path", d: circle(x, y, em * 0.6), stroke: "--ink", width: 2 },
      {
        kind: "text",
        x: x + (toLeft ? -em : em) * 0.5,
        y: em * 1.2,
        text,
        size: em,
        anchor: toLeft ? "end" : "start",
        colour: "--ink",
        bold: true,
        halo: "--surface",
      },
    );
  }
  const names = nameMarks(view, em);
  const inner = { ...space, width: plot.left + plot.width };
  return { ...space, marks: [...plotMarks(plot, inner), inPlot(plot, marks), ...names] };
}

/** The entry of a candidate on a line that decides. */
export function located({ lines }: CriterionView, index: number | null): Entry | null {
  if (index === null) return null;
  for (const line of lines) {
    const entry = line.decides ? line.entries.find((one) => one.index === index) : undefined;
    if (entry !== undefined) return entry;
  }
  return null;
}

export function criterionHighlight(view: CriterionView, index: number, space: Space): Scene {
  const entry = located(view, index);
  const marks: Mark[] = [];
  if (entry !== null) {
    const { x, y } = entryPlace(view, entry);
    const d = circle(x, y, space.em * 0.5);
    marks.push({ kind: "path", d, stroke: "--accent", width: 3 });
  }
  return { ...space, marks: [inPlot(view.plot, marks)] };
}

/** The candidate whose place on a line is nearest to a pixel of the plot. */
export function candidateAt(view: CriterionView, x: number, y: number): number | null {
  let [best, least] = [null as number | null, Infinity];
  for (const line of view.lines) {
    for (const entry of line.entries) {
      const place = entryPlace(view, entry);
      const away = Math.hypot(2 * (place.x - x), place.y - y);
      if (away < least) [best, least] = [entry.index, away];
    }
  }
  return best;
}

/** A candidate in words. */
export function candidateLines(candidate: Candidate): string[] {
  const components = candidate.n_components === 1 ? "component" : "components";
  const head = `${candidate.n_components} ${components}, ${candidate.covariance_type}`;
  if (candidate.failure !== null) return [head, candidate.failure];
  const values = (Object.keys(NAMES) as Criterion[]).flatMap((of) =>
    candidate[of] === null ? [] : [`${NAMES[of]}: ${tidy(candidate[of], 7)}`],
  );
  const warnings = [
    ...(candidate.collapsed ? ["a component has collapsed"] : []),
    ...(candidate.converged ? [] : ["not converged"]),
  ];
  return [head, ...values, `parameters: ${candidate.n_parameters}`, ...warnings];
}
