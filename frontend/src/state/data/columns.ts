import type { Role } from "./sheet";

/** A column as it is offered: its part in the fit, and why it can have none. */
export interface OfferedColumn {
  readonly name: string;
  readonly role: Role;
  /** Null if it can be used. */
  readonly barred: string | null;
}

/** The columns that are fitted. */
export function used(columns: readonly OfferedColumn[]): OfferedColumn[] {
  return columns.filter((column) => column.role === "feature" && column.barred === null);
}

/** Roles with which `dimensions` columns are fitted: the last are left out, the first taken in. */
export function rolesFor(columns: readonly OfferedColumn[], dimensions: number): Role[] {
  let surplus = used(columns).length - dimensions;
  const roles = columns.map((column) => column.role);
  for (let j = roles.length - 1; j >= 0 && surplus > 0; j--) {
    if (roles[j] !== "feature" || columns[j].barred !== null) continue;
    roles[j] = "out";
    surplus--;
  }
  for (let j = 0; j < roles.length && surplus < 0; j++) {
    if (roles[j] !== "out" || columns[j].barred !== null) continue;
    roles[j] = "feature";
    surplus++;
  }
  return roles;
}

/** How many columns could be fitted at most. */
export function available(columns: readonly OfferedColumn[]): number {
  return columns.filter((column) => column.barred === null && column.role !== "weight").length;
}

/** Columns of these names are fitted, one weighs; names that are not there are given back. */
export function rolesNamed(
  columns: readonly OfferedColumn[],
  features: readonly string[] | null,
  weight: string | null,
): { roles: Role[]; unknown: string[] } {
  const names = columns.map((column) => column.name);
  const roles = names.map((name): Role => {
    if (name === weight) return "weight";
    return features === null || features.includes(name) ? "feature" : "out";
  });
  const wanted = weight === null ? (features ?? []) : [...(features ?? []), weight];
  return { roles, unknown: wanted.filter((name) => !names.includes(name)) };
}
