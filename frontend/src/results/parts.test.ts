import { flushSync, mount, unmount, type Component } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Note } from "../api/types";
import { pointer } from "../state/view/pointer.svelte";
import { changed, sample } from "../testing/fits";
import { said } from "./copying/said.svelte";
import NumberTable from "./figures/NumberTable.svelte";
import {
  correlationTables,
  deviationTable,
  parameterTable,
  responsibilityTable,
  varianceTable,
} from "./figures/tables";
import StatusLine from "./status/StatusLine.svelte";
import Trouble from "./status/Trouble.svelte";
import TabsOfThree from "./TabsOfThree.svelte";

const adopt = vi.hoisted(() => vi.fn());
vi.mock("../state/calculator/calculator", () => ({ adopt }));

let shown: Record<string, unknown> | undefined;
let copied: string[];

function show(component: Component<any>, props: object = {}): HTMLElement {
  shown = mount(component, { target: document.body, props });
  flushSync();
  return document.body;
}

beforeEach(() => {
  copied = [];
  const writeText = async (text: string) => void copied.push(text);
  Object.defineProperty(navigator, "clipboard", { value: { writeText }, configurable: true });
});

afterEach(async () => {
  if (shown) await unmount(shown);
  shown = undefined;
  document.body.innerHTML = "";
});

const { result } = sample;
const press = (element: Element, key: string) => {
  element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  flushSync();
};

test("a table of numbers shows few digits, and copies all of them", async () => {
  const body = show(NumberTable, parameterTable(result));
  const cell = body.querySelector<HTMLButtonElement>('[data-cell="0,1"]')!;
  const mean = result.mixture.means[0][0];
  expect(cell.textContent).toBe(mean.toFixed(3));
  expect(cell.title).toContain(String(mean));
  cell.click();
  await vi.waitFor(() => expect(copied).toEqual([String(mean)]));
  await vi.waitFor(() => expect(said.words.trim()).toBe(`Copied: ${mean}`));
});

test("the whole table is copied with its heads, at full precision", async () => {
  const body = show(NumberTable, parameterTable(result));
  body.querySelector<HTMLButtonElement>(".copy")!.click();
  await vi.waitFor(() => expect(copied).toHaveLength(1));
  const lines = copied[0]
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  expect(lines[0].slice(1)).toEqual(["Weight", "X1", "X2"]);
  expect(lines[1].slice(1).map(Number)).toEqual([
    result.mixture.weights[0],
    ...result.mixture.means[0],
  ]);
});

test("one stop of the tab key; the arrows move", () => {
  const body = show(NumberTable, parameterTable(result));
  const stops = () =>
    [...body.querySelectorAll(".figure")].filter((one) => one.getAttribute("tabindex") === "0");
  expect(stops()).toHaveLength(1);
  const table = body.querySelector("table")!;
  press(table, "ArrowDown");
  press(table, "End");
  expect(stops()).toHaveLength(1);
  expect((document.activeElement as HTMLElement).dataset.cell).toBe("1,2");
  press(table, "ArrowDown");
  expect((document.activeElement as HTMLElement).dataset.cell).toBe("1,2");
});

test("a component is lit wherever it is pointed at", () => {
  const body = show(NumberTable, parameterTable(result));
  const [, second] = body.querySelectorAll("tbody tr");
  second.dispatchEvent(new Event("pointerenter"));
  flushSync();
  expect(pointer.component).toBe(1);
  expect(second.classList).toContain("lit");
  second.dispatchEvent(new Event("pointerleave"));
  expect(pointer.component).toBeNull();
});

test("components of the same colour have marks of different shapes, the noise has its own", () => {
  const noise = { weight: 0.1, log_density: -3, lowest: [0, 0], highest: [1, 1] };
  const nine = <T>(value: T) => Array<T>(9).fill(value);
  const [mean, covariance] = [result.mixture.means[0], result.mixture.covariances[0]];
  const mixture = { weights: nine(0.1), means: nine(mean), covariances: nine(covariance) };
  const told = changed(result, { mixture: { ...mixture, noise, dof: null, spikes: null } });
  const body = show(NumberTable, parameterTable(told));
  const marks = [...body.querySelectorAll<SVGElement>("tbody th svg")];
  const looks = marks.map((mark) => `${mark.style.fill} ${mark.innerHTML}`);
  expect(marks).toHaveLength(10);
  expect(new Set(looks).size).toBe(10);
  expect(marks[8].style.fill).toBe(marks[0].style.fill);
  expect(looks[9]).toContain("--soft-ink");
});

