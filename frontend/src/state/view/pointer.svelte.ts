/** What the pointer, or the keyboard, is on: the same in all charts and tables. */
class Pointer {
  /** Number of a row of the table, from 1. */
  row = $state<number | null>(null);
  /** A component, from 0. */
  component = $state<number | null>(null);

  readonly to = ({ row, component }: Pick<Pointer, "row" | "component">): void => {
    [this.row, this.component] = [row, component];
  };
}

export const pointer = new Pointer();
