import { get, gone, post, problemOf, upload } from "../../api/client";
import type { Dataset, DatasetRows, ExampleData, Problem } from "../../api/types";
import { hasMoreLines, inOneColumn, readBlock } from "./paste";
import { MOST_TYPED, reportOn, sheetOf, sheetOfBlock, type Sheet } from "./sheet";
import { HeldSource, SheetSource, type Source } from "./sources.svelte";

const SAMPLE = [
  [1, 1.1],
  [1.5, 1.4],
  [5, 4.8],
  [5.5, 5.2],
  [1.2, 0.9],
  [5.1, 5],
].map((row) => row.map((value) => value.toFixed(1)));

/** Longer text is sent without having been looked at. */
const MOST_READ = 2_000_000;
const PAGE = 500;
const TEXT = /\.(csv|tsv|tab|txt|dat)$/i;

export interface Upload {
  name: string;
  share: number;
  cancel: () => void;
}

/** How a text file is to be read, where the server should not tell it by itself. */
export interface FileOptions {
  delimiter?: string;
  decimal?: string;
  thousands?: string;
  header?: string;
}

/** The data to fit, and what came before them. */
class Data {
  source = $state.raw<Source>(sample());
  /** What was replaced, and would be missed. */
  kept = $state.raw<Source | null>(null);
  uploading = $state.raw<Upload | null>(null);
  /** What is to be known of how the data were read. */
  notes = $state.raw<string[]>([]);
  problem = $state.raw<Problem | null>(null);
  /** The file that was opened last; it is here by name only, its bytes stay on the disk. */
  file = $state.raw<File | null>(null);

  #turn = 0;

  /** Take other data; what the user would miss is kept. */
  replace(source: Source, notes: string[] = [], file: File | null = null): void {
    if (this.source.own) this.kept = this.source;
    this.source = source;
    this.notes = notes;
    this.problem = null;
    this.file = file;
  }

  bringBack(): void {
    const kept = this.kept;
    if (kept === null) return;
    this.kept = null;
    this.replace(kept);
  }

  takeSheet(sheet: Sheet, name: string, notes: string[] = []): void {
    this.replace(new SheetSource(sheet, name, null), notes);
  }

  /** Take a pasted text as a table of its own; a long one goes the way of a file. */
  async takeText(text: string, name = "pasted"): Promise<boolean> {
    if (isLong(text)) return this.takeFile(new File([text], `${name}.txt`));
    const block = inOneColumn(readBlock(text));
    if (block.rows.length === 0) return false;
    this.takeSheet(sheetOfBlock(block), name, block.notes);
    return true;
  }

  /** Send a file, and take what the server makes of it. */
  async takeFile(file: File, options: FileOptions = {}): Promise<boolean> {
    this.problem = null;
    const send = () => this.#send(file, options);
    try {
      const dataset = await send();
      this.replace(await sourceOf(dataset, send), notesOn(dataset), file);
      return true;
    } catch (error) {
      if (isCancelled(error)) return false;
      this.problem = problemOf(error);
      this.file = file;
      await this.#mend(file, this.problem);
      return false;
    }
  }

  /** Send a file, and show how far it is; one that is still on its way is given up. */
  async #send(file: File, options: FileOptions): Promise<Dataset> {
    this.uploading?.cancel();
    const leave = new AbortController();
    const cancel = () => leave.abort();
    const tell = (share: number) => (this.uploading = { name: file.name, share, cancel });
    const query = new URLSearchParams({ name: file.name, ...options });
    tell(0);
    try {
      return await upload<Dataset>(`datasets?${query}`, file, tell, leave.signal);
    } finally {
      if (this.uploading?.cancel === cancel) this.uploading = null;
    }
  }

  /** A small text file that the server refuses can be mended here, if it is seen what is wrong. */
  async #mend(file: File, problem: Problem): Promise<void> {
    if (problem.field !== "file" || file.size > MOST_READ || !TEXT.test(file.name)) return;
    const text = await file.text();
    if (isLong(text)) return;
    const block = readBlock(text);
    const sheet = sheetOfBlock(block);
    const { bad, kinds } = reportOn(sheet);
    if (!kinds.includes("numbers") || bad.length + block.notes.length === 0) return;
    const why = [problem.message, "Correct it in the table below."].join(" ");
    this.replace(new SheetSource(sheet, file.name, null), [why, ...block.notes], file);
  }

  /** Take an example, unless another was asked for before it came. */
  async takeExample(id: string): Promise<ExampleData> {
    const turn = ++this.#turn;
    const example = await get<ExampleData>(`examples/${id}`);
    if (turn !== this.#turn) throw new DOMException("another was asked for", "AbortError");
    if (example.n_rows <= MOST_TYPED) {
      const sheet = sheetOf(example.columns, example.rows);
      this.replace(new SheetSource(sheet, example.title, id));
    } else {
      const { columns, rows, title: name } = example;
      const send = () => post<Dataset>("datasets", { name, columns, rows });
      this.replace(new HeldSource(await send(), send, id));
    }
    return example;
  }

  /** Take what the server still holds from before. */
  async takeHeld(id: string): Promise<void> {
    const dataset = await get<Dataset>(`datasets/${id}`);
    const again = () => Promise.reject(gone(dataset.name));
    this.replace(await sourceOf(dataset, again), notesOn(dataset));
  }
}

export function sample(): SheetSource {
  return new SheetSource(sheetOf(["X1", "X2"], SAMPLE), "Six points", "sample");
}

function isLong(text: string): boolean {
  return text.length > MOST_READ || hasMoreLines(text, MOST_TYPED);
}

/** Whether the user wanted it to end. */
export function isCancelled(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** A small table becomes one that can be edited. */
async function sourceOf(dataset: Dataset, send: () => Promise<Dataset>): Promise<Source> {
  const names = dataset.columns.map((column) => column.name);
  if (dataset.n_rows > MOST_TYPED || names.length > 50) return new HeldSource(dataset, send);
  const rows: DatasetRows["rows"] = [];
  while (rows.length < dataset.n_rows) {
    const query = `offset=${rows.length}&limit=${PAGE}`;
    const page = await get<DatasetRows>(`datasets/${dataset.id}/rows?${query}`);
    if (page.rows.length === 0) break;
    rows.push(...page.rows);
  }
  return new SheetSource(sheetOf(names, rows), dataset.name, null, dataset);
}

export function notesOn(dataset: Dataset): string[] {
  const names = dataset.left_out.map(({ name }) => name).join(", ");
  return [
    ...dataset.notes,
    ...(dataset.left_out.length > 1
      ? [`Columns left out, as they are not numbers: ${names}`]
      : dataset.left_out.map(({ name, reason }) => `Column ${name} is left out: ${reason}`)),
  ];
}

export const data = new Data();
