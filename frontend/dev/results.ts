// The results by themselves: ?data=faithful&k=3&covariance_type=tied&theme=dark. Needs a server.
import { mount } from "svelte";

import { post } from "../src/api/client";
import type { Dataset, Settings } from "../src/api/types";
import "../src/app.css";
import Results from "../src/results/Results.svelte";
import { run } from "../src/state/run.svelte";
import { view, type Panel } from "../src/state/view.svelte";
import { table } from "./tables";

const asked = new URLSearchParams(location.search);
document.documentElement.dataset.theme = asked.get("theme") ?? "light";
const target = document.getElementById("app")!;
target.style.padding = "1rem";
mount(Results, { target, props: { stale: asked.has("stale") } });
Object.assign(window, { run, view });
view.panel = (asked.get("panel") ?? "parameters") as Panel;

const settings: Settings = {
  n_components: Number(asked.get("k") ?? 2),
  max_iter: Number(asked.get("max_iter") ?? 100),
  tol: Number(asked.get("tol") ?? 1e-4),
  covariance_type: asked.get("covariance_type") ?? "full",
  init_params: asked.get("init") ?? "auto",
  n_init: asked.has("n_init") ? Number(asked.get("n_init")) : "auto",
  means_init: null,
  seed: Number(asked.get("seed") ?? 0),
  stopping: "auto",
  acceleration: "none",
  reg_covar: "auto",
  equal_weights: false,
  prior: "none",
  missing: "em",
  noise: asked.has("noise"),
  family: asked.get("family") ?? "gaussian",
  standardize: false,
};
const data = await table(asked.get("data") ?? "sample");
const dataset = await post<Dataset>("datasets", data);
await run.start({ dataset: dataset.id, columns: data.columns, weights: null, settings });
