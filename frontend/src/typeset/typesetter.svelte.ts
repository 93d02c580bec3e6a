import type { KatexOptions } from "katex";

type Render = (tex: string, element: HTMLElement, options?: KatexOptions) => void;

/** KaTeX, which comes after the first paint: it is as large as the rest of the page. */
class Typesetter {
  /** Builds nodes: a string of HTML would break the content security policy. Null until it is there. */
  render = $state.raw<Render | null>(null);
  failed = $state(false);
  #loading: Promise<void> | null = null;

  load(): Promise<void> {
    return (this.#loading ??= this.#fetch());
  }

  async #fetch(): Promise<void> {
    try {
      const [{ default: katex }] = await Promise.all([
        import("katex"),
        import("katex/dist/katex.min.css"),
      ]);
      this.render = katex.render;
      this.failed = false;
    } catch {
      this.#loading = null;
      this.failed = true;
    }
  }
}

export const typesetter = new Typesetter();
