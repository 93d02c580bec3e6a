import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Candidate, Job } from "../api/types";
import { faithful } from "../results/testing/fits";
import { Replay } from "./replay.svelte";
import { bestOf, range, Search } from "./search.svelte";
import { view } from "./view.svelte";

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ["requestAnimationFrame", "cancelAnimationFrame", "performance"],
    }),
);
afterEach(() => void vi.useRealTimers());

test("a replay begins at the result, and plays from the start to it", () => {
  const replay = new Replay();
  replay.load(faithful.frames);
  const last = faithful.frames.frames.length - 1;
  expect(replay.position).toBe(last);
  expect(replay.atEnd).toBe(true);
  replay.speed = 10;
  replay.play();
  expect(replay.position).toBe(0);
  vi.advanceTimersByTime(250);
  expect(replay.position).toBe(2);
  expect(replay.trail.length).toBe(3);
  vi.advanceTimersByTime(2000);
  expect(replay.position).toBe(last);
  expect(replay.playing).toBe(false);
});

test("a step pauses, and stays within the frames", () => {
  const replay = new Replay();
  replay.load(faithful.frames);
  replay.play();
  replay.step(-1);
  expect(replay.playing).toBe(false);
  expect(replay.position).toBe(0);
  replay.go(99);
  expect(replay.atEnd).toBe(true);
  expect(replay.next).toBeNull();
});

test("nothing to replay: nothing plays", () => {
  const replay = new Replay();
  replay.play();
  expect(replay.playing).toBe(false);
  expect(replay.frame).toBeNull();
  replay.load({ stride: 1, frames: faithful.frames.frames.slice(0, 1) });
  replay.toggle();
  expect(replay.playing).toBe(false);
});

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

test("axes that are not there give way", () => {
  const columns = ["a", "b", "c", "d"];
  expect(view.axesOf(columns)).toEqual([0, 1]);
  view.choose(columns, [2, 3]);
  expect(view.axesOf(columns)).toEqual([2, 3]);
  expect(view.axesOf(["d", "c"])).toEqual([1, 0]);
  expect(view.axesOf(["a", "c"])).toEqual([0, 1]);
  expect(view.axesOf(["a"])).toEqual([0, 0]);
});

const CANDIDATE = {
  ...{ n_components: 1, covariance_type: "full", log_likelihood: -1, n_parameters: 2 },
  ...{ bic: 9, aic: 9, icl: 9, converged: true, collapsed: false, failure: null },
} satisfies Candidate;

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
    search: { criterion: "bic", candidates: [CANDIDATE], best: 0 },
  });
  await ended;
  expect(search.status).toBe("cancelled");
  expect(search.candidates).toHaveLength(1);
  expect(search.active).toBe(false);
  vi.unstubAllGlobals();
});
