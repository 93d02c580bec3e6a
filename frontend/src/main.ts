import { mount } from "svelte";

import App from "./App.svelte";
// Last: it overrules the styles of the parts.
import "./app.css";

export default mount(App, { target: document.getElementById("app")! });
