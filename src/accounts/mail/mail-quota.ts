/** How many mails anyone can have sent. One too many is not sent, and whoever asked is not told. */
import type { Rate } from '../../core/rate.ts';
import { type AccountsContext, type AccountVisit, veil } from '../context.ts';
import type { EmailAddress } from '../email-address.ts';
import { KnownBrowsers } from '../defence/known-browsers.ts';
import type { MailTokenPurpose } from './mail-token.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';

interface Limit {
  readonly key: string;
  readonly rate: Rate;
  readonly reason: string;
}

/** From one client, over all accounts it is signed in to: as the route of the page allows. */
const PER_CLIENT: Rate = { count: 30, windowMs: 3_600_000 };

/**
 * Whether one more mail may be sent to an address. Each purpose is counted for itself: who registers in somebody's
 * name must not use up the mails by which they reset their password.
 *
 * @param asking - the account that asks, where one is signed in: it writes to addresses of its own choice
 */
export async function hasMailQuota(
  context: AccountsContext,
  visit: AccountVisit,
  address: EmailAddress,
  purpose: MailTokenPurpose,
  asking?: string,
): Promise<boolean> {
  const { counters, clock } = context;
  // The address comes last: whoever is over a limit of their own uses up nothing of its owner's.
  const limits = [...limitsOfAsking(context, visit, asking), await limitOf(context, visit, address, purpose)];
  for (const { key, rate, reason } of limits) {
    if (!(await counters.take(`mails/${purpose}/${key}`, rate, clock())).allowed) {
      visit.audit(ACCOUNTS_EVENTS.limited, {
        reason,
        purpose,
        ...(asking !== undefined && { account: asking }),
      });
      return false;
    }
  }
  return true;
}

function limitsOfAsking(
  context: AccountsContext,
  visit: AccountVisit,
  asking: string | undefined,
): readonly Limit[] {
  if (asking === undefined) return [];
  const client = veil(context, 'client', visit.client.key);
  const account = `account/${asking}`;
  return [
    { key: account, rate: context.settings.mails, reason: 'too many mails asked for by one account' },
    { key: client, rate: PER_CLIENT, reason: 'too many mails asked for by one client' },
  ];
}

async function limitOf(
  context: AccountsContext,
  visit: AccountVisit,
  address: EmailAddress,
  purpose: MailTokenPurpose,
): Promise<Limit> {
  const rate = context.settings.mails;
  if (purpose === 'reset') {
    // A browser that the account knows is counted for itself: strangers cannot keep its owner from a reset.
    const record = await context.store.findByEmail(address.key);
    const { idHash } = await new KnownBrowsers(context).recognise(visit, record?.id);
    if (record !== undefined && idHash !== undefined) {
      const key = veil(context, 'device', `${record.id}/${idHash}`);
      return { key, rate, reason: 'too many mails asked for by one browser' };
    }
  }
  return { key: veil(context, 'name', address.key), rate, reason: 'too many mails to one address' };
}
