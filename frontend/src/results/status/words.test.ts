import { expect, test } from "vitest";

import type { Note, Settings } from "../../api/types";
import { faithful, redocumented, sample } from "../../testing/fits";
import { documentOf } from "../document";
import { remediesFor, remedyFor } from "./remedies";
import { agreement, certificate, progressWords, statusOf, title } from "./words";

test("a fit that converged, one that did not, and one that was cancelled", () => {
  const { result } = sample;
  expect(statusOf(result, "done").headline).toMatch(/^Converged after \d+ iterations?$/);
  expect(statusOf(result, "done").tone).toBe("good");
  const limit = {
    converged: false,
    ending: "limit",
    n_iter: 1,
    n_runs: 3,
  };
  const stopped = statusOf(redocumented(result, "fit", limit), "done");
  expect(stopped.headline).toBe("Not converged after 1 iteration");
  expect(stopped.detail).toBe("The limit of iterations was reached; the best of 3 starts.");
  expect(stopped.tone).toBe("warn");
  expect(statusOf(result, "cancelled").detail).toContain("You cancelled the fit");
});

test("iterations on samples of the rows are told apart from those on all of them", () => {
  const result = redocumented(sample.result, "fit", { n_iter: 2 });
  const of = (iteration: number, n_rows: number) => {
    return { ...sample.frames.frames[0], iteration, n_rows };
  };
  const frames = [of(0, 3), of(14, 3), of(15, 6), of(16, 6)];
  expect(statusOf(result, "done", frames).headline).toBe(
    "Converged after 2 iterations on all rows, after 14 on samples",
  );
  expect(statusOf(result, "cancelled", frames).headline).toBe(
    "Stopped after 2 iterations on 6 rows, after 14 on samples",
  );
  const own = [of(0, 6), of(1, 6), of(2, 6)];
  expect(statusOf(result, "done", own).headline).toBe("Converged after 2 iterations");
});

test("the title says what was fitted to what", () => {
  expect(title(sample.result)).toBe("Mixture of 2 Gaussians: 6 rows, 2 columns");
  const t = redocumented(sample.result, "model", { family: "t", standardized: true });
  expect(title(t)).toBe("Mixture of 2 t distributions, fitted to z-scores: 6 rows, 2 columns");
});

test("where a fit that runs has got to", () => {
  const progress = {
    ...{ start: 2, iteration: 7, log_likelihood: -12.5, gain: 0.1, n_rows: 2000, mixture: null },
  };
  expect(progressWords(progress, 2000)).toEqual([
    "Start 2",
    "iteration 7",
    "log-likelihood −12.500",
  ]);
  expect(progressWords(progress, 10000).at(-1)).toBe("on a sample of 2,000 of 10,000 rows");
  expect(progressWords(null, null)).toEqual([]);
});

test("the certificate in a sentence", () => {
  const exact = redocumented(sample.result, "certificate", { gain_to_come: 1e-20, score: 2e-16 });
  expect(certificate(documentOf(exact))).toContain("at a maximum, up to rounding");
  const slow = { gain_to_come: 0.0012, score: 0.011, rate: 0.9 };
  expect(certificate(documentOf(redocumented(sample.result, "certificate", slow)))).toBe(
    "If EM continued, it would gain about 0.0012 nats a row (largest entry of the score: 0.011). " +
      "Near the end 7 iterations halved the distance to the maximum.",
  );
});

test("how far the starts agree", () => {
  const optimum = { log_likelihood: -10, times: 3, shortfall: 0, distance: 0, collapsed: false };
  const of = (...optima: object[]) => {
    const { document } = sample.result;
    return agreement(documentOf({ ...sample.result, document: { ...document, optima } }));
  };
  expect(of(optimum)).toBe("All 3 starts came to the same maximum.");
  expect(of(optimum, { ...optimum, times: 2, shortfall: 1.5 })).toBe(
    "3 of 5 starts came to this maximum; the next best is 1.500 nats lower.",
  );
  expect(of(optimum, { ...optimum, times: 1, collapsed: true })).toBe(
    "3 of 4 starts came to this maximum; 1 start ended in a collapsed component.",
  );
  expect(of({ ...optimum, times: 1 }, { ...optimum, times: 2, shortfall: 1e-4 })).toBe(
    "All 3 starts ended within the tolerance of each other, at most 1.0e−4 nats below the best.",
  );
  expect(of({ ...optimum, times: 1 })).toBe("");
});

const settings = {
  n_components: 2,
  covariance_type: "full",
  max_iter: 100,
  n_init: "auto",
} as Settings;

test.each<[Note["kind"], Partial<Settings>]>([
  ["limit", { max_iter: 1000, acceleration: "anderson" }],
  ["starts", { n_init: 50 }],
  ["few_rows", { covariance_type: "tied" }],
  ["small_component", { covariance_type: "tied" }],
  ["collapse", { n_components: 1, means_init: null }],
])("the remedy against %s", (kind, changes) => {
  const note = { kind, text: "", field: null };
  expect(remedyFor(note, settings, faithful.result)!.changes).toEqual(changes);
});

test("starts that collapsed want a simpler structure, not more of them", () => {
  const note = { kind: "collapsed_starts", text: "", field: "covariance_type" } as const;
  expect(remedyFor(note, settings, faithful.result)!.changes).toEqual({ covariance_type: "tied" });
});

test("a remedy of several warnings is offered once", () => {
  const notes: Note[] = [
    { kind: "few_rows", text: "few", field: null },
    { kind: "collapsed_starts", text: "collapsed", field: "covariance_type" },
    { kind: "starts", text: "disagree", field: "n_init" },
  ];
  const labels = remediesFor(notes, settings, faithful.result).map((remedy) => remedy?.label);
  expect(labels).toEqual(["Try a simpler structure (tied)", undefined, "Try 50 starts"]);
});

test("remedies go on from where the settings are, and end", () => {
  const note = (kind: Note["kind"]) => ({ kind, text: "", field: null });
  const more = remedyFor(note("limit"), { ...settings, max_iter: 1000 }, faithful.result)!;
  expect(more).toEqual({
    label: "Go on to 10,000 iterations",
    changes: { max_iter: 10_000, acceleration: "anderson" },
  });
  const simplest = { ...settings, covariance_type: "EII", n_components: 1 } as const;
  expect(remedyFor(note("few_rows"), simplest, faithful.result)).toBeNull();
  const shrunk = { kind: "collapse", text: "", field: "prior" } as const;
  expect(remedyFor(shrunk, { ...settings, prior: "none" }, faithful.result)!.changes).toEqual({
    prior: "default",
  });
  expect(remedyFor(note("remark"), settings, faithful.result)).toBeNull();
});
