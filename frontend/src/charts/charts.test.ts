import { describe, expect, test } from "vitest";

import type { Candidate, Frames, KMeans, Mixture, Points, StructureName } from "../api/types";
import { counted } from "../phrases";
import { percent, shortened, tidy } from "./numbers";
import { componentSwatch, dotColours, type Palette } from "./painting/colours";
import { titled } from "./painting/download";
import { Raster } from "./painting/raster";
import type { Dots, Mark, Scene, Text } from "./painting/scene";
import { svg } from "./painting/svg";
import { axis, plot } from "./parts/axis";
import { badgePlace } from "./parts/components";
import { below, colours, dots, extent, matched, places } from "./parts/rows";
import { RowFinder } from "./pointing/finder";
import { hitComponent } from "./pointing/hits";
import { shifted, zoomed } from "./pointing/zoom";
import {
  candidateAt,
  criterionScene,
  criterionView,
  entryPlace,
  series,
} from "./scenes/criterion";
import { dataScene, type DataView, letter } from "./scenes/data";
import { binned, densityScene, densityView, stripPlaces } from "./scenes/density";
import { frameAt, likelihoodScene, likelihoodView } from "./scenes/likelihood";
import { corner, grid, matrixScene } from "./scenes/matrix";
import { stripScene, stripView } from "./scenes/strip";
import { describeData, rowLines } from "./words";

const space = { width: 600, height: 400, em: 12 };
const black: Palette = () => [0, 0, 0];

function points(columns: string[], rows: number[][]): Points {
  const numbers = Float64Array.from(rows, (_, i) => i + 1);
  return { columns, n: rows.length, total: rows.length, numbers, values: Float64Array.from(rows.flat()) }; // prettier-ignore
}

const identity = [
  [1, 0],
  [0, 1],
];
const two: Mixture = {
  weights: [0.5, 0.5],
  means: [
    [0, 0],
    [10, 10],
  ],
  covariances: [identity, identity],
  noise: null,
  dof: null,
  spikes: null,
};
const few = points(["left", "right"], [[0, 0], [10, 10], [1, NaN], [9, 10], [5, 5]]); // prettier-ignore

function flattened(marks: Mark[], x = 0, y = 0): { mark: Mark; x: number; y: number }[] {
  return marks.flatMap((mark) =>
    mark.kind === "group" ? flattened(mark.marks, x + mark.x, y + mark.y) : [{ mark, x, y }],
  );
}

const texts = (scene: Scene) =>
  flattened(scene.marks).flatMap(({ mark }) => (mark.kind === "text" ? [mark.text] : []));

function text(scene: Scene, wanted: string): Text & { atX: number; atY: number } {
  const found = flattened(scene.marks).find(
    ({ mark }) => mark.kind === "text" && mark.text === wanted && mark.bold,
  )!;
  const mark = found.mark as Text;
  return { ...mark, atX: found.x + mark.x, atY: found.y + mark.y };
}

function view(changes: Partial<DataView> = {}): DataView {
  const box = plot(space, {
    x: extent(few, 0),
    y: extent(few, 1),
    xName: "left",
    yName: "right",
  });
  return {
    points: few,
    axes: [0, 1],
    plot: box,
    places: places(few, [0, 1], box),
    colours: colours(few, two, null, "hard"),
    mixture: two,
    kmeans: null,
    ellipses: true,
    contours: true,
    marked: [],
    hollow: [],
    trail: [],
    ...changes,
  };
}

