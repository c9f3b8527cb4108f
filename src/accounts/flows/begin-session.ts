/** The session of a sign-in: where anything fails once it is there, it is taken back, so that nobody holds it. */
import { BROWSER_VALUE, STAY_VALUE } from '../../controls/sessions/session-stay.ts';
import { BulwarkError } from '../../core/errors.ts';
import type { AccountRecord } from '../../stores/ports/accounts.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';
import { type AccountsContext, type AccountVisit, isStill } from '../context.ts';
import type { BrowserId } from '../defence/known-browsers.ts';
import { forgetPendingSignIn } from './pending-sign-in.ts';
import type { Proof } from './sign-in-parts.ts';
import type { ReadyStay, Stays } from './stays.ts';

/** What goes with it. */
export interface SessionParts {
  readonly proof: Pick<Proof, 'mfa' | 'provedAt'>;
  readonly browser: BrowserId;
  readonly stay: ReadyStay | undefined;
  /** None: nobody stays signed in. */
  readonly stays: Stays | undefined;
}

/**
 * The session of an account, and the account as it is once that is there. Undefined: it changed meanwhile, and there
 * is no session.
 *
 * @param none - called where there is none, whatever is thrown then
 */
export async function beginSession(
  context: AccountsContext,
  visit: AccountVisit,
  record: AccountRecord,
  { proof, browser, stay, stays }: SessionParts,
  none: () => void,
): Promise<AccountRecord | undefined> {
  const { id, roles } = record;
  const { session } = visit;
  try {
    await forgetPendingSignIn(visit);
    const values = { [BROWSER_VALUE]: browser.idHash, ...(stay && { [STAY_VALUE]: stay.id }) };
    await session.signIn({ account: id, roles, ...proof, values });
  } catch (error) {
    none();
    throw error;
  }
  const begun = { visit, idHash: session.idHash, stay, account: id, none };
  try {
    // Once there is a session, so that a sign-in that finds no room uses nothing up; before the last look.
    const taken = stay === undefined || (await stay.take());
    await stays?.endOther(visit, stay);
    // Read again once the session is there: a reset meanwhile either ended it with all others, or is seen here.
    const now = await context.store.find(id);
    if (taken && isStill(record, now)) return now;
  } catch (error) {
    // Whose account cannot be looked at is not signed in to.
    await takeBack(context, begun, 'the sign-in failed on its way');
    throw error;
  }
  await takeBack(context, begun, 'the account changed during the sign-in');
  return undefined;
}

interface Begun {
  readonly visit: AccountVisit;
  readonly idHash: string | undefined;
  readonly stay: ReadyStay | undefined;
  readonly account: string;
  readonly none: () => void;
}

/** Does all of it whatever fails: what began the sign-in is answered, or thrown, by whoever asks for this. */
async function takeBack(context: AccountsContext, begun: Begun, reason: string): Promise<void> {
  const { visit, stay, account, none } = begun;
  const [signedOut] = await Promise.allSettled([leave(context, begun)]);
  // Its token is not sent; and whoever came by an older one is asked for a password.
  await Promise.allSettled([stay?.undo()]);
  // A session that may be held after all is one that its owner hears of.
  if (signedOut.status === 'fulfilled') none();
  visit.audit(ACCOUNTS_EVENTS.signInFailed, { account, reason });
}

/** @throws where the id has left, and the session may be live */
async function leave({ sessions }: AccountsContext, { visit, idHash }: Begun): Promise<void> {
  try {
    await visit.session.signOut();
  } catch (error) {
    // Else the id is not sent: nobody ever holds it, whether or not the store could be told.
    if (!(error instanceof BulwarkError) || error.code !== 'ERR_BULWARK_HEAD_SENT') return;
    if (idHash !== undefined) await sessions.revoke(idHash);
  }
}
