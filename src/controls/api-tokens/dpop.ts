/** Tokens that are bound to a key (RFC 9449): whoever reads one in a log or a backup has half of what it takes. */
import { hash, type KeyObject } from 'node:crypto';
import { type DetailsOf, type EventKind, eventOf } from '../../core/events.ts';
import type { Exchange, RequestFacts } from '../../core/exchange.ts';
import { keyOf, MOST_KEYS } from '../../core/jwk.ts';
import { isSignedBy } from '../../core/jws.ts';
import type { KeyRing } from '../../core/key-ring.ts';
import { type MaybePromise, whenReady } from '../../core/maybe-promise.ts';
import type { OwnOrigins } from '../../core/own-origins.ts';
import { Recent } from '../../core/recent.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import type { ApiTokenRecord, ApiTokenStore } from '../../stores/ports/accounts.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import { API_TOKEN_EVENTS, API_TOKEN_PROBLEMS } from './api-tokens.events.ts';
import type { ApiTokensSettings } from './api-tokens.options.ts';
import { isBound } from '../../core/bound-to.ts';
import { judgeNonce, makeNonce } from './dpop-nonce.ts';
import {
  contradiction,
  DPOP_ALGORITHMS,
  type DpopProof,
  PROOF_WINDOW_MS,
  readDpopProof,
} from './dpop-proof.ts';
import { refuseToken } from './token-refusal.ts';

/** By which scheme a token came. */
export type Scheme = 'Bearer' | 'DPoP';

/** What proofs are judged by. */
export interface DpopParts {
  readonly settings: Pick<ApiTokensSettings, 'dpop' | 'dpopNonces'>;
  readonly keys: KeyRing;
  readonly counters: CounterStore;
  readonly own: OwnOrigins;
  readonly tokens: ApiTokenStore;
  readonly audit: <Kind extends EventKind>(kind: Kind, details: DetailsOf<Kind>, exchange: Exchange) => void;
}

/** What a 401 asks for, where no token came. */
export function tokenChallenge(dpop: ApiTokensSettings['dpop']): string {
  const ours = `DPoP algs="${DPOP_ALGORITHMS}"`;
  return dpop === 'required' ? ours : `Bearer, ${ours}`;
}

/** The judge of one application. */
export class Dpop {
  readonly #parts: DpopParts;
  readonly #keys = new Recent<KeyObject>(MOST_KEYS);

  constructor(parts: DpopParts) {
    this.#parts = parts;
  }

  /**
   * By which scheme a token is refused that was not found, or is none: that by which its program means to come, or must. One that
   * is told `Bearer` would send a bound token without its proof.
   */
  schemeFor({ rawHeaders }: RequestFacts): Scheme {
    if (this.#parts.settings.dpop === 'required') return 'DPoP';
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const isOne = rawHeaders[index]?.toLowerCase() === 'authorization';
      if (isOne && SAYS_DPOP.test(rawHeaders[index + 1] ?? '')) return 'DPoP';
    }
    return 'Bearer';
  }

  /** Reads the proof of a token that came as `DPoP`, before any store is asked. A refusal: it is none. */
  read(request: RequestFacts): DpopProof | Refusal {
    const proof = readDpopProof(request);
    return typeof proof === 'string' ? badProof(proof) : proof;
  }

  /**
   * Whether a token came as it must: with a proof of its key, or without where it has none.
   *
   * What costs comes last: a signature is verified when all else fits, and a `jti` is used up by the owner of the key alone.
   */
  judge(exchange: Exchange, record: ApiTokenRecord, proof: DpopProof | undefined): MaybePromise<Verdict> {
    const { settings, own, keys } = this.#parts;
    const { jkt } = record;
    if (proof === undefined) {
      if (jkt === undefined && settings.dpop !== 'required') return undefined;
      return isBound(jkt) ? this.#misused(exchange, record, AS_BEARER) : notProved(record, UNPROVED);
    }
    if (jkt === undefined && settings.dpop !== 'required') return notProved(record, NO_KEY);
    if (isBound(jkt) && jkt !== proof.jkt) return this.#misused(exchange, record, ANOTHER_KEY);
    const wrong = contradiction(proof, { exchange, own, tokenHash: record.hash });
    if (wrong !== undefined) return badProof(wrong, record);
    if (settings.dpopNonces) {
      const nonce = judgeNonce(keys, proof.claims['nonce'], exchange.now);
      if (nonce === 'none') return nonceNeeded(makeNonce(keys, exchange.now));
      if (nonce === 'soon') exchange.extraHeaders.push(['DPoP-Nonce', makeNonce(keys, exchange.now)]);
    }
    if (!this.#isSigned(proof)) return badProof('the signature is not by the key in jwk', record);
    return whenReady(this.#takeOnce(proof, exchange.now), (first) => {
      if (!first) return badProof('jti was used before', record);
      return isBound(jkt) ? undefined : this.#bind(exchange, record, proof.jkt);
    });
  }

