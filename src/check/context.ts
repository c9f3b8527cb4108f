/** What rules can do in one run: every request of theirs goes through here. */
import { type Answer, answered, headerValues, isHtml, type Probe, redirectOf } from '../core/answer.ts';
import {
  type AccountWays,
  NotSeen,
  type RuleContext,
  type SiteFacts,
  UNKNOWN_PATH,
  type Visitor,
} from '../core/rule.ts';
import type { Handshake, HandshakeOffer } from '../core/handshake.ts';
import { crawl } from './outside/crawl.ts';
import { newVisitor } from './outside/visitor.ts';

/** Signs a visitor in, by whatever requests that takes. */
export type SignIn = (visitor: Visitor) => Promise<void>;

/** A context, and what the runner does with it besides. */
export interface RunContext extends RuleContext {
  /** Values that no report may show. */
  readonly secrets: ReadonlySet<string>;
  /** What rules have changed there. */
  readonly changes: readonly string[];
  /** Keeps a value out of the report, whatever its length. */
  readonly hide: (value: string) => void;
}

/** What a context needs besides sending. */
export interface ContextMeans {
  /** Default: no TLS to shake hands over. */
  readonly handshake?: (offer: HandshakeOffer) => Promise<Handshake>;
  /** Default: somebody can be signed in at most. */
  readonly account?: AccountWays;
}

const MOST_REDIRECTS = 5;
const HARMLESS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Sends one request, with a Cookie line where it is given one. */
export type Send = (probe: Probe, cookie?: string) => Promise<Answer>;

/** One context for all rules of a run. */
export function makeContext(
  sendOut: Send,
  site: SiteFacts,
  signIn?: SignIn,
  { handshake = noHandshake, account }: ContextMeans = {},
): RunContext {
  const changes: string[] = [];
  const asked = new Map<string, Promise<Answer>>();
  const secrets = new Set<string>();
  const send: Send = async (probe, cookie) => {
    const answer = await sendOut(probe, cookie);
    for (const line of headerValues(answer, 'set-cookie')) note(secrets, valueOf(line));
    return answer;
  };
  const visit = (cookies?: ReadonlyMap<string, string>): Visitor =>
    newVisitor(send, (value) => note(secrets, value), cookies);
  const first = once(() => arrive(visit(), site));
  const signedIn = once(async () => {
    const visitor = visit();
    if (signIn === undefined) throw new NotSeen(NO_ACCOUNT);
    await signIn(visitor);
    return visitor;
  });
  const askOnce = async (probe: Probe = {}): Promise<Answer> => {
    if (!HARMLESS.has(probe.method ?? 'GET')) throw new Error(`${probe.method} may change something`);
    const key = JSON.stringify(probe);
    const known = asked.get(key);
    if (known !== undefined) return known;
    const answer = send(probe);
    asked.set(key, answer);
    return answer;
  };
  const page = async (): Promise<Answer> => {
    const { last } = await first();
    if (last.status === 200 && isHtml(last)) return last;
    throw new NotSeen(`${whyNoPage(last, site)}: give the address of a page`);
  };
  return {
    site,
    secrets,
    changes,
    hide(value) {
      if (value !== '') secrets.add(value);
    },
    ask: (probe) => send(probe),
    askOnce,
    page,
    crawl: once(async () => crawl((target) => askOnce({ target }), await page(), site.origin)),
    handshake,
    changed: (what) => void changes.push(what),
    ordinary: once(async () => {
      const { visitor } = await first();
      // With the cookies that it was given, as anybody has on a second page.
      if (visitor.cookies.size > 0) await visitor.ask();
      return [...visitor.answers, await visitor.ask({ target: UNKNOWN_PATH })];
    }),
    visit,
    hasAccount: signIn !== undefined,
    signedIn,
    crawlSignedIn: once(async () => {
      const visitor = await signedIn();
      const start = await arrive(visitor, site);
      if (start.last.status !== 200 || !isHtml(start.last))
        throw new NotSeen(`${answered(start.last)} to who is signed in`);
      return crawl((target) => visitor.ask({ target }), start.last, site.origin);
    }),
    account() {
      if (account === undefined) throw new NotSeen(NO_PROFILE);
      return account;
    },
  };
}

/** What to hand over where a rule needs to be signed in. */
const NO_PROFILE = 'there is no profile of an account: hand one over (signIn)';
export const NO_ACCOUNT = 'nobody is signed in: hand over an account (signIn)';

async function noHandshake(): Promise<Handshake> {
  throw new NotSeen('there is no TLS to shake hands over');
}

/** Follows redirects, within the site alone. */
async function arrive(visitor: Visitor, { origin }: SiteFacts): Promise<Arrival> {
  let answer = await visitor.ask();
  for (let hops = 0; hops < MOST_REDIRECTS; hops += 1) {
    const next = redirectOf(answer);
    if (next === undefined || next.origin !== origin) break;
    answer = await visitor.ask({ target: `${next.pathname}${next.search}` });
  }
  return { visitor, last: answer };
}

interface Arrival {
  readonly visitor: Visitor;
  readonly last: Answer;
}

function whyNoPage(answer: Answer, { origin }: SiteFacts): string {
  const next = redirectOf(answer);
  if (next !== undefined && next.origin !== origin) return `${answer.url} leads away, to ${next.origin}`;
  if (next !== undefined) return `${answer.url} leads from one redirect to the next`;
  return answer.status === 200 ? `${answer.url} is no HTML page` : answered(answer);
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let promise: Promise<T> | undefined;
  return () => (promise ??= work());
}

/** Short cookies are words, such as `dark`, and hide nothing; cutting them would cut words out of reports. */
function note(secrets: Set<string>, value: string): void {
  if (value.length >= 8) secrets.add(value);
}

function valueOf(line: string): string {
  const pair = line.split(';', 1)[0] ?? '';
  return pair.slice(pair.indexOf('=') + 1).trim();
}
