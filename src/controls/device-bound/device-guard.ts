/** Registration and refresh, as W3C's draft of Device Bound Session Credentials has them and Chromium 156 does them. */
import type { KeyObject } from 'node:crypto';
import { eventOf } from '../../core/events.ts';
import { type Exchange, header, type SessionFacts } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import { Recent } from '../../core/recent.ts';
import { sessionRef } from '../../core/session-ref.ts';
import { type Refusal, unavailable, type Verdict } from '../../core/verdict.ts';
import type { Replaced, SessionRecord } from '../../stores/ports/sessions.ts';
import { Challenges } from './challenge.ts';
import { type DeviceBound, FOUND, REFRESH_PATH, REGISTER_PATH } from './device-bound.ts';
import { DEVICE_EVENTS, DEVICE_PROBLEMS } from './device-bound.events.ts';
import { keyOf, MOST_KEYS } from '../../core/jwk.ts';
import { isSignedBy } from '../../core/jws.ts';
import { ALGORITHMS, type Device, deviceText, KnownDevice, knownDevice, newDevice } from './device-key.ts';
import { type Proof, readProof, unquoted } from './proof.ts';
import { attributesOf, makeProof, PROOF_COOKIE, proofCookie } from './proof-cookie.ts';

/** Other requests that write to the session at the same moment. */
const MOST_CONFLICTS = 10;

/**
 * The guard. After `session`, which knows whose session it is, and `csrf`: no other site has a device registered here. It
 * answers the two calls of browsers, and offers a binding in the answer that begins a session of an account.
 *
 * @param devices - none: nothing is bound
 */
export function deviceGuard(devices: DeviceBound | undefined): Guard {
  const name = 'device-bound';
  if (devices === undefined) return { name, mode: 'off' };
  const calls = new DeviceCalls(devices);
  return {
    name,
    mode: 'enforce',
    onRequest(exchange) {
      if (exchange.request.method !== 'POST') return undefined;
      if (exchange.path === REFRESH_PATH) return calls.refresh(exchange);
      return exchange.path === REGISTER_PATH ? calls.register(exchange) : undefined;
    },
    onResponse(exchange, head) {
      const { session } = exchange;
      if (session?.principal === undefined || session.device !== undefined) return undefined;
      // An offer to a session that was there before would be one to whoever has its cookie.
      // Under another id too, which the application gives to whoever comes with the cookie.
      if (!isOfAProof(session, exchange.get(FOUND))) return undefined;
      if (head.part === 'answer')
        head.setHeader('Secure-Session-Registration', calls.offer(session.idHash, exchange.now));
      return undefined;
    },
  };
}

/** Whether somebody has just proved who they are: a sign-in began the session, or it went on by a password or a second factor. */
function isOfAProof(
  { createdAt, principal }: SessionFacts,
  before: SessionRecord | Replaced | undefined,
): boolean {
  if (before === undefined || before === 'replaced') return true;
  if (principal === undefined || before.account !== principal.account || before.createdAt !== createdAt)
    return true;
  if (principal.signedInAt !== (before.signedInAt ?? before.createdAt)) return true;
  return principal.mfaAt !== undefined && principal.mfaAt !== before.mfaAt;
}

class DeviceCalls {
  readonly #devices: DeviceBound;
  readonly #challenges: Challenges;
  readonly #known = new Recent<KnownDevice | undefined>(MOST_KEYS);

  constructor(devices: DeviceBound) {
    const { keys, counters } = devices.parts;
    this.#devices = devices;
    this.#challenges = new Challenges(keys, counters);
  }

  /** The header by which a browser is asked to make a key. Without a challenge it would send no proof of having it. */
  offer(idHash: string, now: number): string {
    const challenge = this.#challenges.make({ session: idHash }, now);
    return `(${ALGORITHMS.join(' ')});path="${REGISTER_PATH}";challenge="${challenge}"`;
  }

