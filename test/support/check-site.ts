/** A site that is a function, for rules of the checker: what is asked goes in, what it answers comes out. */
import assert from 'node:assert/strict';
import { type ContextMeans, makeContext, type RunContext, type SignIn } from '../../src/check/context.ts';
import { type Answer, type Probe } from '../../src/core/answer.ts';
import { NotSeen, type Outcome, type Rule, type SiteFacts } from '../../src/core/rule.ts';

/** An https site that is known over plain http too. */
export const SITE: SiteFacts = {
  origin: 'https://files.example',
  host: 'files.example',
  hostname: 'files.example',
  target: '/',
  secure: true,
  loopback: false,
  plain: 'http://files.example',
  burst: 0,
};

/** What a site answers: what is left out is a page that says nothing. */
export interface Said {
  readonly status?: number;
  /** Names and values in turn. */
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** A context over a site of one function. */
export function contextOf(
  answer: (probe: Probe, cookie: string) => Said,
  site: Partial<SiteFacts> = {},
  signIn?: SignIn,
  means?: ContextMeans,
): RunContext {
  const facts = { ...SITE, ...site };
  return makeContext(
    async (probe, cookie = ''): Promise<Answer> => {
      const { status = 200, headers = [], body = '<title>Front</title>' } = answer(probe, cookie);
      const origin = probe.plain === true ? facts.plain : facts.origin;
      return {
        method: probe.method ?? 'GET',
        url: `${origin}${probe.target ?? facts.target}`,
        status,
        rawHeaders: ['Content-Type', 'text/html', ...headers],
        body,
      };
    },
    facts,
    signIn,
    means,
  );
}

/** What a rule of a room ends with. */
export async function runRule(rules: readonly Rule[], id: string, context: RunContext): Promise<Outcome> {
  const rule = rules.find((one) => one.id === id);
  assert.ok(rule !== undefined, id);
  try {
    return await rule.run(context);
  } catch (error) {
    if (error instanceof NotSeen) return { outcome: 'not-seen', why: error.message };
    throw error;
  }
}

/** The same in a word for each fault: `held`, `not-seen`, or the levels. */
export async function verdictOf(
  rules: readonly Rule[],
  id: string,
  context: RunContext,
): Promise<readonly string[]> {
  const outcome = await runRule(rules, id, context);
  return outcome.outcome === 'fell-short' ? outcome.faults.map(({ level }) => level) : [outcome.outcome];
}
