import { follow, get, points, post, problemOf, remove } from "../../api/client";
import type {
  FitProgress,
  FitRequest,
  FitResult,
  Frames,
  Job,
  Points,
  Problem,
} from "../../api/types";

/** More points than these are drawn as a sample. */
export const MOST_DRAWN = 20_000;

export interface Shown {
  id: string;
  request: FitRequest;
  status: Job["status"];
}

/** A fit: asked for, followed, and its result with the way to it and the rows to draw. */
class Run {
  status = $state<"none" | Job["status"]>("none");
  id = $state<string | null>(null);
  request = $state.raw<FitRequest | null>(null);
  ahead = $state(0);
  progress = $state.raw<FitProgress | null>(null);
  result = $state.raw<FitResult | null>(null);
  frames = $state.raw<Frames | null>(null);
  points = $state.raw<Points | null>(null);
  /** Job and request of the result, which stays while the next fit runs; how it ended. */
  shown = $state.raw<Shown | null>(null);
  /** Rows of the fit that runs, if they have come. */
  coming = $state.raw<Points | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Seconds from Calculate to the result, as seen here. */
  seconds = $state(0);
  #leave: AbortController | null = null;

  get active(): boolean {
    return this.status === "queued" || this.status === "running";
  }

  /** Fit, and fill in the result. What went wrong stands in `problem`; nothing is thrown. */
  async start(request: FitRequest): Promise<void> {
    this.#leave?.abort();
    if (this.active && this.id !== null) void remove(`jobs/${this.id}`).catch(() => {});
    const leave = (this.#leave = new AbortController());
    const began = performance.now();
    this.status = "queued";
    this.request = request;
    this.id = this.progress = this.problem = this.coming = null;
    try {
      const begun = await post<Job>("fits", request, leave.signal);
      this.id = begun.id;
      this.#fetch(request, leave.signal);
      const job = await follow(begun.id, (one) => this.#tell(one), leave.signal);
      if (job.fit !== null) await this.#show(job, job.fit, leave.signal);
      this.problem = job.problem;
      this.seconds = (performance.now() - began) / 1000;
      this.status = job.status;
      requestAnimationFrame(() => performance.measure("fit", { start: began }));
    } catch (error) {
      if (leave.signal.aborted) return;
      this.problem = problemOf(error);
      this.status = "failed";
    }
  }

  /** Ask for an end; the best that was found is kept, and comes as the result. */
  async cancel(): Promise<void> {
    if (this.id === null) {
      this.#leave?.abort();
      this.status = "cancelled";
      return;
    }
    await remove(`jobs/${this.id}`).catch((error) => (this.problem = problemOf(error)));
  }

  #tell(job: Job): void {
    this.status = job.status === "queued" ? "queued" : "running";
    this.ahead = job.ahead;
    if (job.progress !== null && "iteration" in job.progress) this.progress = job.progress;
  }

  /** The rows to draw, while the fit runs; columns that were not named are known with the result. */
  #fetch(request: FitRequest, signal: AbortSignal): void {
    if (request.columns === null || request.columns === undefined) return;
    points(request.dataset, request.columns, MOST_DRAWN).then(
      (drawn) => {
        if (!signal.aborted) this.coming = drawn;
      },
      () => undefined, // asked for again with the result, whose error is shown
    );
  }

  async #show({ id, status }: Job, result: FitResult, signal: AbortSignal): Promise<void> {
    const request = this.request!;
    const [frames, drawn] = await Promise.all([
      get<Frames>(`fits/${id}/frames`, signal),
      this.coming ?? points(request.dataset, result.columns, MOST_DRAWN),
    ]);
    [this.result, this.frames, this.points] = [result, frames, drawn];
    this.shown = { id, request, status };
  }
}

export const run = new Run();
