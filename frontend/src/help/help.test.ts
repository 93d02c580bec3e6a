import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import type { FitResult, Points } from "../api/types";
import { loadExample } from "../state/calculator/calculator";
import { run } from "../state/fits/run.svelte";
import { FIELDS } from "../state/settings/settings";
import { typesetter } from "../typeset/typesetter.svelte";
import { contents } from "./contents";
import { density, normal, peaks, responsibilities } from "./curve";
import { demonstrations, expected } from "./demonstrations";
import Explanation from "./Explanation.svelte";
import { counted, digits, fixed, percent } from "./numbers";
import { readingOf } from "./reading";
import { CUSTOMERS, customersReading, holds, SAMPLE, sampleReading } from "./worked";

vi.mock("../state/calculator/calculator", () => ({ loadExample: vi.fn() }));

const EXAMPLES = [
  "sample",
  "customers",
  "sensors",
  "heights",
  "iris",
  "two-normals",
  "faithful",
  "elongated",
];

function result(changes: Partial<FitResult> = {}): FitResult {
  return {
    n_rows: 6,
    columns: ["Order value", "Purchases"],
    document: {
      fit: { log_likelihood: -33.9, n_iter: 4, n_parameters: 8, converged: true, reason: "done" },
    },
    mixture: {
      weights: [0.5, 0.5],
      means: [
        [150, 2],
        [30, 10],
      ],
      covariances: [
        [
          [66.7, 0],
          [0, 0.7],
        ],
        [
          [66.7, 0],
          [0, 0.7],
        ],
      ],
      noise: null,
      dof: null,
      spikes: null,
    },
    criteria: { bic: 82.2, aic: 83.8, icl: 82.2 },
    notes: [],
    kmeans: null,
    text: "",
    code: "",
    command: "",
    ...changes,
  };
}

function drawn(rows: number[][]): Points {
  const n = rows.length;
  const numbers = Float64Array.from(rows, (_, i) => i + 1);
  return { columns: ["a", "b"], n, total: n, numbers, values: Float64Array.from(rows.flat()) };
}