  #isSigned(proof: DpopProof): boolean {
    try {
      return isSignedBy(
        proof,
        this.#keys.of(proof.jkt, () => keyOf(proof.key)),
        proof.key.algorithm,
      );
    } catch {
      // A point that is not on the curve, or a signature of another length.
      return false;
    }
  }

  /** Over all processes, and for longer than the proof could be good, whatever the clock of each says. */
  #takeOnce({ jkt, jti }: DpopProof, now: number): MaybePromise<boolean> {
    const key = `dpop/${hash('sha256', `${jkt}.${jti}`, 'base64url')}`;
    const once = { count: 1, windowMs: 4 * PROOF_WINDOW_MS };
    return whenReady(this.#parts.counters.take(key, once, now), ({ allowed }) => allowed);
  }

  /** The first key stays: of two that come at once, one is another key. */
  #bind(exchange: Exchange, record: ApiTokenRecord, jkt: string): MaybePromise<Verdict> {
    const { tokens, audit } = this.#parts;
    const { id, account } = record;
    return whenReady(tokens.bind(id, jkt), (bound) => {
      // Revoked since it was looked up: its program is no thief.
      if (bound === undefined) return refuseToken('unknown, expired or revoked', 'DPoP', { id, account });
      if (bound !== jkt) return this.#misused(exchange, record, ANOTHER_KEY);
      audit(API_TOKEN_EVENTS.keyBound, { by: 'api-token', account, id }, exchange);
      return undefined;
    });
  }

  #misused(exchange: Exchange, { id, account }: ApiTokenRecord, reason: string): Refusal {
    this.#parts.audit(API_TOKEN_EVENTS.misused, { by: 'api-token', reason, id, account }, exchange);
    return refusal('invalid_token', 'This token is bound to a key, and came without the proof of that key.');
  }
}

/** Behind whatever a template puts before it, and without its space. */
const SAYS_DPOP = /^[^a-z\d]*dpop/i;

const AS_BEARER = 'a token that is bound to a key came without a proof';
const ANOTHER_KEY = 'a token that is bound to a key came with another one';
const UNPROVED = 'the token came without a proof, which it needs';
const NO_KEY = 'the token is bound to no key, and came with a proof';

/** RFC 9449 7.1: the token does not hold, for want of its key. */
function notProved({ id, account }: ApiTokenRecord, reason: string): Refusal {
  return {
    ...refusal(
      'invalid_token',
      reason === NO_KEY
        ? 'This token is bound to no key. Send it as Bearer.'
        : 'This token is taken with a proof of its key only. Send it as DPoP.',
    ),
    event: eventOf(API_TOKEN_EVENTS.refused, { by: 'api-token', reason, id, account }),
  };
}

/** RFC 9449 7.1: the proof does not hold. */
function badProof(wrong: string, record?: ApiTokenRecord): Refusal {
  const of = record && { id: record.id, account: record.account };
  return {
    ...refusal('invalid_dpop_proof', `The proof does not hold: ${wrong}.`),
    event: eventOf(API_TOKEN_EVENTS.refused, {
      by: 'api-token',
      reason: `the proof does not hold: ${wrong}`,
      ...of,
    }),
  };
}

/** RFC 9449 9. No event: every program begins so. */
function nonceNeeded(nonce: string): Refusal {
  const { headers = [], ...rest } = refusal(
    'use_dpop_nonce',
    'Send a new proof, with the nonce of the header DPoP-Nonce.',
  );
  return { ...rest, headers: [...headers, ['DPoP-Nonce', nonce]] };
}

function refusal(error: string, detail: string): Refusal {
  return {
    ...API_TOKEN_PROBLEMS.notProved,
    detail,
    headers: [
      ['WWW-Authenticate', `DPoP error="${error}", error_description="${detail}", algs="${DPOP_ALGORITHMS}"`],
    ],
  };
}
