import { type AccountsContext, type AccountVisit, veil } from './context.ts';
import type { EmailAddress } from './email-address.ts';

/** Whether a stranger may have one more mail sent to an address. One too many is not sent, and nobody is told. */
export async function mayMail(
  context: AccountsContext,
  visit: AccountVisit,
  address: EmailAddress,
): Promise<boolean> {
  const { counters, settings, clock } = context;
  const key = `mails/${veil(context, 'name', address.key)}`;
  if ((await counters.take(key, settings.mails, clock())).allowed) return true;
  visit.audit('excess_rate_limit_exceeded', { reason: 'too many mails to one address' });
  return false;
}
