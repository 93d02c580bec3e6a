/** All charts. They show what their properties say, and know nothing of the page. */
export { default as CriterionChart } from "./CriterionChart.svelte";
export { default as DataChart } from "./DataChart.svelte";
export { default as DensityStrip } from "./DensityStrip.svelte";
export { default as Legend } from "./Legend.svelte";
export { default as LikelihoodChart } from "./LikelihoodChart.svelte";
export { default as ResponsibilityBars } from "./ResponsibilityBars.svelte";
export { default as ScatterMatrix } from "./ScatterMatrix.svelte";
export type * from "./types";
/** For tables and texts that are linked to the charts by colour, and write numbers as they do. */
export { componentColour, componentSwatch, PLAIN } from "./painting/colours";
export { saveBlob } from "./painting/download";
export { default as Sign } from "./Sign.svelte";