describe("axes", () => {
  const labels = (low: number, high: number) => {
    const { ticks, title } = axis({ low, high }, 5, "name");
    return { labels: ticks.map(({ label }) => label), title };
  };

  test("plain numbers", () => {
    expect(labels(0, 10)).toEqual({ labels: ["0", "2", "4", "6", "8", "10"], title: "name" });
    expect(labels(-0.4, 0.4).labels).toEqual(["−0.4", "−0.2", "0.0", "0.2", "0.4"]);
  });

  test("far from zero the offset stands in the title", () => {
    const { labels: found, title } = labels(1e6 + 0.001, 1e6 + 0.009);
    expect(title).toBe("name − 1,000,000 (× 10⁻³)");
    expect(found).toEqual(["2", "4", "6", "8"]);
    expect(axis({ low: 1e6 + 0.001, high: 1e6 + 0.009 }, 5, "").ticks[0].at).toBeCloseTo(1e6 + 0.002, 8); // prettier-ignore
    expect(labels(-1e6 - 8, -1e6 + 2).title).toBe("name + 1,000,100");
  });

  test("tiny and huge numbers have a power of ten", () => {
    expect(labels(0, 5e-9)).toEqual({
      labels: ["0", "1", "2", "3", "4", "5"],
      title: "name (× 10⁻⁹)",
    });
    expect(labels(0, 3e7).title).toBe("name (× 10⁶)");
  });

  test("no tick is outside, no label appears twice", () => {
    for (const [low, high] of [[0.1, 0.2], [1999, 2024], [1e-300, 2e-300], [1e15, 1e15 + 8]]) {
      const { ticks } = axis({ low, high }, 6, "");
      expect(ticks.length).toBeGreaterThan(1);
      expect(new Set(ticks.map(({ label }) => label)).size).toBe(ticks.length);
      for (const { at } of ticks) {
        expect(at).toBeGreaterThanOrEqual(low - 1e-9 * (high - low) - Number.EPSILON * high);
        expect(at).toBeLessThanOrEqual(high + 1e-9 * (high - low) + Number.EPSILON * high);
      }
    }
  }); // prettier-ignore
});

test("numbers in words", () => {
  expect([tidy(0), tidy(1234567), tidy(-0.001234567), tidy(1e-9), tidy(-Infinity), tidy(NaN), tidy(3)]) // prettier-ignore
    .toEqual(["0", "1,234,567", "−0.001235", "1 × 10⁻⁹", "−∞", "missing", "3"]);
  expect([percent(0), percent(1), percent(0.5), percent(1e-9), percent(1 - 1e-9)])
    .toEqual(["0 %", "100 %", "50 %", "< 0.1 %", "> 99.9 %"]); // prettier-ignore
  expect([counted(1, "row"), counted(20000, "row")]).toEqual(["1 row", "20,000 rows"]);
  expect([shortened("sepal length", 8), shortened("short", 8)]).toEqual(["sepa…gth", "short"]);
  expect([letter(0), letter(25), letter(26)]).toEqual(["a", "z", "aa"]);
});

