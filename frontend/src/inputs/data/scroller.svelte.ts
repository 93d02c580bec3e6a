/** A box that scrolls over a long table: how far, and how large it and its rows are. */
class Scroller {
  element: HTMLElement | null = null;
  scroll = $state(0);
  height = $state(300);
  /** Height of a row, and of the head that stays in sight. */
  row = $state(32);
  head = $state(32);

  readonly attach = (element: HTMLElement) => {
    this.element = element;
    const measure = () => {
      this.height = element.clientHeight;
      const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
      this.row = Math.round(2 * rem) || 32;
      this.head = element.querySelector("thead")?.getBoundingClientRect().height || this.row;
    };
    const follow = () => (this.scroll = element.scrollTop);
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    element.addEventListener("scroll", follow, { passive: true });
    measure();
    return () => {
      watch.disconnect();
      element.removeEventListener("scroll", follow);
    };
  };

  scrollTo(top: number): void {
    if (this.element === null || top === this.element.scrollTop) return;
    this.element.scrollTop = top;
    this.scroll = this.element.scrollTop;
  }
}

export function scroller(): Scroller {
  return new Scroller();
}
