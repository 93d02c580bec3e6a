import { problemOf } from "../api/client";
import { calculate, loadExample } from "./calculator";
import { rolesNamed } from "./data-choice";
import { sheetOf } from "./data-sheet";
import { SheetSource } from "./data-sources.svelte";
import { data } from "./data.svelte";
import { isLink, readLink, type LinkState } from "./link";
import { linked, linkOf } from "./link.svelte";
import { inputs } from "./settings.svelte";

/** Take over what a link says, and calculate. Nothing is lost: data that it replaces are kept. */
export async function openLink(hash: string): Promise<void> {
  const { state, unread } = readLink(hash);
  const notes = unread.map((part) => `This part of the link could not be read: ${part}`);
  linked.notes = notes;
  if (onlyExample(state)) return loadExample(state.example!);
  try {
    await takeData(state);
  } catch (error) {
    notes.push(lost(state, problemOf(error).message));
  }
  inputs.reset();
  Object.assign(inputs.typed, state.settings);
  const { columns } = data.source;
  const { roles, unknown } = rolesNamed(columns, state.columns ?? null, state.weights ?? null);
  data.source.setRoles(roles);
  notes.push(...unknown.map((name) => `The link names a column that is not there: ${name}`));
  linked.axes = state.axes ?? null;
  linked.notes = [...notes];
  await calculate();
}

/** Follow the address: once as the page opens, and whenever another link is put into it. */
export async function openAddress(): Promise<void> {
  if (isLink(location.hash)) await openLink(location.hash);
  else await loadExample("sample");
}

export function addressChanged(): void {
  const { hash } = location;
  if (isLink(hash) && hash.slice(1) !== linkOf(data.source).hash) void openLink(hash);
}

function onlyExample({ settings, columns, example, ...rest }: LinkState): boolean {
  const plain = Object.keys(settings).length === 0 && Object.keys(rest).length === 0;
  return example !== undefined && columns === undefined && plain;
}

async function takeData(state: LinkState): Promise<void> {
  if (state.table !== undefined) {
    const sheet = sheetOf(state.table.columns, state.table.rows);
    data.replace(new SheetSource(sheet, "Table of the link", null));
  } else if (state.example !== undefined) {
    if (data.source.example !== state.example) await data.takeExample(state.example);
  } else if (state.dataset !== undefined) {
    await data.takeHeld(state.dataset);
  }
}

function lost(state: LinkState, reason: string): string {
  return state.dataset !== undefined
    ? "The link is about a file that the server no longer holds: open the file again."
    : `The data of the link could not be loaded. ${reason}`;
}
