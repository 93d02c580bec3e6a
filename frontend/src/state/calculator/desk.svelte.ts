import type { FitRequest } from "../../api/types";
import { data } from "../data/data.svelte";
import { SheetSource, type Source } from "../data/sources.svelte";
import { run } from "../fits/run.svelte";
import { inputs } from "../settings/inputs.svelte";
import { FIELDS, type Field, type Problems } from "../settings/settings";

/** All that a fit is asked for with, except where the server holds the data. */
export interface Asked {
  content: unknown;
  choice: Omit<FitRequest, "dataset">;
}

export type InputName = Field | "dimensions" | "columns" | "weights" | "data" | "dataset";

export interface InputProblem {
  field: InputName;
  message: string;
  cell?: { row: number; column: number };
}

/** What lies on the desk: what the inputs ask for, what is wrong, and what is shown. */
class Desk {
  /** The inputs that the shown result was made of. */
  shown = $state.raw<Asked | null>(null);
  /** The inputs of the last fit that was asked for, also if it failed. */
  tried = $state.raw<Asked | null>(null);
  sending = $state(false);
  #dimensions = $state.raw<{ text: string; problem: string; source: Source } | null>(null);
  /** The input that is to be mended; a new object each time that it is asked for. */
  goal = $state.raw<InputProblem | null>(null);

  /** The number of dimensions as it is typed while it says nothing of use for these data. */
  get dimensions(): { text: string; problem: string } | null {
    return this.#dimensions?.source === data.source ? this.#dimensions : null;
  }

  set dimensions(typed: { text: string; problem: string } | null) {
    this.#dimensions = typed && { ...typed, source: data.source };
  }

  readonly asked: Asked = $derived.by(() => {
    const { content, used, columns } = data.source;
    const weights = columns.find(({ role, barred }) => role === "weight" && barred === null);
    const choice = {
      columns: used.map((column) => column.name),
      weights: weights?.name ?? null,
      settings: inputs.parsed.settings,
    };
    return { content, choice };
  });

  /** Whether the shown result is of other inputs than these. */
  readonly stale: boolean = $derived.by(() => {
    if (this.shown === null) return false;
    if (this.problems.length > 0) return true;
    return !same(this.shown, this.asked);
  });

  /** What is to be mended before anything can be fitted, from the top of the page down. */
  readonly problems: InputProblem[] = $derived.by(() => {
    const found: InputProblem[] = [...data.source.problems];
    if (this.dimensions !== null) {
      found.push({ field: "dimensions", message: this.dimensions.problem });
    }
    const { problems } = inputs.parsed;
    for (const field of FIELDS) {
      const message = problems[field];
      if (message !== undefined) found.push({ field, message });
    }
    return found;
  });

  /** What the server found wrong with inputs that stand as they stood then. */
  readonly refused: Problems<InputName> = $derived.by(() => {
    const [problem, tried] = [run.problem, this.tried];
    const field = problem?.field as InputName | null | undefined;
    if (!problem || !tried || !field) return {};
    if (FIELDS.includes(field as Field)) {
      const now = this.asked.choice.settings?.[field as Field];
      const then = tried.choice.settings?.[field as Field];
      if (JSON.stringify(now) !== JSON.stringify(then)) return {};
    } else if (!same(tried, this.asked)) {
      return {};
    }
    const message = [problem.message, problem.remedy].filter(Boolean).join(" ");
    return { [field]: message };
  });

  /** What is wrong with an input; null if nothing is known to be. */
  problemOf(field: InputName): string | null {
    const own = this.problems.find((problem) => problem.field === field);
    return own?.message ?? this.refused[field] ?? null;
  }

  goTo(problem: InputProblem): void {
    this.goal = { ...problem };
    const { source } = data;
    if (problem.cell && source instanceof SheetSource) source.goal = { ...problem.cell };
  }
}

function same(one: Asked, other: Asked): boolean {
  return (
    one.content === other.content && JSON.stringify(one.choice) === JSON.stringify(other.choice)
  );
}

export const desk = new Desk();

export function firstProblem(): InputProblem | null {
  return desk.problems[0] ?? null;
}
