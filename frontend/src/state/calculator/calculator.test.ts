import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { ExampleData, FitRequest, FitResult } from "../../api/types";
import { data, sample } from "../data/data.svelte";
import { setCell, sheetOf } from "../data/sheet";
import { SheetSource } from "../data/sources.svelte";
import { run } from "../fits/run.svelte";
import { linked, linkOf } from "../link/linked.svelte";
import { inputs } from "../settings/inputs.svelte";
import { dataReplaced, openLink } from "./address";
import { adopt, calculate, loadExample, prepared, reset } from "./calculator";
import { desk } from "./desk.svelte";

const IRIS: ExampleData = {
  id: "iris",
  title: "Iris",
  story: "",
  columns: ["sl", "sw", "pl"],
  chosen: ["sl", "pl"],
  n_rows: 4,
  settings: { n_components: 3 },
  rows: [
    [5, 3, 1],
    [6, 3, 2],
    [7, 3, null],
    [4, 2, 1],
  ],
};

let started: FitRequest[] = [];

beforeEach(() => {
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    const told =
      init.method === "POST" ? { id: "dataset-1" } : path.includes("iris") ? IRIS : null;
    return new Response(JSON.stringify(told ?? { message: "gone" }), { status: told ? 200 : 404 });
  });
  vi.spyOn(run, "start").mockImplementation(async (request) => {
    started.push(request);
    run.result = {} as FitResult;
  });
  started = [];
  data.replace(sample());
  inputs.reset();
  history.replaceState(null, "", "/");
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("calculate", () => {
  it("asks for what the inputs say", async () => {
    inputs.typed.n_components = " 3 ";
    data.source.setRoles(["feature", "weight"]);
    await calculate();
    expect(started[0]).toMatchObject({ dataset: "dataset-1", columns: ["X1"], weights: "X2" });
    expect(started[0].settings).toMatchObject({ n_components: 3, max_iter: 100, tol: 1e-4 });
  });

  it("leads to what is to be mended, and asks for nothing", async () => {
    inputs.typed.seed = "x";
    await calculate();
    expect(started).toEqual([]);
    expect(desk.goal?.field).toBe("seed");
    expect(await prepared()).toBeNull();
    expect(inputs.typed.seed).toBe("x");
  });

  it("knows whether the result is of the inputs that stand there", async () => {
    await calculate();
    expect(desk.stale).toBe(false);
    inputs.typed.tol = "0.0001";
    expect(desk.stale).toBe(false);
    inputs.typed.tol = "1e-5";
    expect(desk.stale).toBe(true);
    inputs.typed.tol = "1e-4";
    const sheet = data.source as SheetSource;
    sheet.put(setCell(sheet.sheet, 0, 0, "7"));
    expect(desk.stale).toBe(true);
    sheet.undo();
    expect(desk.stale).toBe(false);
  });

  it("puts what differs from the beginning into the address", async () => {
    await calculate();
    expect(location.hash).toBe("");
    inputs.typed.noise = true;
    await calculate();
    expect(location.hash).toBe("#example=sample&n_components=2&noise=true");
  });
});

describe("the other ways in", () => {
  it("load an example with its settings and columns, and what is changed of them", async () => {
    inputs.typed.seed = "9";
    await loadExample("iris", { max_iter: 5 });
    expect(started[0].columns).toEqual(["sl", "pl"]);
    expect(started[0].settings).toMatchObject({ n_components: 3, max_iter: 5, seed: 0 });
  });

  it("leave an example's settings behind with its data, but for what was changed", async () => {
    await loadExample("iris", { max_iter: 5 });
    inputs.typed.max_iter = "7";
    inputs.forgetExample();
    expect(inputs.typed).toMatchObject({ n_components: "2", max_iter: "7" });
    inputs.typed.n_components = "3";
    inputs.forgetExample();
    expect(inputs.typed.n_components).toBe("3");
  });

  it("keep what was typed before an example replaced it", async () => {
    const typed = data.source as SheetSource;
    typed.put(setCell(typed.sheet, 0, 0, "7"));
    await loadExample("iris");
    expect(data.kept).toBe(typed);
    data.bringBack();
    expect(data.source).toBe(typed);
    expect(data.kept).toBeNull();
  });

  it("adopt changes as if they had been typed", async () => {
    await adopt({ n_components: 4, covariance_type: "tied" });
    expect(inputs.typed).toMatchObject({ n_components: "4", covariance_type: "tied" });
    expect(started[0].settings).toMatchObject({ n_components: 4, covariance_type: "tied" });
  });

  it("reset all but the data", () => {
    inputs.typed.n_components = "x";
    data.source.setRoles(["out", "feature"]);
    const { content } = data.source;
    reset();
    expect(inputs.typed.n_components).toBe("2");
    expect(data.source.used).toHaveLength(2);
    expect(data.source.content).toBe(content);
  });

  it("say what an example lacks", async () => {
    await loadExample("none");
    expect(data.problem?.message).toBe("gone");
    expect(started).toEqual([]);
  });
});

