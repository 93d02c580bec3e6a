export { default as Choice } from "./Choice.svelte";
export { default as KMeansPanel } from "./KMeansPanel.svelte";
export { default as NewRows } from "./NewRows.svelte";
export { default as RowsPanel } from "./RowsPanel.svelte";
export { default as Steps } from "./Steps.svelte";