test("without a clipboard the text is shown, to be copied by hand", async () => {
  Object.defineProperty(navigator, "clipboard", { value: undefined, configurable: true });
  expect(await said.copy("1.5", "1.5")).toBe(false);
  expect(said.byHand).toBe("1.5");
  said.byHand = null;
});

test("tabs go round by the arrows, and one panel is shown", () => {
  const body = show(TabsOfThree);
  const chosen = () => body.querySelector('[role=tab][aria-selected="true"]')!;
  expect(chosen().textContent).toBe("A");
  press(chosen(), "ArrowLeft");
  expect(chosen().textContent).toBe("C");
  expect(document.activeElement).toBe(chosen());
  expect(body.querySelector("[role=tabpanel]")!.textContent).toContain("panel c");
  press(chosen(), "Home");
  expect(chosen().textContent).toBe("A");
});

test("a warning with a remedy: one click adopts it", () => {
  const note: Note = { kind: "few_rows", text: "6 rows are few.", field: "covariance_type" };
  const settings = { n_components: 2, covariance_type: "full", prior: "none" };
  const props = { result: changed(result, { notes: [note] }), settings, status: "done" };
  const body = show(StatusLine, props);
  expect(body.textContent).toContain("6 rows are few.");
  body.querySelector("button")!.click();
  expect(adopt).toHaveBeenCalledWith({ covariance_type: "tied" });
});

test("a problem: what was got, what was wanted, what to do", () => {
  const problem = { code: "bad", message: "Too few rows", field: null, cells: [] };
  const body = show(Trouble, {
    problem: { ...problem, got: "2", wanted: "3", remedy: "Add rows." },
  });
  const alert = body.querySelector("[role=alert]")!;
  expect(alert.textContent!.replace(/\s+/g, " ").trim()).toBe(
    "Too few rows Got: 2; wanted: 3. Add rows.",
  );
});

test("deviations and correlations belong to the covariances", () => {
  const [[[a, b], [, c]]] = result.mixture.covariances;
  const deviations = deviationTable(result).rows[0].figures.map(({ value }) => value);
  expect(deviations).toEqual([Math.sqrt(a), Math.sqrt(c)]);
  const correlation = correlationTables(result)[0].rows[0].figures[1].value!;
  expect(correlation).toBeCloseTo(b / Math.sqrt(a * c), 12);
});

test("covariances that are the same are shown once", () => {
  const one = result.mixture.covariances[0];
  const mixture = { ...result.mixture, covariances: [one, one] };
  const tables = correlationTables(changed(result, { mixture }));
  expect(tables.map(({ caption }) => caption)).toEqual(["Correlations of all components"]);
});

test("noise has a weight and no mean; t components have degrees of freedom", () => {
  const noise = { weight: 0.1, log_density: -3, lowest: [0, 0], highest: [1, 1] };
  const mixture = { ...result.mixture, noise, dof: [4.5] };
  const table = parameterTable(changed(result, { mixture }));
  expect(table.columns).toEqual(["Weight", "X1", "X2", "d.f."]);
  expect(table.rows.map((row) => row.figures[3].text)).toEqual(["4.50", "4.50", ""]);
  expect(table.rows[2].figures.map(({ text }) => text)).toEqual(["0.1000", "", "", ""]);
});

test("responsibilities of an iteration: a row for each row, 1 together", () => {
  const { columns, rows } = responsibilityTable(result.mixture, sample.points);
  expect(columns).toEqual(["Component 1", "Component 2"]);
  expect(rows.map(({ head }) => head)).toEqual([1, 2, 3, 4, 5, 6].map((i) => `Row ${i}`));
  for (const { figures } of rows) {
    expect(figures.reduce((sum, { value }) => sum + value!, 0)).toBeCloseTo(1, 12);
  }
});

test("in one dimension: variances and deviations in one table", () => {
  const mixture = { ...result.mixture, means: [[1], [2]], covariances: [[[4]], [[9]]] };
  const table = varianceTable(changed(result, { columns: ["x"], mixture }));
  expect(table.rows.map((row) => row.figures.map(({ value }) => value))).toEqual([
    [4, 2],
    [9, 3],
  ]);
});
