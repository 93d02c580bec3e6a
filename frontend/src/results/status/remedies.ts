import type { FitResult, Note, Settings, StructureName } from "../../api/types";

/** Something that one click does against a warning. */
export interface Remedy {
  label: string;
  changes: Partial<Settings>;
}

const SIMPLER: Partial<Record<StructureName, StructureName>> = {
  full: "tied",
  VVV: "tied",
  tied: "diag",
  EEE: "diag",
  diag: "spherical",
  VVI: "spherical",
  spherical: "EII",
  VII: "EII",
};

/** The remedy of each warning; one that several have stands by the first. */
export function remediesFor(
  notes: Note[],
  settings: Settings,
  result: FitResult,
): (Remedy | null)[] {
  const seen = new Set<string>();
  return notes.map((note) => {
    const remedy = remedyFor(note, settings, result);
    if (remedy === null || seen.has(remedy.label)) return null;
    seen.add(remedy.label);
    return remedy;
  });
}

/** What to change so that a warning goes away; null if that is not the page's to say. */
export function remedyFor(note: Note, settings: Settings, result: FitResult): Remedy | null {
  switch (note.kind) {
    case "limit":
      return more(settings);
    case "starts":
      return moreStarts(settings);
    case "few_rows":
    case "small_component":
    case "collapsed_starts":
    case "both_sides":
      return simpler(settings, result);
    case "collapse":
      return note.field === "prior" && settings.prior === "none"
        ? { label: "Try the weak prior", changes: { prior: "default" } }
        : (fewer(settings) ?? simpler(settings, result));
    default:
      return null;
  }
}

function more(settings: Settings): Remedy {
  const limit = Math.max(1000, 10 * settings.max_iter);
  const label = `Go on to ${limit.toLocaleString("en")} iterations`;
  return { label, changes: { max_iter: limit, acceleration: "anderson" } };
}

function moreStarts(settings: Settings): Remedy {
  const starts = settings.n_init === "auto" ? 50 : Math.max(20, 3 * settings.n_init);
  return { label: `Try ${starts} starts`, changes: { n_init: starts } };
}

/** The next simpler structure: diag for those between full and diag; in one dimension, equal variances. */
function simpler(settings: Settings, result: FitResult): Remedy | null {
  const now = settings.covariance_type;
  const last = result.columns.length === 1 ? ["tied", "EEE", "EII", "E"] : ["EII"];
  if (last.includes(now)) return fewer(settings);
  const next = result.columns.length === 1 ? "tied" : (SIMPLER[now] ?? "diag");
  return { label: `Try a simpler structure (${next})`, changes: { covariance_type: next } };
}

function fewer(settings: Settings): Remedy | null {
  const k = settings.n_components - 1;
  if (k < 1) return null;
  const label = `Try ${k} ${k === 1 ? "component" : "components"}`;
  return { label, changes: { n_components: k, means_init: null } };
}
