import { ApiError, get, whenUnreachable } from "../api/client";
import type { About, Example, Problem } from "../api/types";

const AGAIN = 2000;

/** Whether the server is there, and what it has to offer. */
class Server {
  about = $state.raw<About | null>(null);
  examples = $state.raw<Example[]>([]);
  reachable = $state(true);
  /** Why it does not speak with this page, though it is there. */
  refusal = $state.raw<Problem | null>(null);
  /** How often the server came back. */
  returns = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    whenUnreachable(() => this.#lost());
  }

  /** Ask the server what it is; again and again until it answers. */
  async ask(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      const [about, examples] = await Promise.all([
        get<About>("about"),
        get<Example[]>("examples"),
      ]);
      [this.about, this.examples] = [about, examples];
      if (!this.reachable) this.returns++;
      this.reachable = true;
      this.refusal = null;
    } catch (error) {
      this.refusal =
        error instanceof ApiError && error.status >= 400 && error.status < 500
          ? error.problem
          : null;
      this.#lost();
    }
  }

  #lost(): void {
    this.reachable = false;
    this.#timer ??= setTimeout(() => void this.ask(), AGAIN);
  }
}

export const server = new Server();
