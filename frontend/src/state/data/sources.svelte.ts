import { ApiError, get, post } from "../../api/client";
import type { Dataset } from "../../api/types";
import { used, type OfferedColumn } from "./columns";
import { reportOn, tableOf, withRole, type Role, type Sheet } from "./sheet";

/** Data to fit: typed here, or held by the server. */
export interface Source {
  readonly name: string;
  /** The example it is, as long as nothing was changed. */
  readonly example: string | null;
  /** Whether the user would miss it. */
  readonly own: boolean;
  readonly columns: readonly OfferedColumn[];
  readonly used: readonly OfferedColumn[];
  readonly nRows: number | null;
  /** What the values are: the same object as long as they are the same. */
  readonly content: unknown;
  readonly problems: DataProblem[];
  setRoles(roles: readonly Role[]): void;
  /** The data as the server holds them; sent if it does not, or no longer. */
  sent(): Promise<Dataset>;
}

export interface DataProblem {
  message: string;
  field: "data" | "columns";
  cell?: { row: number; column: number };
}

/** A table that is typed, with all its former states. */
export class SheetSource implements Source {
  name: string;
  sheet = $state.raw<Sheet>({ columns: [], rows: [] });
  past = $state.raw<Sheet[]>([]);
  future = $state.raw<Sheet[]>([]);
  /** A cell that the grid is asked to go to. */
  goal = $state.raw<{ row: number; column: number } | null>(null);
  #example: string | null;
  #original: Sheet;
  #step: string | null = null;
  #sent: { rows: Sheet["rows"]; names: string; dataset: Dataset } | null = null;

  constructor(sheet: Sheet, name: string, example: string | null, dataset: Dataset | null = null) {
    this.sheet = this.#original = sheet;
    this.name = name;
    this.#example = example;
    if (dataset !== null) this.#sent = { ...this.#identity(), dataset };
  }

  readonly report = $derived(reportOn(this.sheet));

  readonly columns: readonly OfferedColumn[] = $derived(
    this.sheet.columns.map(({ name, role }, j) => {
      const kind = this.report.kinds[j];
      const barred = kind === "text" ? "text" : kind === "empty" ? "empty" : null;
      return { name: name.trim(), role, barred };
    }),
  );

  readonly used = $derived(used(this.columns));

  readonly problems: DataProblem[] = $derived.by(() => {
    const { names, bad, nRows } = this.report;
    const problems: DataProblem[] = names.flatMap((message, column) =>
      message === null ? [] : [{ message, field: "data", cell: { row: -1, column } }],
    );
    for (const { row, column, reason } of bad) {
      const where = `Row ${row + 1}, column ${this.sheet.columns[column].name}: `;
      problems.push({ message: where + reason, field: "data", cell: { row, column } });
    }
    if (nRows < 2 || this.columns.every((column) => column.barred !== null)) {
      const message = "There is nothing to fit yet: type or paste at least two rows of numbers.";
      problems.push({ message, field: "data", cell: { row: nRows, column: 0 } });
    } else if (this.used.length === 0) {
      const message = "No column is chosen: tick at least one column of numbers.";
      problems.push({ message, field: "columns" });
    }
    return problems;
  });

  get nRows(): number {
    return this.report.nRows;
  }

  get edited(): boolean {
    const now = this.sheet;
    return now.rows !== this.#original.rows || nameKey(now) !== nameKey(this.#original);
  }

  get example(): string | null {
    return this.edited ? null : this.#example;
  }

  get own(): boolean {
    return this.example === null && this.report.nRows > 0;
  }

  get content(): unknown {
    return this.sheet.rows;
  }

