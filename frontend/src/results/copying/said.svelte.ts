import { copy } from "./clipboard";

/** What the live region of the results says, and text that could not be copied. */
class Said {
  words = $state("");
  /** Text that the browser did not let us copy: it is shown, to be copied by hand. */
  byHand = $state<string | null>(null);
  #again = false;

  say(words: string): void {
    // A region says nothing if its text stays the same: a space makes it another.
    this.#again = !this.#again;
    this.words = this.#again ? words : `${words}\u00a0`;
  }

  async copy(text: string, what: string): Promise<boolean> {
    const done = await copy(text);
    if (done) this.say(`Copied: ${what}`);
    else {
      this.byHand = text;
      this.say("The browser does not let the page copy. The text is shown, to be copied by hand.");
    }
    return done;
  }
}

export const said = new Said();
