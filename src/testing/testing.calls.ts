/** What the calls of `bulwark/testing` take. */
import type { SignIn } from '../controls/sessions/sessions.ts';
import {
  amount,
  call,
  callback,
  type Calls,
  fields,
  flag,
  made,
  maybe,
  name,
  texts,
  word,
} from '../core/call.ts';

const some = made('an object with an entry or more, each named by what it shows', {});
const dictionary: typeof some = (value) =>
  some(value) ??
  (Object.keys(value as object).length === 0 ? { path: '', reason: 'it is empty' } : undefined);

const webAddress: typeof some = (value) =>
  typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)
    ? undefined
    : { path: '', reason: 'it must be an address that begins with http:// or https://' };

/** The checks. */
export const checks: Calls<
  | 'cookies'
  | 'fixedSecrets'
  | 'guardConformance'
  | 'holds'
  | 'hostConformance'
  | 'manualClock'
  | 'pass'
  | 'signedIn'
> = {
  fixedSecrets: call("fixedSecrets('a secret of 32 random bytes')", { secrets: texts }),
  guardConformance: call("guardConformance(() => ({ after: 'session', guard }), { stops, passes })", {
    makeGuard: callback,
    // Without what it must stop nothing is tried; one that refuses everybody stops that as well.
    cases: fields({ stops: dictionary, passes: dictionary, policy: maybe(callback) }),
  }),
  holds: call('holds(fact, { on, off, check, seen })', {
    fact: name,
    // A check that nobody has seen fail proves nothing.
    sides: fields({
      on: dictionary,
      off: dictionary,
      check: callback,
      seen: made('a regular expression', { test: callback }),
    }),
  }),
  hostConformance: call('hostConformance(name, (policy, routes) => ({ port, stop }))', {
    name,
    start: callback,
    options: maybe(fields({ ofServer: maybe(word('ask', 'skip')) })),
  }),
  manualClock: call('manualClock(Date.UTC(2026, 0, 1))', { start: amount }),
  pass: call('clock.pass(60_000)', { ms: amount }),
  signedIn: call("await signedIn(app, { account: 'ann', roles: ['editor'] })", {
    app: made('the layer, an application under it, or its server', {}),
    who: fields<SignIn>({
      account: name,
      roles: maybe(texts),
      mfa: maybe(flag),
      provedAt: maybe(amount),
      values: maybe(made('an object with a value or more, as { cart: [] }', {})),
    }),
  }),
  cookies: call("ann.cookies('http://localhost:3000')", { url: webAddress }),
};
