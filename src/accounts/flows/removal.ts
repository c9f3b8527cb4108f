/** Removing an account for good. */
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';
import type { AccountsContext, SeenFrom } from '../context.ts';
import { accountRemoved } from '../mail/texts.ts';
import type { Notices } from '../mail/notices.ts';
import type { Credentials } from './credentials.ts';

/** Removes all that is kept of an account here. Where it fails half way, it is called again. False: there is none. */
export async function removeAccount(
  { store, sessions, factors, audit }: AccountsContext,
  { credentials, notices }: { readonly credentials: Credentials; readonly notices: Notices },
  seen: SeenFrom,
  id: string,
): Promise<boolean> {
  const record = await store.find(id);
  // While it is there, so that a sign-in under way sees its account change; and after, for one that was quicker.
  await credentials.endSignIns(id);
  const remove = async (notMade: () => void): Promise<boolean> => {
    const removed = await store.remove(id);
    if (!removed) notMade();
    await sessions.revokeAccount(id);
    await factors.removeAccount(seen, id);
    if (removed) audit(ACCOUNTS_EVENTS.removed, { account: id });
    return removed;
  };
  return record === undefined
    ? await remove(() => undefined)
    : await notices.tellOf(seen, record, accountRemoved, remove);
}
