/** What `check` asks of an application about limits. A limit shows by what answers say, or by being met. */
import { type Answer, answered, headerOf, headerValues, type Probe } from '../../core/answer.ts';
import {
  fault,
  fellShort,
  held,
  judged,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
  UNKNOWN_PATH,
} from '../../core/rule.ts';

const FIX = 'put Bulwark in front of everything the application answers, with rateLimit: {} in its policy';
/** At once; far below what a server takes for an attack by itself. */
const AT_ONCE = 20;
/** Pairs of requests, where both answers of one say that as many are left. */
const PAIRS = 3;

/** Rules about limits. They run alone, since they use up requests that other rules need. */
export const rateLimitRules: readonly Rule[] = [
  {
    id: 'rate.page',
    title: 'Requests of one client are limited',
    level: 'warning',
    guide: 8,
    asvs: ['v5.0.0-2.4.1 (in part)'],
    cwe: ['CWE-770'],
    needs: 'site',
    alone: true,
    run: (context) => checkLimit(context, { limited: true }),
  },
  {
    id: 'rate.unknown-path',
    title: 'Unknown paths count against the limit too',
    level: 'warning',
    guide: 8,
    asvs: ['v5.0.0-2.4.1 (in part)'],
    cwe: ['CWE-770'],
    needs: 'site',
    alone: true,
    run: (context) => checkLimit(context, { target: UNKNOWN_PATH, limited: true }),
  },
];

async function checkLimit(context: RuleContext, probe: Probe): Promise<Outcome> {
  const { ask, site } = context;
  let seen = '';
  let sent = 0;
  for (let pair = 0; pair < PAIRS; pair += 1) {
    // At once: a limit of 200 a minute has another one after 300 ms, which is what a slow answer takes.
    const [first, second] = await Promise.all([ask(probe), ask(probe)]);
    sent += 2;
    const refused = [first, second].find(isRefusal);
    if (refused !== undefined) return met(refused, sent);
    const [fewer = NaN, more = NaN] = [leftOf(first), leftOf(second)].sort((a = NaN, b = NaN) => a - b);
    seen = answered(first);
    if (fewer < more) return held(`${seen} with ${more} left, then ${fewer}`);
    // Neither counts. Two that count alike may have been held up on their way.
    if (fewer !== more) break;
  }
  if (site.burst === 0) {
    return notSeen(
      'no answer counts down a limit, and none was looked for: say how many requests may be sent to find it (burst), where the host is yours',
    );
  }
  const started = performance.now();
  for (; sent < site.burst; sent += AT_ONCE) {
    const answers = await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, site.burst - sent) }, () => ask(probe)),
    );
    const refusal = answers.find(isRefusal);
    if (refusal !== undefined) return met(refusal, sent + answers.length);
  }
  const seconds = Math.max(1, Math.round((performance.now() - started) / 1000));
  return fellShort(
    'warning',
    'no limit was met, and none is announced',
    `${site.burst} requests within ${seconds} s: ${seen} and so on, none refused`,
    FIX,
  );
}

function isRefusal({ status }: Answer): boolean {
  return status === 429;
}

function met(refusal: Answer, sent: number): Outcome {
  const after = headerValues(refusal, 'retry-after')[0];
  const evidence = `${answered(refusal)} within ${sent} requests, Retry-After: ${after ?? 'none'}`;
  return judged(
    after !== undefined && after !== '0'
      ? []
      : [
          fault(
            'note',
            'a refused client is not told when to come back, and will hammer on',
            evidence,
            'answer 429 with Retry-After',
          ),
        ],
    evidence,
  );
}

/** How many requests are left, as RFC drafts and their forerunners have it. */
function leftOf(answer: Answer): number | undefined {
  const combined = headerOf(answer, 'ratelimit') ?? '';
  const written =
    /;\s*r=(\d+)/.exec(combined)?.[1] ??
    /remaining=(\d+)/i.exec(combined)?.[1] ??
    headerOf(answer, 'ratelimit-remaining') ??
    headerOf(answer, 'x-ratelimit-remaining') ??
    headerOf(answer, 'x-rate-limit-remaining');
  return written !== undefined && /^\d{1,9}$/.test(written) ? Number(written) : undefined;
}
