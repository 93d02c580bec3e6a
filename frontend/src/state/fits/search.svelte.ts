import { follow, post, problemOf, remove } from "../../api/client";
import type {
  Candidate,
  Criterion,
  Job,
  Note,
  Problem,
  SearchProgress,
  SearchRequest,
} from "../../api/types";

/** A search over numbers of components and structures: its candidates as they come. */
export class Search {
  status = $state<"none" | Job["status"]>("none");
  ahead = $state(0);
  total = $state(0);
  candidates = $state.raw<Candidate[]>([]);
  /** What is to be known of the best by the criterion that was asked for. */
  notes = $state.raw<Note[]>([]);
  criterion = $state<Criterion>("bic");
  request = $state.raw<SearchRequest | null>(null);
  problem = $state.raw<Problem | null>(null);
  #id: string | null = null;
  #leave: AbortController | null = null;

  get active(): boolean {
    return this.status === "queued" || this.status === "running";
  }

  /** Index of the best by the criterion; null if there is none. */
  get best(): number | null {
    return bestOf(this.candidates, this.criterion);
  }

  /** Search; what went wrong stands in `problem`, and nothing is thrown. */
  async start(request: SearchRequest): Promise<void> {
    this.#leave?.abort();
    const leave = (this.#leave = new AbortController());
    this.status = "queued";
    this.request = request;
    this.candidates = this.notes = [];
    this.total = request.n_components.length * request.covariance_types.length;
    this.problem = this.#id = null;
    try {
      const begun = await post<Job>("searches", request, leave.signal);
      this.#id = begun.id;
      const job = await follow(begun.id, (one) => this.#tell(one), leave.signal);
      if (job.search !== null) ({ candidates: this.candidates, notes: this.notes } = job.search);
      this.problem = job.problem;
      this.status = job.status;
    } catch (error) {
      if (leave.signal.aborted) return;
      this.problem = problemOf(error);
      this.status = "failed";
    }
  }

  /** Ask for an end; the candidates that were found are kept. */
  async cancel(): Promise<void> {
    if (this.#id === null) {
      this.#leave?.abort();
      this.status = "cancelled";
      return;
    }
    await remove(`jobs/${this.#id}`).catch((error) => (this.problem = problemOf(error)));
  }

  #tell(job: Job): void {
    if (job.status === "queued" || job.status === "running") this.status = job.status;
    this.ahead = job.ahead;
    const progress = job.progress as SearchProgress | null;
    if (progress !== null && "candidates" in progress) {
      this.total = progress.total;
      this.candidates = progress.candidates;
    }
  }
}

/** The candidate of the lowest criterion; one with a collapsed component is never it. */
export function bestOf(candidates: Candidate[], criterion: Criterion): number | null {
  let best: number | null = null;
  candidates.forEach((candidate, i) => {
    if (!eligible(candidate, criterion)) return;
    if (best === null || candidate[criterion]! < candidates[best][criterion]!) best = i;
  });
  return best;
}

export function eligible(candidate: Candidate, criterion: Criterion): boolean {
  return candidate[criterion] !== null && !candidate.collapsed;
}

/** "1-6" or "1, 2, 5" as numbers of components; null if it cannot be read so. */
export function range(text: string, most: number): number[] | null {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^\s*(\d+)\s*(?:[-–:]\s*(\d+)\s*)?$/.exec(part);
    if (match === null) return null;
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (first < 1 || last < first || last > most) return null;
    for (let k = first; k <= last; k++) found.add(k);
  }
  return [...found].sort((a, b) => a - b);
}

export const search = new Search();
