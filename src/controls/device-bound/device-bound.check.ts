/** What `check` asks of a site that binds sessions to devices: as a browser with a key of its own, and as whoever has the cookie alone. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, answered } from '../../core/answer.ts';
import {
  fault,
  type Fault,
  judged,
  notSeen,
  NotSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';
import { type Bound, boundBy, challengeIn, isYes, letsIn, longLived, offerIn } from './seen-binding.ts';

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
  const refused: string[] = [];
  const post: Post = async (target, proof, id) =>
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
  const mustRefuse: MustRefuse = (said, what, fix, isTaken = isYes(said)) => {
    if (isTaken) faults.push(fault('error', what.whole, answered(said), fix));
    // A limit, or a server that fails, says nothing of the proof.
    else if (said.status < 500 && said.status !== 429) refused.push(what.short);
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
  mustRefuse(await post(path, other.prove(text, device)), TRIES.registerOther, VERIFY);
  if (challenge !== undefined)
    mustRefuse(await post(path, device.prove('made-up-by-bulwark-check', device)), TRIES.madeUp, ONCE);
  const registered = await post(path, device.prove(text, device));
  const bound = boundBy(registered);
  if (bound === undefined)
    return faults.length > 0
      ? judged(faults, '')
      : notSeen(
          `${answered(registered)}, and binds nothing to a cookie by a refresh_url of this site (W3C's draft)`,
        );
  const isRefreshed = await tryRefresh(bound, { post, mustRefuse, device, other });
  const { answers } = visitor;
  const long = longLived(bound.cookie, answers.slice(answers.indexOf(registered)), answers);
  if (long !== undefined)
    faults.push(fault('warning', LONG, `${answered(long.answer)}: ${long.shown}`, SHORT));
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
  if (faults.length === 0 && !isRefreshed)
    return notSeen(
      `POST ${bound.refresh} refreshes nothing by a right proof: that it refuses others is no proof of anything`,
    );
  return judged(
    faults,
    `${answered(registered)}; without ${bound.cookie} nobody is signed in; refused: ${refused.join(', ')}`,
  );
}

type Post = (target: string, proof?: string, id?: string) => Promise<Answer>;
type MustRefuse = (said: Answer, what: Try, fix: string, isTaken?: boolean) => void;

interface Trial {
  readonly post: Post;
  readonly mustRefuse: MustRefuse;
  readonly device: SoftwareKey;
  readonly other: SoftwareKey;
}

/** Asks for a refresh in every wrong way, then in the right one. @returns whether the right one was taken */
async function tryRefresh(bound: Bound, { post, mustRefuse, device, other }: Trial): Promise<boolean> {
  const { refresh, id } = bound;
  let challenge = bound.challenge;
  const ask = async (proof?: string): Promise<Answer> => {
    const said = await post(refresh, proof, id);
    challenge = challengeIn(said) ?? challenge;
    return said;
  };
  const mustNot = async (what: Try, fix: string, proof?: string): Promise<void> => {
    const said = await ask(proof);
    mustRefuse(said, what, fix, letsIn(said, bound.cookie));
  };
  // Each wrong one may use the challenge up.
  await mustNot(TRIES.noProof, PROOF);
  await mustNot(TRIES.emptyProof, PROOF, '');
  await ask();
  if (challenge === undefined) return false;
  await mustNot(TRIES.unsigned, VERIFY, unsigned(challenge));
  await ask();
  await mustNot(TRIES.refreshOther, VERIFY, other.prove(challenge));
  await ask();
  const proof = device.prove(challenge);
  const taken = await ask(proof);
  if (!letsIn(taken, bound.cookie)) return false;
  await mustNot(TRIES.again, ONCE, proof);
  return true;
}

/** One wrong way: as a fault says it, and in the list of what was refused. */
interface Try {
  readonly whole: string;
  readonly short: string;
}

const TRIES = {
  registerOther: {
    whole: 'a key is registered by a signature of another key',
    short: 'a key by a signature of another',
  },
  madeUp: {
    whole: 'a key is registered by a challenge that the site never made',
    short: 'a key by a made-up challenge',
  },
  noProof: { whole: 'a session is refreshed without any proof', short: 'a refresh without a proof' },
  emptyProof: { whole: 'a session is refreshed by an empty proof', short: 'one by an empty proof' },
  unsigned: {
    whole: 'a session is refreshed by a proof that nobody signed',
    short: 'one by a proof without a signature',
  },
  refreshOther: {
    whole: 'a session is refreshed by a signature of another key',
    short: 'one by another key',
  },
  again: {
    whole: 'a session is refreshed by a proof that was used before',
    short: 'one by a proof that was used',
  },
} as const satisfies Readonly<Record<string, Try>>;

const VERIFY = 'verify the JWT by the key that was registered, and by ES256 or RS256 alone (jose, jwtVerify)';
const ONCE = 'make each challenge yourself, for one session and a few minutes, and take it once';
const PROOF =
  'renew the bound cookie for a proof in Secure-Session-Response alone, and else answer 403 with a challenge';
const LONG =
  'the bound cookie lives for more than an hour: whoever steals it with the others is signed in for as long';
const SHORT = 'give it Max-Age=600: the browser renews it by a proof of its device';

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
    const head = encoded({
      alg: 'ES256',
      typ: 'dbsc+jwt',
      ...(brings !== undefined && { jwk: brings.#jwk }),
    });
    const signed = `${head}.${encoded({ jti: challenge })}`;
    const signature = sign('sha256', Buffer.from(signed), { key: this.#private, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }
}

/** The proof of a thief who knows how one looks. */
function unsigned(challenge: string): string {
  return `${encoded({ alg: 'none', typ: 'dbsc+jwt' })}.${encoded({ jti: challenge })}.`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
