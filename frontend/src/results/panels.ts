export { default as Choice } from "./choice/Choice.svelte";
export { default as KMeansPanel } from "./kmeans/KMeansPanel.svelte";
export { default as NewRows } from "./new/NewRows.svelte";
export { default as PosteriorPanel } from "./posterior/PosteriorPanel.svelte";
export { default as RowsPanel } from "./rows/RowsPanel.svelte";
export { default as Steps } from "./steps/Steps.svelte";
