/**
 * Does each of several things, in their order, whatever became of the others.
 *
 * @throws the first error, once all are done
 */
export async function attemptAll(things: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const thing of things) {
    try {
      await thing();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
