import { flushSync, mount, unmount } from "svelte";
import { expect, test } from "vitest";

import Formula from "./Formula.svelte";
import { typesetter } from "./typesetter.svelte";

test("a formula keeps its place until KaTeX is there, then follows its text at once", async () => {
  const props = $state({ tex: "x_1", display: true });
  const shown = mount(Formula, { target: document.body, props });
  flushSync();
  const formula = document.querySelector(".formula")!;
  expect(formula.textContent).toBe("");
  await typesetter.load();
  flushSync();
  const told = () => formula.querySelector("math annotation")?.textContent;
  expect(told()).toBe("x_1");
  props.tex = "x_2";
  flushSync();
  expect(told()).toBe("x_2");
  expect(document.querySelector(".formula")).toBe(formula);
  await unmount(shown);
});