describe("data", () => {
  test("rows are where their values are, those with a gap nowhere", () => {
    const { plot: box, places: found } = view();
    expect(box.fromX(found.x[1])).toBeCloseTo(10, 4);
    expect(box.fromY(found.y[3])).toBeCloseTo(10, 4);
    expect(found.y[0]).toBeGreaterThan(found.y[1]);
    expect([...found.x].map(Number.isNaN)).toEqual([false, false, true, false, false]);
  });

  test("means are numbered at their places", () => {
    const seen = view();
    const scene = dataScene(seen, space);
    const one = text(scene, "1");
    expect(one.atX).toBeCloseTo(seen.plot.left + seen.plot.toX(0));
    expect(one.atY).toBeLessThan(seen.plot.top + seen.plot.toY(0) + 8);
    expect(texts(scene)).toEqual(expect.arrayContaining(["↑ right", "left →", "2"]));
  });

  test("an ellipse spans its deviations", () => {
    const seen = view({ contours: false });
    const { plot: box } = seen;
    const rx = (box.toX(1) - box.toX(0)).toFixed(1);
    const paths = flattened(dataScene(seen, space).marks).map(({ mark }) => mark.kind === "path" ? mark.d : ""); // prettier-ignore
    expect(paths.some((d) => d.includes(`A${rx.replace(/\.0$/, "")}`))).toBe(true);
  });

  test("colours: hard, soft, plain, K-means as the components they match", () => {
    expect([...view().colours.labels]).toEqual([0, 1, 0, 1, 0]);
    expect(colours(few, two, null, "soft").shares!.slice(8, 10)).toEqual(
      Float64Array.of(0.5, 0.5),
    );
    expect(colours(few, two, null, "plain").palette).toEqual([
      { colour: "--ink", shape: "circle" },
    ]);
    const kmeans: KMeans = { centres: [[10, 9], [0, 1]], sizes: [2, 2] }; // prettier-ignore
    expect(matched(kmeans.centres, two, few)).toEqual([1, 0]);
    const clusters = colours(few, two, kmeans, "kmeans");
    expect(clusters.palette[clusters.labels[0]]).toEqual(componentSwatch(0));
    expect(matched([[10, 9], [0, 1], [10, 8]], two, few)).toEqual([1, 0, 2]); // prettier-ignore
    const scaled = points(["metres", "grams"], [[0, 0], [1, 900]]); // prettier-ignore
    const centres = { centres: [[0, 800], [1, 0]], sizes: [1, 1] }; // prettier-ignore
    expect([...colours(scaled, null, centres, "kmeans").labels]).toEqual([1, 0]);
    const units = [0.1, 1000];
    expect([...colours(scaled, null, { ...centres, units }, "kmeans").labels]).toEqual([0, 1]);
  });

  test("the number of a mean does not hide one of few rows", () => {
    const seen = view();
    const at = { x: seen.plot.toX(0), y: seen.plot.toY(0) };
    const { x, y } = badgePlace(two, 0, seen, space.em);
    expect(Math.hypot(x - at.x, y - at.y)).toBeGreaterThan(1.5 * space.em);
    const far = { x: Float32Array.of(at.x + 60), y: Float32Array.of(at.y) };
    expect(badgePlace(two, 0, { ...seen, places: far }, space.em)).toMatchObject(at);
  });

  test("the number of a thin component is beside it, and near", () => {
    const box = view().plot;
    const [across, along] = [box.x, box.y].map(({ low, high }) => (high - low) / 200);
    const narrow = { ...two, covariances: [[[across ** 2, 0], [0, (100 * along) ** 2]], identity] }; // prettier-ignore
    const flat = { ...two, covariances: [[[(100 * across) ** 2, 0], [0, along ** 2]], identity] }; // prettier-ignore
    for (const mixture of [narrow, flat]) {
      const place = badgePlace(mixture, 0, view(), space.em);
      const away = Math.hypot(place.x - place.mean.x, place.y - place.mean.y);
      expect(away).toBeGreaterThan(space.em);
      expect(away).toBeLessThan(2.5 * space.em);
      expect(place.x === place.mean.x).toBe(mixture === flat);
    }
  });

  test("from the ninth component on, other shapes", () => {
    expect(componentSwatch(8)).toEqual({ colour: "--component-1", shape: "triangle" });
  });

  test("the least likely rows are marked", () => {
    expect(below(few, two, -10)).toEqual([4]);
    const marks = flattened(dataScene(view({ marked: [4] }), space).marks);
    const rings = marks.filter(({ mark }) => mark.kind === "dots" && mark.palette[0].shape === "ring"); // prettier-ignore
    expect((rings[0].mark as Dots).x.length).toBe(1);
  });

  test("what is at a pixel: a row, a mean, an ellipse, nothing", () => {
    const seen = view();
    const at = (x: number, y: number) => ({ x: seen.plot.toX(x), y: seen.plot.toY(y), em: 12 });
    const finder = new RowFinder(seen.places);
    expect(finder.nearest(at(5, 5).x + 3, at(5, 5).y, 18)).toBe(4);
    expect(finder.nearest(at(5, 2).x, at(5, 2).y, 18)).toBeNull();
    const sign = { ...badgePlace(two, 1, seen, 12), em: 12 };
    expect(hitComponent(seen, null, sign)).toEqual({ k: 1, sure: true });
    expect(hitComponent(seen, null, at(1.8, 1.8))).toEqual({ k: 0, sure: false });
    expect(hitComponent(seen, null, at(5, 5))).toBeNull();
  });

  test("in words", () => {
    expect(describeData(few, two, [0, 1])).toBe(
      "Scatter plot of left and right, 5 rows, with 2 components: 1 at 0, 0 (50 %); 2 at 10, 10 (50 %).",
    );
    expect(describeData(few, two, [0, 1], 7)).toMatch(/7 rows drawn from the mixture, hollow\.$/);
    expect(rowLines(few, 2, null)).toEqual(["Row 3", "left: 1", "right: missing"]);
    expect(rowLines(few, 0, two)).toContain("component 1: 100 %");
  });

  test("drawn rows lie over the data, in one dimension as in two", () => {
    const hollow: Mark[] = [{ kind: "path", d: "M1 2Z", stroke: "--component-1" }];
    const marks = flattened(dataScene(view({ hollow }), space).marks).map(({ mark }) => mark);
    expect(marks.indexOf(hollow[0])).toBeGreaterThan(
      marks.findIndex(({ kind }) => kind === "dots"),
    );
  });

  test("a path is drawn from the first means to the last", () => {
    const trail = [[[5, 5], [6, 6]], [[2, 2], [8, 8]]]; // prettier-ignore
    const seen = view({ trail, contours: false, ellipses: false });
    const from = `M${Math.round(seen.plot.toX(5) * 100) / 100} `;
    const paths = flattened(dataScene(seen, space).marks).map(({ mark }) => mark.kind === "path" ? mark.d : ""); // prettier-ignore
    expect(paths.some((d) => d.startsWith(from) && d.split("L").length === 3)).toBe(true);
  });
});

