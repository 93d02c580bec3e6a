import { problemOf } from "../../api/client";
import type { FitRequest, Settings } from "../../api/types";
import { rolesNamed } from "../data/columns";
import { data, isCancelled } from "../data/data.svelte";
import { run } from "../fits/run.svelte";
import { showAddress } from "../link/linked.svelte";
import { inputs } from "../settings/inputs.svelte";
import { desk, firstProblem, type Asked } from "./desk.svelte";

let latest = 0;

/** Fit the data as the inputs say. The error of an input is shown at that input. */
export async function calculate(): Promise<void> {
  const first = firstProblem();
  if (first !== null) return desk.goTo(first);
  const turn = ++latest;
  const [asked, before] = [desk.asked, run.result];
  const request = await prepared();
  if (request === null || turn !== latest) return;
  showAddress();
  desk.tried = asked;
  await run.start(request);
  if (run.result !== null && run.result !== before) desk.shown = asked;
}

/**
 * What a fit is asked for with, the data sent if the server does not hold them. Null if an input
 * cannot be used or the data cannot be sent; that is then said.
 */
export async function prepared(): Promise<FitRequest | null> {
  const asked: Asked = desk.asked;
  const source = data.source;
  if (firstProblem() !== null) return null;
  desk.sending = true;
  try {
    const dataset = await source.sent();
    data.problem = null;
    return { dataset: dataset.id, ...asked.choice };
  } catch (error) {
    data.problem = isCancelled(error) ? null : problemOf(error);
    return null;
  } finally {
    desk.sending = false;
  }
}

/** Set all inputs except the data to their defaults. */
export function reset(): void {
  inputs.reset();
  data.source.setRoles(data.source.columns.map(() => "feature"));
}

/** Change some inputs, as if they had been typed, and calculate. */
export async function adopt(changes: Partial<Settings>): Promise<void> {
  inputs.change(changes);
  await calculate();
}

/**
 * Load an example with its settings, changed where said, and calculate. Columns are those that the
 * example chooses if none are named; null for all of them.
 */
export async function loadExample(
  id: string,
  changes: Partial<Settings> = {},
  columns?: readonly string[] | null,
): Promise<void> {
  try {
    const example = await data.takeExample(id);
    const chosen = columns === undefined ? example.chosen : columns;
    const { roles } = rolesNamed(data.source.columns, chosen, null);
    data.source.setRoles(roles);
    inputs.reset({ ...(example.settings as Partial<Settings>), ...changes });
  } catch (error) {
    if (!isCancelled(error)) data.problem = problemOf(error);
    return;
  }
  await calculate();
}
