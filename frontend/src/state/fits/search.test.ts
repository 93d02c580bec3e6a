import { expect, test, vi } from "vitest";

import type { Candidate, Job, Note } from "../../api/types";
import { bestOf, range, Search } from "./search.svelte";

test.each([
  ["1-4", [1, 2, 3, 4]],
  ["2, 5,3", [2, 3, 5]],
  ["1:3,2", [1, 2, 3]],
  ["3", [3]],
  ["0-2", null],
  ["4-2", null],
  ["1-99", null],
  ["two", null],
  ["", null],
])("numbers of components: %j", (text, wanted) => expect(range(text, 50)).toEqual(wanted));

const CANDIDATE = {
  ...{ n_components: 1, covariance_type: "full", log_likelihood: -1, n_parameters: 2 },
  ...{ bic: 9, aic: 9, icl: 9, converged: true, collapsed: false, failure: null },
  relative_entropy: null,
} satisfies Candidate;

const NOTE: Note = { kind: "weights", text: "The weights are no counts.", field: "weights" };

test("the best candidate has the lowest criterion, and is sound", () => {
  const failed = { ...CANDIDATE, bic: null, failure: "no" };
  const collapsed = { ...CANDIDATE, bic: -9, collapsed: true };
  expect(bestOf([CANDIDATE, { ...CANDIDATE, bic: 5 }, collapsed, failed], "bic")).toBe(1);
  expect(bestOf([failed], "bic")).toBeNull();
});

/** A server's stream of events, told by hand. */
class Stream {
  static last: Stream;
  onmessage: ((event: { data: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(readonly address: string) {
    Stream.last = this;
  }
  tell(job: Partial<Job>): void {
    this.onmessage?.({ data: JSON.stringify(job) });
  }
  close(): void {}
}

test("candidates come as they are fitted; a cancelled search keeps them", async () => {
  const asked: string[] = [];
  vi.stubGlobal("EventSource", Stream);
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push(`${init.method} ${path}`);
    return new Response(JSON.stringify({ id: "job-000001", status: "running" }));
  });
  const search = new Search();
  const ended = search.start({
    ...{ dataset: "data-0001", columns: null, weights: null, criterion: "bic" },
    ...{ n_components: [1, 2], covariance_types: ["full"], settings: {} as never },
  });
  expect(search.total).toBe(2);
  await vi.waitFor(() => expect(Stream.last?.onmessage).toBeTypeOf("function"));
  Stream.last.tell({
    status: "running",
    ahead: 0,
    progress: { total: 2, candidates: [CANDIDATE] },
  });
  expect(search.candidates).toHaveLength(1);
  expect(search.best).toBe(0);
  await search.cancel();
  expect(asked.at(-1)).toBe("DELETE api/v1/jobs/job-000001");
  Stream.last.tell({
    ...{ status: "cancelled", ahead: 0, progress: null, problem: null },
    search: { criterion: "bic", candidates: [CANDIDATE], best: 0, notes: [NOTE] },
  });
  await ended;
  expect(search.status).toBe("cancelled");
  expect(search.candidates).toHaveLength(1);
  expect(search.notes).toEqual([NOTE]);
  expect(search.active).toBe(false);
  vi.unstubAllGlobals();
});
