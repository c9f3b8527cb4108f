/** Sign-ins that are under way at a provider, kept in the session of whoever began them. */
import { hash } from 'node:crypto';
import type { Audit } from '../../core/events.ts';
import { isPlainObject } from '../../core/options.ts';
import { randomId } from '../../core/random.ts';

/** What a call needs of the request it is made for: `bulwark.of(request)` is one. */
export interface OidcVisit {
  /** Where events go. */
  readonly audit: Audit;
  readonly session: {
    /** Who is signed in: whom an account of a provider is linked to. */
    readonly principal: { readonly account: string } | undefined;
    get(key: string): unknown;
    set(key: string, value: Readonly<Record<string, string | number>>): Promise<void>;
    delete(key: string): Promise<void>;
    /** A token that works once, in this session, for one purpose. */
    issueToken(purpose: string, ttlMs: number): Promise<string>;
    useToken(purpose: string, token: string | undefined): Promise<boolean>;
  };
}

/** What a sign-in at a provider is for. `again`: someone who is signed in proves that it is still them. */
export type OidcPurpose = 'sign-in' | 'link' | 'again';

/** What an attempt is bound to. */
export interface AttemptGoal {
  readonly provider: string;
  readonly purpose: OidcPurpose;
  /** Whom to link to, or who has to be there still. */
  readonly account: string | undefined;
  /** A path of this site. */
  readonly next: string | undefined;
  /** They want to stay signed in. Kept here: an address that comes back is one that others make, too. */
  readonly stay?: 1 | undefined;
}

/** An attempt, with what proves that its answer belongs to it. */
export interface Attempt extends AttemptGoal {
  /** Milliseconds since 1970. */
  readonly begunAt: number;
  readonly nonce: string;
  /** PKCE (RFC 7636): whoever catches the code on its way cannot use it without this. */
  readonly verifier: string;
}

/** Tabs that may be at a provider at once. The oldest gives way. */
const MOST_ATTEMPTS = 5;
const NONCE_BYTES = 24;
/** 43 characters, the fewest that RFC 7636, 4.1 allows, and 256 bits. */
const VERIFIER_BYTES = 32;
const SLOTS: readonly string[] = Array.from({ length: MOST_ATTEMPTS }, (_, index) => `bulwark.oidc.${index}`);

/** Begins an attempt. The state goes to the provider and comes back; all else stays here. */
export async function beginAttempt(
  { session }: OidcVisit,
  goal: AttemptGoal,
  now: number,
  ttlMs: number,
): Promise<Attempt & { readonly state: string }> {
  const state = await session.issueToken(purposeOf(goal), ttlMs);
  const attempt: Attempt = {
    ...goal,
    begunAt: now,
    nonce: randomId(NONCE_BYTES),
    verifier: randomId(VERIFIER_BYTES),
  };
  const given = Object.entries(attempt).filter(
    (entry): entry is [string, string | number] => entry[1] !== undefined,
  );
  const ends = now + ttlMs;
  await session.set(slotFor(session, now), { ...Object.fromEntries(given), state: hashOf(state), ends });
  return { ...attempt, state };
}

/**
 * Takes the attempt of a state, which works once: of two answers at once exactly one gets it. Undefined: it was used, is
 * too old, gave way to newer ones, or is of another session.
 */
export async function takeAttempt(
  { session }: OidcVisit,
  state: string,
  now: number,
): Promise<Attempt | undefined> {
  const wanted = hashOf(state);
  for (const slot of SLOTS) {
    const kept = read(session.get(slot));
    if (kept === undefined || kept.state !== wanted) continue;
    // The token decides: two requests may both have read the slot.
    const fresh = await session.useToken(purposeOf(kept), state);
    await session.delete(slot);
    return fresh && kept.ends > now ? kept : undefined;
  }
  return undefined;
}

interface KeptAttempt extends Attempt {
  /** SHA-256 of the state: what is stored opens nothing. */
  readonly state: string;
  readonly ends: number;
}

/** A state of one provider, purpose or account is unknown to every other. */
function purposeOf({ provider, purpose, account = '' }: AttemptGoal): string {
  return `oidc/${provider}/${purpose}/${account}`;
}

function hashOf(state: string): string {
  return hash('sha256', state, 'base64url');
}

/** A free slot, or that of the oldest. Any of the free ones: two tabs that begin at once seldom meet. */
function slotFor(session: OidcVisit['session'], now: number): string {
  const ends = SLOTS.map((slot) => read(session.get(slot))?.ends ?? 0);
  const free = SLOTS.filter((_, index) => (ends[index] ?? 0) <= now);
  const oldest = ends.indexOf(Math.min(...ends));
  return free[Math.floor(Math.random() * free.length)] ?? SLOTS[oldest] ?? 'bulwark.oidc.0';
}

/** A slot as it was written. The application could have put something else there. */
function read(value: unknown): KeptAttempt | undefined {
  if (!isPlainObject(value)) return undefined;
  const { provider, purpose, account, next, begunAt, nonce, verifier, state, ends, stay } = value;
  const texts = [provider, nonce, verifier, state];
  if (!texts.every((one) => typeof one === 'string') || typeof ends !== 'number') return undefined;
  if (!isPurpose(purpose) || typeof begunAt !== 'number') return undefined;
  const wish = stay === 1 ? { stay } : {};
  const kept = { provider, purpose, account, next, begunAt, nonce, verifier, state, ends, ...wish };
  return kept as KeptAttempt;
}

const PURPOSES: readonly unknown[] = ['sign-in', 'link', 'again'] satisfies OidcPurpose[];

function isPurpose(value: unknown): value is OidcPurpose {
  return PURPOSES.includes(value);
}