test("one feature: bins and curves above zero, rows below", () => {
  const one = points(
    ["x"],
    Array.from({ length: 50 }, (_, i) => [Math.sin(i) * 3]),
  );
  const mixture: Mixture = {
    weights: [1],
    means: [[0]],
    covariances: [[[4]]],
    noise: null,
    dof: null,
    spikes: null,
  };
  const values = binned(one, 0);
  const found = densityView(values, 0, mixture, { x: extent(one, 0), space });
  expect(found.plot.y.ticks[0].at).toBe(0);
  expect(found.plot.y.high).toBeGreaterThan(values.highest);
  const strip = stripPlaces(one, 0, found.plot);
  expect(Math.min(...strip.y)).toBeGreaterThan(found.plot.toY(0));
  const rows = { places: strip, colours: colours(one, mixture, null, "hard"), marked: [], hollow: [], trail: [[[1]]] }; // prettier-ignore
  expect(texts(densityScene(found, space, rows))).toEqual(expect.arrayContaining(["1", "↑ density", "x →"])); // prettier-ignore
});

test("a view is made larger about a place, and never leaves the data", () => {
  const whole = { x: { low: 0, high: 10 }, y: { low: 0, high: 10 } };
  expect(zoomed(whole, { x: 5, y: 0 }, 0.5, whole)).toEqual({ x: { low: 2.5, high: 7.5 }, y: { low: 0, high: 5 } }); // prettier-ignore
  expect(shifted(whole, 9, 0, whole).x.low).toBe(10);
  expect(zoomed(whole, { x: 5, y: 5 }, 1e9, whole).x).toEqual({ low: -15, high: 25 });
});

const steps = (heights: number[]): Frames => ({
  stride: 1,
  frames: heights.map((height, iteration) => ({
    iteration,
    log_likelihood: height,
    n_rows: iteration === 0 ? 50 : 100,
    accelerated: iteration === 2,
    mixture: two,
  })),
});

describe("likelihood", () => {
  const { frames } = steps([-500, -400, -390, -390]);

  test("rises, and is found again by its place", () => {
    const seen = likelihoodView(frames, false, space);
    expect(seen.plot.toY(-390)).toBeLessThan(seen.plot.toY(-500));
    expect(frameAt(seen, seen.plot.toX(2) + 2)).toBe(2);
    expect(frameAt(seen, -50)).toBe(0);
    const labels = texts(likelihoodScene(seen, 1, { total: 100, space }));
    expect(labels).toEqual(expect.arrayContaining(["0", "1", "2", "3"]));
    expect(labels.filter((label) => label.includes(".5"))).toEqual([]);
  });

  test("shortfall on a log scale; what has none is left out", () => {
    const seen = likelihoodView(frames, true, space);
    expect(seen.heights[0]).toBeCloseTo(Math.log10(110));
    expect(seen.heights.slice(2)).toEqual([NaN, NaN]);
    expect(seen.plot.y.ticks.every(({ label }) => label.startsWith("10"))).toBe(true);
  });

  test("a single plot", () => {
    const seen = likelihoodView(frames.slice(0, 1), true, space);
    expect(() => likelihoodScene(seen, 0, { total: 1, space })).not.toThrow();
  });
});

