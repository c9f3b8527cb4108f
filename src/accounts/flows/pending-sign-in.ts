/** Who has proved a first factor and has a second one to prove: kept in the session, which is nobody's yet. */
import type { AccountRecord } from '../../stores/ports/accounts.ts';
import type { AccountVisit } from '../context.ts';
import type { StayWish } from './stays.ts';

/** What is proved first, before a second factor. */
export type FirstMeans = 'password' | 'stay' | `provider ${string}`;

/** A sign-in that is half done. */
export interface PendingSignIn {
  readonly account: string;
  /** Of the account, when its first factor was proved. */
  readonly version: number;
  readonly means: FirstMeans;
  /** Asked of whoever is signed in: nobody else's proof ends it. */
  readonly again: boolean;
  readonly stay: StayWish | undefined;
}

const KEY = 'bulwark.pendingSignIn';
const LIFE_MS = 10 * 60_000;

/** Notes that the first factor of an account was proved in this session, under a new id: one that was planted is worth nothing. */
export async function rememberPendingSignIn(
  visit: AccountVisit,
  record: AccountRecord,
  { means, again, stay }: Pick<PendingSignIn, 'means' | 'again' | 'stay'>,
  now: number,
): Promise<void> {
  await visit.session.beginAnew();
  const way = { account: record.id, version: record.version, means, again, at: now };
  await visit.session.set(KEY, stay === undefined ? way : { ...way, stay });
}

/** Who is on the way, for ten minutes. */
export function readPendingSignIn(visit: AccountVisit, now: number): PendingSignIn | undefined {
  const kept = visit.session.get(KEY);
  if (typeof kept !== 'object' || kept === null || !('at' in kept)) return undefined;
  const { account, version, means, again, at, stay } = kept as Readonly<Record<string, unknown>>;
  if (typeof account !== 'string' || typeof version !== 'number' || typeof at !== 'number') return undefined;
  if (!isFirstMeans(means)) return undefined;
  if (now - at >= LIFE_MS) return undefined;
  return { account, version, means, again: again === true, stay: isStayWish(stay) ? stay : undefined };
}

function isStayWish(value: unknown): value is StayWish {
  return value === 'begin' || value === 'go on';
}

function isFirstMeans(value: unknown): value is FirstMeans {
  return (
    typeof value === 'string' && (value === 'password' || value === 'stay' || value.startsWith('provider '))
  );
}

/** Forgets who was on the way: they have arrived, or turned back. */
export async function forgetPendingSignIn(visit: AccountVisit): Promise<void> {
  if (visit.session.get(KEY) !== undefined) await visit.session.delete(KEY);
}