describe("the page", () => {
  let page: Record<string, unknown>;

  beforeAll(async () => {
    await typesetter.load();
    globalThis.ResizeObserver = class {
      observe() {}
      unobserve() {}
      disconnect() {}
    };
  });
  beforeEach(() => {
    page = mount(Explanation, { target: document.body });
    flushSync();
  });
  afterEach(async () => {
    [run.result, run.points, run.status] = [null, null, "none"];
    vi.mocked(loadExample).mockReset();
    await unmount(page);
  });

  it("typesets every formula, for the eye and for a screen reader", () => {
    const formulas = [...document.querySelectorAll(".formula")];
    expect(formulas.length).toBeGreaterThan(100);
    for (const formula of formulas) {
      expect(formula.querySelector("math annotation")).not.toBeNull();
      expect(formula.querySelector(".katex-html")!.getAttribute("aria-hidden")).toBe("true");
    }
  });

  it("leaves no markup of a formula in the text", () => {
    const text = document.body.cloneNode(true) as HTMLElement;
    text.querySelectorAll(".formula").forEach((formula) => formula.remove());
    expect(text.textContent).not.toMatch(/[\\$]|undefined|NaN/);
  });

  it("has its headings in order, and an anchor for each entry of the contents", () => {
    const levels = [...document.querySelectorAll("h3, h4")].map((heading) => heading.tagName);
    expect(levels[0]).toBe("H3");
    expect(levels.filter((level) => level === "H3")).toHaveLength(contents.length);
    for (const link of document.querySelectorAll<HTMLAnchorElement>("nav a")) {
      expect(document.querySelector(link.hash)).not.toBeNull();
    }
  });

  it("goes to a section and leaves the address, which holds the settings", () => {
    Element.prototype.scrollIntoView = vi.fn();
    const click = new MouseEvent("click", { bubbles: true, cancelable: true });
    document.querySelectorAll("nav a")[3].dispatchEvent(click);
    expect(document.activeElement!.textContent).toBe(contents[3].title);
    expect(click.defaultPrevented).toBe(true);
  });

  it("has a control for every variant of every demonstration, which loads it", () => {
    for (const { label, example, settings, columns } of demonstrations.flatMap(
      (d) => d.variants,
    )) {
      const buttons = [...document.querySelectorAll<HTMLButtonElement>(".demonstration button")];
      const button = buttons.find((one) => one.textContent === label && !one.dataset.done)!;
      button.dataset.done = "yes";
      button.click();
      expect(loadExample).toHaveBeenLastCalledWith(
        example,
        settings,
        columns === "all" ? null : undefined,
      );
    }
  });

  it("keeps what a demonstration came to", async () => {
    vi.mocked(loadExample).mockImplementation(async () => {
      run.result = result();
      run.status = "done";
    });
    document.querySelector<HTMLButtonElement>(".demonstration button")!.click();
    await vi.waitFor(() => expect(document.querySelector("dl")!.textContent).toContain("−33.90"));
  });

  it.each([
    ["was cancelled", () => ([run.result, run.status] = [result(), "cancelled"])],
    ["could not be loaded, after one that could", () => {}],
  ])("says nothing of a demonstration that %s", async (_, load) => {
    const before = document.querySelectorAll("dl").length;
    [run.result, run.status] = [result(), "done"];
    vi.mocked(loadExample).mockImplementation(async () => void load());
    document.querySelectorAll<HTMLButtonElement>(".demonstration li > button")[3].click();
    flushSync();
    expect(document.body.textContent).toContain("Calculating");
    await vi.waitFor(() => expect(document.body.textContent).not.toContain("Calculating"));
    expect(document.querySelectorAll("dl")).toHaveLength(before);
  });

  it("reads the result of an example only while it is the one that is shown", () => {
    const readings = () => [...document.querySelectorAll(".reading")].map((r) => r.textContent!);
    [run.result, run.points] = [result(), drawn(CUSTOMERS)];
    flushSync();
    expect(readings()[0]).toContain("Load the example");
    expect(readings()[1]).toContain("5 times the order value");
    run.points = drawn(SAMPLE);
    flushSync();
    expect(readings()[0]).toContain("Component 1 with weight 0.5");
    expect(readings()[1]).toContain("Load the example");
  });

  it("lets values of a normal mean come one by one", () => {
    const figure = document.querySelector("section[aria-labelledby=help-bayes] figure")!;
    const [more, all, none] = figure.querySelectorAll<HTMLButtonElement>(".presets button");
    const said = () => figure.querySelector("[aria-live]")!.textContent!.replace(/\s+/g, " ");
    const formulas = () => figure.textContent;
    none.click();
    flushSync();
    expect(said()).toContain("the posterior is the prior, 60 give or take 5");
    for (let i = 0; i < 3; i++) more.click();
    flushSync();
    expect(said()).toContain("Posterior mean and MAP: 62.49");
    expect(said()).toContain("Maximum likelihood, the mean of the values: 69.");
    expect(formulas()).toContain("18.08");
    all.click();
    flushSync();
    expect(more.disabled).toBe(true);
    expect(said()).toContain("the mean of the values: 69.65");
  });

  it("moves the picture with its sliders", () => {
    const [weight] = document.querySelectorAll<HTMLInputElement>("figure input");
    const before = document.querySelector(".sum")!.getAttribute("d");
    weight.value = "0.2";
    weight.dispatchEvent(new Event("input", { bubbles: true }));
    flushSync();
    expect(document.querySelector(".sum")!.getAttribute("d")).not.toBe(before);
    expect(document.querySelector("figure output")!.textContent).toBe("0.20");
  });
});

describe("demonstrations", () => {
  it("use known examples, known settings, and names of their own", () => {
    const known: string[] = FIELDS;
    const variants = demonstrations.flatMap((d) => d.variants.map((v) => ({ ...v, of: d.id })));
    expect(new Set(variants.map((v) => `${v.of}/${v.id}`)).size).toBe(variants.length);
    for (const { example, settings } of variants) {
      expect(EXAMPLES).toContain(example);
      expect(known).toEqual(expect.arrayContaining(Object.keys(settings)));
    }
  });

  it("refuse numbers that nobody has checked", () => {
    expect(expected("line", "tied", "log_likelihood")).toBeLessThan(0);
    expect(() => expected("line", "tied", "bic")).toThrow("line/tied");
  });
});