describe("criteria", () => {
  const candidate = (k: number, bic: number | null, type: StructureName = "full"): Candidate => ({
    n_components: k,
    covariance_type: type,
    log_likelihood: -1,
    n_parameters: k,
    bic,
    aic: bic && bic - 5,
    icl: bic && bic + 5,
    converged: true,
    collapsed: k === 3,
    failure: bic === null ? "no volume" : null,
    relative_entropy: null,
  });
  const one = [candidate(1, 100), candidate(2, 80), candidate(3, 90), candidate(4, null)];

  test("of one structure: the deciding criterion first", () => {
    const lines = series(one, "icl");
    expect(lines.map(({ name, decides }) => [name, decides])).toEqual([["ICL", true], ["BIC", false], ["AIC", false]]); // prettier-ignore
    expect(lines[0].entries.map(({ value }) => value)).toEqual([105, 85, 95, null]);
  });

  test("of several: a line for each", () => {
    const lines = series([...one, candidate(1, 70, "diag")], "bic");
    expect(lines.map(({ name }) => name)).toEqual(["full", "diag"]);
  });

  test("the best is marked; a click finds the nearest", () => {
    const seen = criterionView(series(one, "bic"), "bic", space);
    const scene = criterionScene(seen, 1, space);
    expect(text(scene, "best: K = 2").atX).toBeGreaterThan(seen.plot.left + seen.plot.toX(2));
    const { x, y } = entryPlace(seen, seen.lines[0].entries[1]);
    expect(candidateAt(seen, x + 4, y - 4)).toBe(1);
    expect(texts(scene)).toEqual(expect.arrayContaining(["1", "2", "3", "4", "BIC"]));
  });

  test("none could be fitted", () => {
    const none = criterionView(series([candidate(1, null)], "bic"), "bic", space);
    expect(() => criterionScene(none, null, space)).not.toThrow();
  });
});

test("log-densities: the rows below the threshold stand apart, far ones at the end", () => {
  const sorted = Float64Array.from([-1e9, -Infinity, ...Array.from({ length: 100 }, (_, i) => -5 + i / 50)]).sort(); // prettier-ignore
  const seen = stripView(sorted, -4.5, space);
  expect(seen.cut).toBeGreaterThan(-20);
  expect(seen.fromX(seen.toX(-4.5))).toBeCloseTo(-4.5);
  const marks = flattened(stripScene(seen, -4.5, space).marks);
  expect(marks.every(({ mark }) => mark.kind !== "path" || !mark.d.includes("NaN"))).toBe(true);
});

test("a matrix has its cells in rows and columns", () => {
  const layout = grid(space, 2);
  const [x, y] = corner(layout, 1, 0);
  expect(x + layout.side).toBeCloseTo(600);
  expect(y).toBeLessThan(corner(layout, 1, 1)[1]);
  const scene = matrixScene(
    {
      points: few,
      columns: [0, 1],
      extents: [extent(few, 0), extent(few, 1)],
      colours: view().colours,
      mixture: two,
      ellipses: true,
      chosen: [0, 1],
    },
    layout,
    space,
  );
  expect(scene.marks.filter(({ kind }) => kind === "group").length).toBe(4);
  expect(texts(scene)).toEqual(["left", "left", "right", "right"]);
});

