/** What comes together, one after the other. */
export async function* singly<T>(groups: AsyncIterable<T[]>): AsyncGenerator<T> {
  for await (const group of groups) yield* group;
}