describe("a link", () => {
  it("brings back data, columns and settings", async () => {
    const typed = data.source as SheetSource;
    typed.put(setCell(typed.sheet, 0, 0, "7"));
    typed.setRoles(["out", "feature"]);
    inputs.typed.tol = "1e-9";
    const { hash, whole } = linkOf(typed);
    expect(whole).toBe(true);
    data.replace(sample());
    inputs.reset();
    await openLink(hash);
    expect((data.source as SheetSource).sheet.rows).toEqual(typed.sheet.rows);
    expect(started[0]).toMatchObject({ columns: ["X2"], settings: { tol: 1e-9 } });
    expect(linkOf(data.source).hash).toBe(hash);
  });

  it("tells what is wrong with it, and takes the rest", async () => {
    await openLink("#columns=X1,Z&max_iter=7&colour=red");
    expect(linked.notes).toEqual([
      "This part of the link could not be read: colour=red",
      "The link names a column that is not there: Z",
    ]);
    expect(started[0]).toMatchObject({ columns: ["X1"], settings: { max_iter: 7 } });
  });

  it.each(["X1,Z", "X1", "X2,X2", "X1,X2,X1"])(
    "tells axes that cannot be drawn: %s",
    async (axes) => {
      await openLink(`#noise=true&axes=${axes}`);
      const named = axes.replaceAll(",", "”, “");
      expect(linked.notes).toHaveLength(1);
      expect(linked.notes[0]).toMatch(`The link shows “${named}”: `);
      expect(linkOf(data.source).hash).not.toContain("axes");
    },
  );

  it("has the axes that are drawn, as long as both are fitted", async () => {
    await openLink("#noise=true&axes=X2,X1");
    expect(linked.notes).toEqual([]);
    expect(linkOf(data.source).hash).toContain("axes=X2,X1");
    data.source.setRoles(["out", "feature"]);
    expect(linkOf(data.source).hash).not.toContain("axes");
  });

  describe("to a file that the server has forgotten", () => {
    const LINK =
      "#dataset=forgotten1&file=my%20customers.csv&columns=x&n_components=9&axes=x,y&noise=true";
    const table = (names: string[]) =>
      new SheetSource(sheetOf(names, Array(12).fill(names.map(() => 1))), "any.csv", null);

    it("asks for it by its name, keeps the settings, and fits nothing else in its place", async () => {
      await openLink(LINK);
      expect(linked.notes).toHaveLength(1);
      expect(linked.notes[0]).toContain("“my customers.csv”");
      expect(inputs.typed).toMatchObject({ n_components: "9", noise: true });
      expect(inputs.parsed.problems).toEqual({}); // of so many rows as it will have
      expect(started).toEqual([]);
    });

    it("fits it as the link says once it is opened", async () => {
      await openLink(LINK);
      data.replace(table(["y", "x"]), [], new File(["x"], "any.csv"));
      await dataReplaced();
      expect(started[0]).toMatchObject({ columns: ["x"], settings: { n_components: 9 } });
      expect(linked.notes).toEqual([expect.stringContaining("The link shows “x”, “y”")]);
      expect(linked.awaited).toBeNull();
    });

    it("forgets it when other data are taken instead", async () => {
      await openLink(LINK);
      data.replace(sample());
      await dataReplaced();
      data.replace(table(["y", "x"]), [], new File(["x"], "any.csv"));
      await dataReplaced();
      expect(started).toEqual([]);
      expect(data.source.used).toHaveLength(2);
      expect(linked.notes).toEqual([]);
    });

    it("keeps the data of one's own that stood there", async () => {
      const typed = data.source as SheetSource;
      typed.put(setCell(typed.sheet, 0, 0, "7"));
      await openLink(LINK);
      expect(data.kept).toBe(typed);
    });
  });

  it("that names an example only has that example's settings", async () => {
    await openLink("#example=iris");
    expect(started[0].settings).toMatchObject({ n_components: 3 });
  });
});