describe("svg", () => {
  const scene = titled(dataScene(view({ marked: [4], trail: [two.means] }), space), "A <b> & c");
  const document_ = svg(scene, (token) => (token === "--surface" ? [255, 255, 255] : [1, 2, 3]), "A <b> & c", "sans-serif"); // prettier-ignore
  const parsed = new DOMParser().parseFromString(document_, "image/svg+xml");

  test("is well formed, titled, on white", () => {
    expect(parsed.querySelector("parsererror")).toBeNull();
    expect(parsed.querySelector("title")!.textContent).toBe("A <b> & c");
    expect(parsed.querySelector("path")!.getAttribute("fill")).toBe("#ffffff");
    expect(document_).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("refers to nothing outside", () => {
    const addresses = document_.replace('xmlns="http://www.w3.org/2000/svg"', "");
    expect(addresses).not.toMatch(/https?:|href|@import|<script|<image|style=/);
    for (const [, id] of document_.matchAll(/url\(#([^)]*)\)/g)) {
      expect(parsed.getElementById(id)).not.toBeNull();
    }
  });

  test("has a mark for each drawn row", () => {
    expect(parsed.querySelectorAll("g[fill-opacity] > circle").length).toBe(4 + 1);
  });
});

describe("raster", () => {
  const one = (changes: Partial<Dots> = {}): Dots => ({
    ...dots({ x: Float32Array.of(5.5), y: Float32Array.of(5.5) }, { palette: [componentSwatch(0)], labels: new Uint8Array(1), shares: null }, 12), // prettier-ignore
    radius: 3,
    opacity: 1,
    rim: false,
    ...changes,
  });
  const pixel = (raster: Raster, x: number, y: number) => [
    ...raster.data.subarray(4 * (y * raster.width + x), 4 * (y * raster.width + x) + 4),
  ];

  test("a dot covers its middle, not its surroundings", () => {
    const raster = new Raster(12, 12);
    raster.dots(one(), 1, () => [10, 20, 30]);
    expect(pixel(raster, 5, 5)).toEqual([10, 20, 30, 255]);
    expect(pixel(raster, 0, 0)).toEqual([0, 0, 0, 0]);
    raster.clear();
    expect(pixel(raster, 5, 5)).toEqual([0, 0, 0, 0]);
  });

  test("a dot over another is mixed as light lies over light", () => {
    const raster = new Raster(12, 12);
    raster.dots(one({ opacity: 0.5 }), 1, () => [200, 0, 0]);
    raster.dots(one({ opacity: 0.5 }), 1, () => [0, 200, 0]);
    const [red, green, blue, opacity] = pixel(raster, 5, 5);
    expect(opacity).toBeCloseTo(191, -1);
    expect(red / green).toBeCloseTo(0.5, 1);
    expect(blue).toBe(0);
  });

  test("at the edge nothing comes out on the other side", () => {
    const raster = new Raster(12, 12);
    const places_ = { x: Float32Array.of(0, 11.9, 6, NaN), y: Float32Array.of(6, 6, 0, 6) };
    raster.dots(one({ ...places_, labels: new Uint8Array(4) }), 1, black);
    const covered = (x: number, y: number) => pixel(raster, x, y)[3] > 0;
    expect([covered(0, 6), covered(11, 6), covered(6, 0)]).toEqual([true, true, true]);
    expect([covered(6, 6), covered(6, 11), covered(0, 11), covered(11, 0)]).toEqual([false, false, false, false]); // prettier-ignore
  });

  test("at the left edge nothing comes out a row higher on the right", () => {
    const raster = new Raster(12, 12);
    raster.dots(one({ x: Float32Array.of(0), y: Float32Array.of(6) }), 1, black);
    for (let y = 0; y < 12; y++) expect(pixel(raster, 11, y)[3]).toBe(0);
  });

  test("soft colours are mixed by shares", () => {
    const palette: Palette = (token) => (token === "--component-1" ? [255, 0, 0] : [0, 0, 255]);
    const shared = one({ palette: [componentSwatch(0), componentSwatch(1)], shares: Float64Array.of(0.5, 0.5) }); // prettier-ignore
    expect([...dotColours(shared, palette)]).toEqual([180, 0, 180]);
  });
});
