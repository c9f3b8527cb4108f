/** Whether an account is to be removed: what its owner is told, and whoever takes its credentials goes by. */
import { type MaybePromise, whenReady } from '../core/maybe-promise.ts';
import type { AccountStore } from './ports/accounts.ts';
import type { ActRequestRecord } from './ports/act-requests.ts';

/** The removal of an account that is to come. */
export interface PendingDeletion {
  /** Its day, in milliseconds since 1970. */
  readonly at: number;
  /** It is under way: what the application has may be gone, and nobody keeps the account any more. */
  readonly begun: boolean;
}

/** The act that waits in the store: one of an account, first its owner's wish, then the removal that has begun. */
export const DELETION_ACT = 'delete-account';
/** How the ids of both begin. The step from one to the other is one of the store, and nobody takes it back. */
const WISH = 'delete-account';
const REMOVAL = 'remove-account';

/** The ids of both. One of an account: whoever asks twice has asked once. */
export const wishId = (account: string): string => `${WISH}/${account}`;
export const removalId = (account: string): string => `${REMOVAL}/${account}`;

/** The removal of an account that is to come, whatever the policy says now. Undefined: there is none. */
export function pendingDeletion(
  { actRequests }: Pick<AccountStore, 'actRequests'>,
  account: string,
  now: number,
): MaybePromise<PendingDeletion | undefined> {
  return whenReady(actRequests.about(DELETION_ACT, account, now), (row) =>
    row === undefined ? undefined : { at: dueAt(row), begun: row.id !== wishId(account) },
  );
}

/** The day stands in the row: a policy that says another time later moves nobody's. */
export function dueAt({ reason, expiresAt }: ActRequestRecord): number {
  const at = Number(reason);
  return Number.isFinite(at) && reason !== '' ? at : expiresAt;
}
