/** A row of FAULTS.md as a play: it opens its own scene, does what the row says, and checks the row's letters. */

export interface Row {
  number: number;
  title: string;
  /** `full`: with the row's own durations; otherwise with ones that are only just as long as what they test. */
  play(full: boolean): Promise<void>;
}

export function titleOf({ number, title }: Row): string {
  return `${number}. ${title}`;
}
