import { describe, expect, it } from "vitest";

import { available, rolesFor, rolesNamed, used, type OfferedColumn } from "./columns";
import type { Role } from "./sheet";

const columns = (...roles: (Role | "text")[]): OfferedColumn[] =>
  roles.map((role, j) => ({
    name: `c${j}`,
    role: role === "text" ? "feature" : role,
    barred: role === "text" ? "text" : null,
  }));

describe("rolesFor", () => {
  it("leaves out the last and takes in the first", () => {
    expect(rolesFor(columns("feature", "text", "feature", "feature"), 2)).toEqual([
      "feature",
      "feature",
      "feature",
      "out",
    ]);
    expect(rolesFor(columns("out", "weight", "feature", "out"), 2)).toEqual([
      "feature",
      "weight",
      "feature",
      "out",
    ]);
  });

  it("always makes that many, as long as there are enough", () => {
    const kinds = ["feature", "out", "weight", "text"] as const;
    for (let code = 0; code < 4 ** 5; code++) {
      const all = columns(...[0, 1, 2, 3, 4].map((j) => kinds[Math.floor(code / 4 ** j) % 4]));
      for (let d = 1; d <= available(all); d++) {
        const roles = rolesFor(all, d);
        expect(used(all.map((column, j) => ({ ...column, role: roles[j] })))).toHaveLength(d);
      }
    }
  });
});

describe("rolesNamed", () => {
  it("gives roles by name, and tells names that are not there", () => {
    expect(rolesNamed(columns("feature", "feature", "feature"), ["c0", "z"], "c2")).toEqual({
      roles: ["feature", "out", "weight"],
      unknown: ["z"],
    });
    expect(rolesNamed(columns("out", "feature"), null, null).roles).toEqual([
      "feature",
      "feature",
    ]);
  });
});
