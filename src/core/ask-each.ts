/** Asks for many addresses at once, where one that cannot be seen says nothing of the others. */
import type { Answer } from './answer.ts';
import { NotSeen, type RuleContext } from './rule.ts';

/** An address, what marks its answer, and what that is. */
export type Marked = readonly [target: string, mark: RegExp, what: string];

/**
 * Those that were answered, each with its mark.
 *
 * @param of - what they are, for the words where most were not answered
 * @throws NotSeen then
 */
export async function askEach(
  ask: RuleContext['ask'],
  all: readonly Marked[],
  of: string,
): Promise<readonly (readonly [answer: Answer, mark: RegExp, what: string])[]> {
  const answers = await Promise.all(
    all.map(async ([target, mark, what]): Promise<readonly [Answer, RegExp, string] | undefined> => {
      try {
        return [await ask({ target }), mark, what];
      } catch (error) {
        if (error instanceof NotSeen) return undefined;
        throw error;
      }
    }),
  );
  const seen = answers.filter((one) => one !== undefined);
  if (seen.length < all.length / 2)
    throw new NotSeen(`most of the addresses of such ${of} were not answered`);
  return seen;
}
