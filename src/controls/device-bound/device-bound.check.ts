/** What `check` asks of a site that binds sessions to devices: as a browser with a key of its own, and as whoever has the cookie alone. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, answered, headerOf } from '../../core/answer.ts';
import { parseJson } from '../../core/parse-json.ts';
import {
  fault,
  type Fault,
  judged,
  notSeen,
  NotSeen,
  type Outcome,
  type Rule,
  type RuleContext,
  type Visitor,
} from '../../core/rule.ts';

/** Requests that left before the binding may be let in for a while: so often it is looked again, so far apart. */
const LOOKS = 6;
const LOOK_EVERY_MS = 5000;

/**
 * Rules about sessions of devices.
 *
 * @param wait - between two looks
 */
export function deviceRules(wait: (ms: number) => Promise<unknown> = sleep): readonly Rule[] {
  return [
    {
      id: 'device-bound.proof',
      title: 'A session that is bound to a device opens nothing without that device',
      level: 'error',
      guide: 5,
      asvs: [],
      cwe: ['CWE-294', 'CWE-347'],
      needs: 'own-account',
      why: 'Whoever steals the cookie of a session uses it elsewhere, though the site believes that it binds sessions to devices.',
      run: (context) => checkProof(context, wait),
    },
  ];
}

/** What a sign-in offers. */
interface Offer {
  readonly path: string;
  readonly challenge: string | undefined;
}

/** What a registration says. */
interface Bound {
  readonly cookie: string;
  readonly refresh: string;
  readonly id: string;
}

async function checkProof(context: RuleContext, wait: (ms: number) => Promise<unknown>): Promise<Outcome> {
  const ways = context.account();
  const visitor = context.visit();
  const { answer } = await ways.signIn(visitor);
  if (answer.status === 429)
    throw new NotSeen(`${answered(answer)}: the sign-in is limited, run it again later`);
  if (!(await ways.isSignedIn(visitor)))
    throw new NotSeen(`${answered(answer)}, and nobody is signed in by that`);
  const offer = offerIn(visitor);
  if (offer === undefined)
    return notSeen('signing in offers no binding to a device (Secure-Session-Registration, by ES256)');
  context.changed(
    'a key was registered with its session, and other keys were tried: an alert of misuse may come',
  );
  const device = new SoftwareKey();
  const other = new SoftwareKey();
  const faults: Fault[] = [];
  const post = async (target: string, proof: string | undefined, id?: string): Promise<Answer> =>
    await visitor.ask({
      method: 'POST',
      target,
      limited: true,
      headers: {
        origin: context.site.origin,
        'sec-fetch-site': 'same-origin',
        ...(proof !== undefined && { 'secure-session-response': proof }),
        ...(id !== undefined && { 'sec-secure-session-id': `"${id}"` }),
      },
      body: '',
    });
  const mustRefuse = async (
    what: string,
    fix: string,
    target: string,
    proof: string,
    id?: string,
  ): Promise<void> => {
    const said = await post(target, proof, id);
    if (isYes(said)) faults.push(fault('error', what, answered(said), fix));
  };
  const { path, challenge } = offer;
  if (challenge === undefined)
    faults.push(
      fault(
        'warning',
        'a device is asked for its key without a challenge: a proof of it can be kept and sent later',
        answered(answer),
        'send challenge="..." in Secure-Session-Registration',
      ),
    );
  const text = challenge ?? '';
  await mustRefuse(
    'a key is registered by a signature of another key',
    VERIFY,
    path,
    other.prove(text, device),
  );
  if (challenge !== undefined)
    await mustRefuse(
      'a key is registered by a challenge that the site never made',
      ONCE,
      path,
      device.prove('made-up-by-bulwark-check', device),
    );
  const registered = await post(path, device.prove(text, device));
  const bound = boundBy(registered);
  if (bound === undefined)
    return faults.length > 0
      ? judged(faults, '')
      : notSeen(`${answered(registered)}, and binds nothing to a cookie`);
  await tryRefresh(bound, { post, mustRefuse, device, other, faults });
  const alone = new Map([...visitor.cookies].filter(([name]) => name !== bound.cookie));
  let isIn = await ways.isSignedIn(context.visit(alone));
  for (let look = 0; isIn && look < LOOKS; look += 1) {
    await wait(LOOK_EVERY_MS);
    isIn = await ways.isSignedIn(context.visit(alone));
  }
  if (isIn)
    faults.push(
      fault(
        'error',
        'the cookie of a session is enough without that of its device: whoever steals it is signed in',
        `${answered(registered)} bound it to ${bound.cookie}; ${(LOOKS * LOOK_EVERY_MS) / 1000} s later the other cookies alone were signed in`,
        'ask for the bound cookie wherever the session is opened',
      ),
    );
  return judged(
    faults,
    `${answered(registered)}; without ${bound.cookie} nobody is signed in, and no other key or used proof was taken`,
  );
}

