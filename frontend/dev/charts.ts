// Every chart in many states, for those who work on them: `npm run dev`, then /dev/charts.html.
import { mount } from "svelte";

import "../src/app.css";
import Gallery from "./Gallery.svelte";

const theme = new URLSearchParams(location.search).get("theme");
if (theme !== null) document.documentElement.dataset.theme = theme;
export default mount(Gallery, { target: document.getElementById("app")! });
