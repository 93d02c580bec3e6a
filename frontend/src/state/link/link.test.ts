import { describe, expect, it } from "vitest";

import { typedOf } from "../settings/settings";
import { isLink, readLink, writeLink, type LinkState } from "./link";

const back = (state: LinkState) => readLink(`#${writeLink(state)}`);

describe("a link", () => {
  it("brings back what was put into it", () => {
    const state: LinkState = {
      settings: typedOf({
        n_components: 3,
        tol: 1e-6,
        noise: true,
        n_init: "auto",
        means_init: [
          [1, -2.5],
          [3e-9, 4],
        ],
      }) as LinkState["settings"],
      table: {
        columns: ["a,b", "c;d", "e=f&g#%", "Größe"],
        rows: [
          ["1", "", " ", "5,5"],
          ["NA", "x y", '"', "−3"],
        ],
      },
      columns: ["a,b", "Größe"],
      weights: "c;d",
      axes: ["Größe", "e=f&g#%"],
    };
    expect(back(state)).toEqual({ state, unread: [] });
  });

  it("brings back an example or a table of the server", () => {
    expect(back({ settings: {}, example: "old-faithful" }).state.example).toBe("old-faithful");
    const held = { settings: {}, dataset: "abc_DEF-12", file: "Kunden, 2024 & ä;=#.csv" };
    expect(back(held)).toEqual({ state: held, unread: [] });
  });

  it("keeps a wrong setting as it stands, for its input to tell", () => {
    expect(readLink("#n_components=abc").state.settings).toEqual({ n_components: "abc" });
  });

  it.each([
    "colour=red",
    "n_components=%E0%A4%A",
    "noise=perhaps",
    "data=a,b;1",
    "example=../../etc",
    "means_init=1,x",
    "file=%E0%A4%A",
    "__proto__=1",
    "max_iter=8",
  ])("tells what it cannot read: %s", (part) => {
    const { state, unread } = readLink(`#max_iter=7&${part}`);
    expect(unread).toEqual([part]);
    expect(state.settings).toEqual({ max_iter: "7" });
  });

  it("is no link if it is a place on the page", () => {
    expect(isLink("#explanation")).toBe(false);
    expect(isLink("")).toBe(false);
    expect(isLink("#n_components=2")).toBe(true);
  });

  it("never fails, whatever stands in the address", () => {
    let seed = 3;
    const next = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
    const signs = "ab=&%,;2F#._-~ü\u0000";
    for (let i = 0; i < 3000; i++) {
      const text = Array.from({ length: next(30) }, () => signs[next(signs.length)]).join("");
      expect(() => readLink(`#data=${text}&columns=${text}&${text}`)).not.toThrow();
    }
  });
});
