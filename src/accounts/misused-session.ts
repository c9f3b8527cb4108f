/** The owner of a session hears that its cookie was used without the device that it is bound to. */
import { type Exchange, header } from '../core/exchange.ts';
import type { AccountsContext } from './context.ts';
import type { Notices } from './mail/notices.ts';
import { newsOf } from './mail/texts.ts';

/** Told of an account and of the request that had the cookie. */
export type TellOfMisuse = (account: string, exchange: Exchange) => Promise<void>;

/**
 * Makes what tells owners: a mail, and a line in the history of the account. The session stays open: nothing was got by its
 * cookie, and its owner is at work in it.
 */
export function tellOfMisuse(
  { store, audit, activity }: Pick<AccountsContext, 'store' | 'audit' | 'activity'>,
  notices: Notices,
): TellOfMisuse {
  return async (account, exchange) => {
    const record = await store.find(account);
    // Accounts of another room, or removed since.
    if (record === undefined) return;
    const { client, request } = exchange;
    const visit = { audit, client, userAgent: header(request, 'user-agent') ?? '' };
    const notice = await notices.writeAhead(visit, record, NEWS);
    notice.post();
    await activity.add(visit, account, 'session-misused');
  };
}

const NEWS = newsOf('mail.news.sessionMisused');
