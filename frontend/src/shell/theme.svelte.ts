export type Theme = "system" | "light" | "dark";

export const THEMES: readonly Theme[] = ["system", "light", "dark"];
const PLACE = "theme";

/** Light or dark, as the system has it or as it is chosen here; remembered by the browser. */
class Appearance {
  theme = $state<Theme>(remembered());

  constructor() {
    this.#show();
  }

  choose(theme: Theme): void {
    this.theme = theme;
    this.#show();
    try {
      localStorage.setItem(PLACE, theme);
    } catch {
      // Forgotten with the page, where the browser stores nothing.
    }
  }

  #show(): void {
    const { dataset } = document.documentElement;
    if (this.theme === "system") delete dataset.theme;
    else dataset.theme = this.theme;
  }
}

function remembered(): Theme {
  try {
    const known = localStorage.getItem(PLACE);
    return THEMES.find((theme) => theme === known) ?? "system";
  } catch {
    return "system";
  }
}

export const appearance = new Appearance();