  /** Binds a session to the key of a device that answers the challenge which began with it. */
  async register(exchange: Exchange): Promise<Verdict> {
    const { now } = exchange;
    const found = exchange.get(FOUND);
    if (found === undefined || found === 'replaced' || found.account === undefined) return ENDED;
    const { account, idHash } = found;
    const refused = (reason: string): Refusal => notBound(reason, idHash);
    if (found.device !== undefined) return refused('the session is bound already');
    const proof = readProof(responseOf(exchange));
    if (proof === undefined) return refused('there is no proof in the form of the draft');
    const device = newDevice(proof.algorithm, proof.jwk, now);
    if (device === undefined || !holds(proof, device, () => keyOf(device)))
      return refused('the proof is not by the key that it brings');
    if (!(await this.#challenges.take(proof.challenge, { session: idHash }, now)))
      return refused('the challenge is not of this session, late, or was used');
    const text = deviceText(device);
    if (!(await this.#bind(found, text, now))) return ENDED;
    const { algorithm } = device;
    this.#devices.parts.audit(
      DEVICE_EVENTS.bound,
      { sessionRef: sessionRef(idHash), account, algorithm },
      exchange,
    );
    const known = new KnownDevice(text, device);
    return this.#proved(exchange, known, {
      session_identifier: known.identifier,
      refresh_url: REFRESH_PATH,
      scope: { include_site: false, scope_specification: [] },
      credentials: [
        {
          type: 'cookie',
          name: PROOF_COOKIE,
          attributes: attributesOf(this.#devices.parts.settings.sameSite),
        },
      ],
    });
  }

  /** Takes one more proof of the device, and lets its browser in for a while. */
  async refresh(exchange: Exchange): Promise<Verdict> {
    const { now, request } = exchange;
    const found = exchange.get(FOUND);
    // It goes on under a newer id, whose cookie came a moment too late: asked again, the browser has it.
    if (found === 'replaced')
      return unavailable('The session went on under another id. Ask again.', undefined);
    const text = found?.device;
    const known = text === undefined ? undefined : this.#known.of(text, knownDevice);
    if (found === undefined || known === undefined) return ENDED;
    if (unquoted(header(request, 'sec-secure-session-id') ?? '') !== known.identifier) return ENDED;
    const response = responseOf(exchange);
    if (response === undefined) return this.#challenge(known, now);
    const proof = readProof(response);
    if (proof === undefined || !holds(proof, known.device, () => known.key)) {
      this.#devices.misused(exchange, found, BY_ANOTHER_KEY);
      return ENDED;
    }
    // The key is the right one. Challenges are late where a lid was closed, and come twice where an answer was lost.
    if (!(await this.#challenges.take(proof.challenge, { device: known.text }, now)))
      return this.#challenge(known, now);
    return this.#proved(exchange, known);
  }

  #challenge(device: KnownDevice, now: number): Refusal {
    return {
      ...DEVICE_PROBLEMS.challenge,
      detail: 'Sign the challenge in the header Secure-Session-Challenge.',
      headers: [this.#next(device, now)],
    };
  }

  /** The challenge for the next time is sent ahead: so that a refresh is one request, and not two. */
  #proved({ now, extraHeaders }: Exchange, device: KnownDevice, told?: object): Refusal {
    const { keys, settings } = this.#devices.parts;
    const proof = makeProof(keys, device.text, now, settings.proofLife);
    extraHeaders.push(['Set-Cookie', proofCookie(proof, settings.sameSite, settings.proofLife)]);
    const headers = [this.#next(device, now)];
    if (told === undefined) return { ...PROVED, headers };
    const content = { type: 'application/json', body: JSON.stringify(told) };
    return { ...PROVED, status: 200, content, headers: [...headers, ['Cache-Control', 'no-store']] };
  }

  #next({ text, identifier }: KnownDevice, now: number): readonly [string, string] {
    const challenge = this.#challenges.make({ device: text }, now);
    return ['Secure-Session-Challenge', `"${challenge}";id="${identifier}"`];
  }

  /** Compare-and-set, as the page that began the session may write to it at this moment. */
  async #bind(read: SessionRecord, device: string, now: number): Promise<boolean> {
    const { sessions } = this.#devices.parts;
    let record: SessionRecord | undefined = read;
    for (let attempt = 0; attempt < MOST_CONFLICTS && record !== undefined; attempt += 1) {
      if (record.device !== undefined) return false;
      const { idHash, version, data } = record;
      if (await sessions.update(idHash, version, { data, device }, now)) return true;
      record = await sessions.find(idHash, now);
    }
    return false;
  }
}

const PROVED: Refusal = { type: 'device-proved', title: 'Proved', status: 204, detail: '' };
const BY_ANOTHER_KEY = 'a proof by another key than that of its device';

/** Has a browser forget what it registered: it is of a session that is over, or of another. */
const ENDED: Refusal = {
  ...DEVICE_PROBLEMS.ended,
  detail: 'No session of this device is open here. Sign in again.',
};

function notBound(reason: string, idHash: string): Refusal {
  return {
    ...PROBLEMS.notAllowed,
    detail: 'The session is not bound to this device.',
    event: eventOf(DEVICE_EVENTS.notBound, { reason, sessionRef: sessionRef(idHash) }),
  };
}

function responseOf({ request }: Exchange): string | undefined {
  return header(request, 'secure-session-response');
}

function holds(proof: Proof, { algorithm }: Device, key: () => KeyObject): boolean {
  try {
    return isSignedBy(proof, key(), algorithm);
  } catch {
    // A point that is not on the curve, or a signature of another length.
    return false;
  }
}