interface Trial {
  readonly post: (target: string, proof: string | undefined, id?: string) => Promise<Answer>;
  readonly mustRefuse: (
    what: string,
    fix: string,
    target: string,
    proof: string,
    id?: string,
  ) => Promise<void>;
  readonly device: SoftwareKey;
  readonly other: SoftwareKey;
  readonly faults: Fault[];
}

async function tryRefresh({ refresh, id }: Bound, { post, mustRefuse, device, other }: Trial): Promise<void> {
  const challenge = challengeIn(await post(refresh, undefined, id));
  if (challenge === undefined) return;
  await mustRefuse(
    'a session is refreshed by a signature of another key',
    VERIFY,
    refresh,
    other.prove(challenge),
    id,
  );
  const next = challengeIn(await post(refresh, undefined, id)) ?? challenge;
  const proof = device.prove(next);
  if (!isYes(await post(refresh, proof, id))) return;
  await mustRefuse('a session is refreshed by a proof that was used before', ONCE, refresh, proof, id);
}

const VERIFY = 'verify the JWT by the key that was registered, and by ES256 or RS256 alone (jose, jwtVerify)';
const ONCE = 'make each challenge yourself, for one session and a few minutes, and take it once';

function isYes({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

/** The last offer of a sign-in, where a key as ours fits it. */
function offerIn({ answers }: Visitor): Offer | undefined {
  for (const answer of answers.toReversed()) {
    const text = headerOf(answer, 'secure-session-registration');
    const [, algorithms = '', rest = ''] = /^\(([^()]{0,200})\)([^]{0,4000})/.exec(text ?? '') ?? [];
    const path = /;\s?path="(\/[^"]{0,1000})"/.exec(rest)?.[1];
    if (path === undefined || !algorithms.split(' ').includes('ES256')) continue;
    return { path, challenge: /;\s?challenge="([^"]{1,1000})"/.exec(rest)?.[1] };
  }
  return undefined;
}

function challengeIn(answer: Answer): string | undefined {
  return /^"([^"]{1,1000})"/.exec(headerOf(answer, 'secure-session-challenge') ?? '')?.[1];
}

/** The instructions of a session (W3C's draft), as far as they matter here. */
function boundBy(answer: Answer): Bound | undefined {
  if (!isYes(answer)) return undefined;
  let said: unknown;
  try {
    said = parseJson(answer.body);
  } catch {
    return undefined;
  }
  const {
    session_identifier: id,
    refresh_url: refresh,
    credentials,
  } = (said ?? {}) as Readonly<Record<string, unknown>>;
  const [first] = Array.isArray(credentials) ? (credentials as readonly unknown[]) : [];
  const { name } = (first ?? {}) as { readonly name?: unknown };
  if (typeof id !== 'string' || typeof refresh !== 'string' || typeof name !== 'string') return undefined;
  const { pathname, search } = new URL(refresh, answer.url);
  return { cookie: name, refresh: pathname + search, id };
}

/** A key as a device has one. */
class SoftwareKey {
  readonly #private: KeyObject;
  readonly #jwk: object;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#private = privateKey;
    this.#jwk = publicKey.export({ format: 'jwk' });
  }

  /** What a browser signs. @param brings - whose key it brings along, where one is registered */
  prove(challenge: string, brings?: SoftwareKey): string {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const head = encode({ alg: 'ES256', typ: 'dbsc+jwt', ...(brings !== undefined && { jwk: brings.#jwk }) });
    const signed = `${head}.${encode({ jti: challenge })}`;
    const signature = sign('sha256', Buffer.from(signed), { key: this.#private, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }
}
