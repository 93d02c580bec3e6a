import { expect, test } from "vitest";

import type { Candidate } from "../../api/types";
import { verdict } from "./verdict";

function candidate(
  n_components: number,
  bic: number,
  changes: Partial<Candidate> = {},
): Candidate {
  return {
    ...{ n_components, covariance_type: "full", log_likelihood: -1, n_parameters: 5 },
    ...{ bic, aic: bic, icl: bic, converged: true, collapsed: false, failure: null },
    relative_entropy: null,
    ...changes,
  };
}

test("all criteria agree, and the runner-up is far", () => {
  const told = verdict([candidate(1, 120), candidate(2, 100), candidate(3, 107)], "bic");
  expect(told).toEqual([
    "BIC is lowest for 2 components (100.000).",
    "The runner-up is 3 components, 7.000 higher: strong evidence for the first.",
    "AIC and ICL agree.",
  ]);
});

test("ICL prefers fewer, AIC more", () => {
  const told = verdict(
    [
      candidate(2, 101, { icl: 90 }),
      candidate(3, 100, { icl: 110 }),
      candidate(4, 110, { aic: 80 }),
    ],
    "bic",
  );
  expect(told).toContain("AIC prefers 4 components: it aims at prediction, and keeps more.");
  expect(told).toContain(
    "ICL prefers 2 components: it counts groups that can be told apart, and some of these overlap.",
  );
});

test("a collapsed candidate is never the best, and is told of", () => {
  const told = verdict(
    [candidate(1, 120), candidate(2, 100), candidate(3, -999, { collapsed: true })],
    "bic",
  );
  expect(told[0]).toBe("BIC is lowest for 2 components (100.000).");
  expect(told.at(-1)).toContain("One candidate has a collapsed component");
});

test("the best at the edge asks for more", () => {
  expect(verdict([candidate(1, 120), candidate(2, 100)], "bic").at(-1)).toContain(
    "try more components",
  );
});

test("the best at the lower edge asks for fewer, unless that is 1", () => {
  expect(verdict([candidate(3, 100), candidate(4, 120)], "bic").at(-1)).toContain(
    "try fewer components",
  );
  expect(verdict([candidate(1, 100), candidate(2, 120)], "bic").join()).not.toContain("try");
});

test("several structures are named", () => {
  const told = verdict([candidate(2, 101), candidate(2, 100, { covariance_type: "tied" })], "aic");
  expect(told[0]).toBe("AIC is lowest for 2 components, tied (100.000).");
});
