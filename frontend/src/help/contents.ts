/** The sections of the explanation, in their order. */
export const contents = [
  { id: "mixture", title: "What a mixture is" },
  { id: "density", title: "The density" },
  { id: "steps", title: "How EM works" },
  { id: "likelihood", title: "Why the likelihood never falls" },
  { id: "stopping", title: "When it stops, and where it starts" },
  { id: "bayes", title: "Prior and posterior" },
  { id: "variables", title: "Variables" },
  { id: "examples", title: "Two worked examples" },
  { id: "factors", title: "What matters" },
  { id: "questions", title: "Questions and answers" },
  { id: "sources", title: "Sources" },
] as const;

export type SectionId = (typeof contents)[number]["id"];

/** The anchor of a section; the prefix keeps it from those of the rest of the page. */
export function anchor(id: SectionId): string {
  return `help-${id}`;
}
