/** A list of the items at the beginning, up to the first for which it does not hold. `place`: from 0 on. */
export function leading<T>(items: T[], holds: (item: T, place: number) => boolean): T[] {
  const first = items.findIndex((item, place) => !holds(item, place));
  return items.slice(0, first < 0 ? items.length : first);
}
