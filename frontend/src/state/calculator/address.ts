import { ApiError, problemOf } from "../../api/client";
import { rolesNamed } from "../data/columns";
import { data } from "../data/data.svelte";
import { sheetOf } from "../data/sheet";
import { SheetSource } from "../data/sources.svelte";
import { isLink, readLink, type LinkState } from "../link/link";
import { drawable, linked, linkOf } from "../link/linked.svelte";
import { inputs } from "../settings/inputs.svelte";
import { calculate, loadExample } from "./calculator";

/** Take over what a link says, and calculate. Nothing is lost: data that it replaces are kept. */
export async function openLink(hash: string): Promise<void> {
  const { state, unread } = readLink(hash);
  const notes = unread.map((part) => `This part of the link could not be read: ${part}`);
  linked.notes = notes;
  linked.awaited = null;
  if (onlyExample(state)) return loadExample(state.example!);
  try {
    await takeData(state);
  } catch (error) {
    if (state.dataset !== undefined && isGone(error)) return awaitFile(state, notes);
    notes.push(`The data of the link could not be loaded. ${problemOf(error).message}`);
  }
  takeSettings(state);
  linked.notes = [...notes, ...takeColumns(state)];
  await calculate();
}

function takeSettings(state: LinkState): void {
  inputs.reset();
  Object.assign(inputs.typed, state.settings);
}

/** Choose the columns that a link names; what of them is not there is given back in words. */
function takeColumns({ columns, weights, axes }: LinkState): string[] {
  const { source } = data;
  const { roles, unknown } = rolesNamed(source.columns, columns ?? null, weights ?? null);
  source.setRoles(roles);
  const notes = unknown.map((name) => `The link names a column that is not there: ${name}`);
  linked.axes = drawable(axes, source) ? axes : null;
  if (axes !== undefined && linked.axes === null) {
    const named = axes.map((name) => `“${name}”`).join(", ");
    notes.push(
      `The link shows ${named}: the axes must be two of the columns that are fitted, and the ` +
        "first ones are shown.",
    );
  }
  return notes;
}

/** The file of a link is gone: ask for it, with the settings kept and a place for it. */
function awaitFile(state: LinkState, notes: string[]): void {
  const name = state.file ?? "file of the link";
  const source = new SheetSource(sheetOf(["x1", "x2"], [["", ""]]), name, null);
  data.replace(source);
  takeSettings(state);
  linked.awaited = { state, source };
  const which = state.file === undefined ? "a file" : `the file “${state.file}”`;
  linked.notes = [
    ...notes,
    `The link is about ${which}, which the server no longer holds. Open it again: the settings ` +
      "of the link are kept, and it is fitted as the link says.",
  ];
}

/** Data have come: if they are the file that a link waits for, they are fitted as it says. */
export async function dataReplaced(): Promise<void> {
  const { awaited } = linked;
  if (awaited === null || data.source === awaited.source) return;
  linked.awaited = null;
  linked.notes = [];
  if (data.file === null) return;
  linked.notes = takeColumns(awaited.state);
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

function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
