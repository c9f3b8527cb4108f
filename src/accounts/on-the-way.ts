/** Who has proved a password and has a second factor to prove: kept in the session, which is nobody's yet. */
import type { AccountRecord } from '../stores/account-ports.ts';
import type { AccountVisit } from './context.ts';

/** A sign-in that is half done. */
export interface OnTheWay {
  readonly account: string;
  /** Of the account, when its password was proved. */
  readonly version: number;
}

const KEY = 'bulwark.onTheWay';
const LIFE_MS = 10 * 60_000;

/** Notes that the password of an account was proved in this session, under a new id: one that was planted is worth nothing. */
export async function rememberOnTheWay(
  visit: AccountVisit,
  record: AccountRecord,
  now: number,
): Promise<void> {
  if (visit.session.live) await visit.session.renew();
  await visit.session.set(KEY, { account: record.id, version: record.version, at: now });
}

/** Who is on the way, for ten minutes. */
export function readOnTheWay(visit: AccountVisit, now: number): OnTheWay | undefined {
  const kept = visit.session.get(KEY);
  if (typeof kept !== 'object' || kept === null || !('at' in kept)) return undefined;
  const { account, version, at } = kept as { account?: unknown; version?: unknown; at?: unknown };
  if (typeof account !== 'string' || typeof version !== 'number' || typeof at !== 'number') return undefined;
  return now - at < LIFE_MS ? { account, version } : undefined;
}

/** Forgets who was on the way: they have arrived, or turned back. */
export async function forgetOnTheWay(visit: AccountVisit): Promise<void> {
  if (visit.session.get(KEY) !== undefined) await visit.session.delete(KEY);
}