  /** Go on to another state. Steps of the same name are undone together. */
  put(sheet: Sheet, step: string | null = null): void {
    if (sheet === this.sheet) return;
    if (step === null || step !== this.#step) this.past = [...this.past, this.sheet].slice(-200);
    this.#step = step;
    this.future = [];
    this.sheet = sheet;
  }

  /** What comes next is undone by itself. */
  endStep(): void {
    this.#step = null;
  }

  undo(): void {
    const before = this.past.at(-1);
    if (before === undefined) return;
    [this.past, this.future] = [this.past.slice(0, -1), [...this.future, this.sheet]];
    this.#go(before);
  }

  redo(): void {
    const after = this.future.at(-1);
    if (after === undefined) return;
    [this.past, this.future] = [[...this.past, this.sheet], this.future.slice(0, -1)];
    this.#go(after);
  }

  /** Roles are no part of what is undone. */
  #go(sheet: Sheet): void {
    const { columns } = this.sheet;
    const same = columns.length === sheet.columns.length;
    const kept = sheet.columns.map((column, j) => ({ ...column, role: columns[j]?.role }));
    this.sheet = same ? { ...sheet, columns: kept } : sheet;
    this.endStep();
  }

  setRoles(roles: readonly Role[]): void {
    let columns = [...this.sheet.columns];
    roles.forEach((role, j) => (columns = withRole(columns, j, role)));
    this.sheet = { ...this.sheet, columns };
  }

  /** Id of the data set that the server has of this table as it stands, if it was sent. */
  get held(): string | null {
    return this.#dataset()?.id ?? null;
  }

  async sent(): Promise<Dataset> {
    const before = this.#dataset();
    const held = before === null ? null : await stillHeld(before);
    if (held !== null) return held;
    const now = this.#identity();
    const dataset = await post<Dataset>("datasets", tableOf(this.sheet, this.name));
    this.#sent = { ...now, dataset };
    return dataset;
  }

  #dataset(): Dataset | null {
    const [now, before] = [this.#identity(), this.#sent];
    return before?.rows === now.rows && before.names === now.names ? before.dataset : null;
  }

  #identity() {
    return { rows: this.sheet.rows, names: nameKey(this.sheet) };
  }
}

function nameKey(sheet: Sheet): string {
  return JSON.stringify(sheet.columns.map((column) => column.name));
}

/** A table that the server holds, and how to send it again. */
export class HeldSource implements Source {
  dataset = $state.raw<Dataset>({} as Dataset);
  roles = $state.raw<Role[]>([]);
  readonly problems: DataProblem[] = $derived.by(() => {
    if (this.used.length > 0) return [];
    const message = "No column is chosen: tick at least one column of numbers.";
    return [{ message, field: "columns" }];
  });
  readonly columns: readonly OfferedColumn[] = $derived(
    this.dataset.columns.map(({ name, minimum }, j) => {
      return { name, role: this.roles[j], barred: minimum === null ? "empty" : null };
    }),
  );
  readonly used = $derived(used(this.columns));
  #send: () => Promise<Dataset>;

  constructor(
    dataset: Dataset,
    send: () => Promise<Dataset>,
    readonly example: string | null = null,
  ) {
    this.dataset = dataset;
    this.roles = dataset.columns.map(() => "feature");
    this.#send = send;
  }

  get name(): string {
    return this.dataset.name;
  }

  get own(): boolean {
    return this.example === null;
  }

  get nRows(): number {
    return this.dataset.n_rows;
  }

  get content(): unknown {
    return this.#send;
  }

  setRoles(roles: readonly Role[]): void {
    let columns = this.roles.map((role) => ({ role }));
    roles.forEach((role, j) => (columns = withRole(columns, j, role)));
    this.roles = columns.map((column) => column.role);
  }

  async sent(): Promise<Dataset> {
    const held = await stillHeld(this.dataset);
    if (held !== null) return held;
    return (this.dataset = await this.#send());
  }
}

/** The data set, or null if the server has forgotten it. */
async function stillHeld(dataset: Dataset): Promise<Dataset | null> {
  try {
    return await get<Dataset>(`datasets/${dataset.id}`);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
