import type { Candidate, Criterion, StructureName } from "../../api/types";
import { CRITERIA, SETTINGS } from "../../api/vocabulary";
import { bestOf, eligible } from "../../state/fits/search.svelte";
import { nats } from "../figures/numbers";

const NAMES = Object.keys(SETTINGS.covariance_type.choices) as StructureName[];
export const FOUR = NAMES.filter((name) => name.toLowerCase() === name);
export const FOURTEEN = NAMES.filter((name) => /^[EVI]{3}$/.test(name));

/** What the criteria say, in a few sentences. */
export function verdict(candidates: Candidate[], criterion: Criterion): string[] {
  const best = bestOf(candidates, criterion);
  if (best === null) return [];
  const several = new Set(candidates.map((one) => one.covariance_type)).size > 1;
  const winner = candidates[best];
  const sentences = [
    `${criterion.toUpperCase()} is lowest for ${named(winner, several)} (${nats(winner[criterion])}).`,
  ];
  sentences.push(...runnerUp(candidates, best, criterion, several));
  sentences.push(...others(candidates, winner, criterion, several));
  const ks = candidates.map((one) => one.n_components);
  const [fewest, most] = [Math.min(...ks), Math.max(...ks)];
  if (winner.n_components === most && most > fewest) {
    sentences.push("That is the most that was tried: try more components.");
  } else if (winner.n_components === fewest && most > fewest && fewest > 1) {
    sentences.push("That is the fewest that was tried: try fewer components.");
  }
  const collapsed = candidates.filter((one) => one.collapsed).length;
  if (collapsed > 0) {
    sentences.push(
      `${collapsed === 1 ? "One candidate has" : `${collapsed} candidates have`} a collapsed component: ` +
        `the likelihood has no bound there, and it is not compared.`,
    );
  }
  return sentences;
}

export function named(candidate: Candidate, structure = true): string {
  const { n_components: k, covariance_type: type } = candidate;
  const components = k === 1 ? "1 component" : `${k} components`;
  return structure ? `${components}, ${type}` : components;
}

/** Differences of BIC are worded as by Kass and Raftery (1995, J. Am. Stat. Assoc. 90, section 3.2). */
function runnerUp(
  candidates: Candidate[],
  best: number,
  criterion: Criterion,
  several: boolean,
): string[] {
  const rest = candidates.filter((one, i) => i !== best && eligible(one, criterion));
  const second = rest[bestOf(rest, criterion) ?? -1];
  if (second === undefined) return [];
  const gap = second[criterion]! - candidates[best][criterion]!;
  const grades: [number, string][] =
    criterion === "bic"
      ? [
          [2, "hardly a difference"],
          [6, "some evidence for the first"],
          [10, "strong evidence for the first"],
          [Infinity, "very strong evidence for the first"],
        ]
      : criterion === "aic"
        ? [
            [2, "hardly a difference"],
            [10, "some support is left for it"],
            [Infinity, "hardly any support is left for it"],
          ]
        : [];
  const grade = grades.find(([limit]) => gap < limit)?.[1];
  return [
    `The runner-up is ${named(second, several)}, ${nats(gap)} higher${grade ? `: ${grade}` : ""}.`,
  ];
}

function others(
  candidates: Candidate[],
  winner: Candidate,
  criterion: Criterion,
  several: boolean,
): string[] {
  const wins = CRITERIA.filter((other) => other !== criterion).map((other) => {
    const best = bestOf(candidates, other);
    return { other: other.toUpperCase(), one: best === null ? null : candidates[best] };
  });
  const agree = wins.filter(({ one }) => one === winner).map(({ other }) => other);
  const sentences = agree.length
    ? [`${agree.join(" and ")} ${agree.length > 1 ? "agree" : "agrees"}.`]
    : [];
  for (const { other, one } of wins) {
    if (one === null || one === winner) continue;
    const [k, mine] = [one.n_components, winner.n_components];
    const why =
      other === "ICL" && k < mine
        ? ": it counts groups that can be told apart, and some of these overlap"
        : other === "AIC" && k > mine
          ? ": it aims at prediction, and keeps more"
          : "";
    sentences.push(`${other} prefers ${named(one, several)}${why}.`);
  }
  return sentences;
}