describe("the mixture of the picture", () => {
  const parts = [
    { weight: 0.75, mean: -1, deviation: 0.8 },
    { weight: 0.25, mean: 2, deviation: 1 },
  ];

  it("has the density of the normal distribution", () => {
    expect(normal(0, 0, 1)).toBeCloseTo(0.3989422804014327, 15);
    expect(normal(3, 1, 2)).toBeCloseTo(0.12098536225957168, 15);
  });

  it("has area 1", () => {
    let sum = 0;
    for (let x = -12; x < 12; x += 0.01) sum += 0.01 * density(x, parts);
    expect(sum).toBeCloseTo(1, 10);
  });

  it("follows Bayes' rule, also where all densities vanish", () => {
    const [one, two] = responsibilities(0.5, parts);
    expect(one).toBeCloseTo((0.75 * normal(0.5, -1, 0.8)) / density(0.5, parts), 12);
    expect(one + two).toBeCloseTo(1, 15);
    expect(responsibilities(1000, parts)).toEqual([0, 1]);
  });

  it("has one peak if equal parts are at most two deviations apart", () => {
    const apart = (distance: number) =>
      peaks(
        [
          { weight: 0.5, mean: 0, deviation: 1 },
          { weight: 0.5, mean: distance, deviation: 1 },
        ],
        -5,
        8,
      );
    expect([apart(1.9), apart(2.2)]).toEqual([1, 2]);
  });
});

describe("computed texts", () => {
  it("take the surety of the labels from ICL and BIC", () => {
    const doubtful = readingOf(result({ criteria: { bic: 10, icl: 10 - 12 * Math.log(0.9) } }));
    expect(doubtful.sure).toBeCloseTo(0.9, 12);
    expect(doubtful.leastSure).toBeCloseTo(0.9 ** 6, 12);
  });

  it("describe the segments", () => {
    const text = customersReading(result()).join(" ");
    expect(text).toContain("Segment 1 holds 50\u00a0% of the customers");
    expect(text).toContain("order value 150 (give or take 8.2)");
    expect(text).toContain("segment 2 has 5 times the purchases of segment 1");
    expect(text).toContain("12 numbers, and from them 8 parameters");
    expect(text).toContain("far too few");
  });

  it("do not compare three segments, nor by ratios of what may be negative", () => {
    const mixture = result().mixture;
    const negative = {
      ...mixture,
      means: [
        [-150, 2],
        [30, 10],
      ],
    };
    expect(customersReading(result({ mixture: negative })).join(" ")).not.toContain("times the");
  });

  it("trust nothing after a collapse", () => {
    const notes: FitResult["notes"] = [
      { kind: "collapse", text: "close to collapse", field: null },
    ];
    expect(sampleReading(result({ notes })).join(" ")).toContain("means nothing");
  });

  it("explain a log-likelihood above 0, and do not explain one below", () => {
    const fit = { ...(result().document.fit as object), log_likelihood: 2.639 };
    expect(sampleReading(result({ document: { fit } })).join(" ")).toContain("above 0");
    expect(sampleReading(result()).join(" ")).not.toContain("above 0");
  });

  it("say when there are more parameters than numbers", () => {
    const fit = { ...(result().document.fit as object), n_parameters: 17 };
    expect(sampleReading(result({ document: { fit } })).join(" ")).toContain("at least as many");
  });

  it("know their rows from others", () => {
    expect(holds(drawn(SAMPLE), SAMPLE)).toBe(true);
    expect(holds(drawn(SAMPLE), CUSTOMERS)).toBe(false);
    expect(holds(drawn(SAMPLE.slice(1)), SAMPLE)).toBe(false);
    expect(holds(null, SAMPLE)).toBe(false);
  });
});

describe("numbers in words", () => {
  it("have a real minus, thousands apart, and digits that matter", () => {
    expect([fixed(-1127.074, 2), digits(0.12345), digits(1234567)]).toEqual([
      "−1,127.07",
      "0.123",
      "1,230,000",
    ]);
    expect([counted(1, "row"), counted(6, "row"), counted(150, "row")]).toEqual([
      "one row",
      "six rows",
      "150 rows",
    ]);
  });

  it("never round a share up to all", () => {
    const shares = [0.5, 0.984, 0.9996, 0.99999, 1].map(percent);
    expect(shares.map((share) => share.replace("\u00a0", " "))).toEqual([
      "50 %",
      "98.4 %",
      "over 99.9 %",
      "over 99.99 %",
      "100 %",
    ]);
  });
});
