/** What operators look at: accounts by a part of their address, and all that is kept of one. */
import { FINDER_CALLS } from '../accounts.calls.ts';
import { sessionRef } from '../../core/session-ref.ts';
import { tendMethods } from '../../core/tended.ts';
import type { SessionSummary } from '../../controls/sessions/sessions.ts';
import type { FactorOverview } from '../../identity/mfa/mfa.ts';
import type { RememberedBrowserSummary } from '../../identity/mfa/remembered-browsers.ts';
import type {
  AccountRecord,
  ActivityRecord,
  ApiTokenRecord,
  IdentityRecord,
  KnownBrowserRecord,
} from '../../stores/ports/accounts.ts';
import { pendingDeletion } from '../../stores/pending-deletion.ts';
import { type Account, accountOf, type AccountsContext } from '../context.ts';

/** Which accounts are asked for. What is left out narrows nothing. */
export interface AccountSearch {
  /** How the address begins: found at once, however many accounts there are. */
  readonly begins?: string | undefined;
  /** What stands anywhere in the address: looked through in bounded steps, in the order of addresses. */
  readonly holds?: string | undefined;
  readonly state?: 'active' | 'disabled' | undefined;
  readonly role?: string | undefined;
  /** Where the page before ended: its `next`. */
  readonly after?: string | undefined;
  /** How many accounts at most: 1 to 200. Default 50. */
  readonly limit?: number | undefined;
}

/** One page of accounts, in the order of their addresses. */
export interface AccountsFound {
  readonly accounts: readonly Account[];
  /**
   * For the next page; undefined after the last one. A page may be short or empty and not be the last: so many accounts
   * are looked at for one, and no more.
   */
  readonly next: string | undefined;
}

/** A session of an account, by a reference that opens nothing. */
export type AccountSession = Omit<SessionSummary, 'idHash'> & { readonly session: string };

/** Everything that is kept of an account and opens nothing. */
export interface AccountView {
  readonly account: Account;
  /** Milliseconds since 1970. Undefined while it may sign in. */
  readonly disabledAt: number | undefined;
  /** When it is to be removed, as its owner asked for. Undefined: it is not. */
  readonly removalAt: number | undefined;
  /** Last used first. */
  readonly sessions: readonly AccountSession[];
  readonly factors: FactorOverview;
  /** Browsers that are no news to it. */
  readonly browsers: readonly Omit<KnownBrowserRecord, 'idHash' | 'account'>[];
  /** Browsers that need no second factor for a while. */
  readonly remembered: readonly Omit<RememberedBrowserSummary, 'current'>[];
  readonly identities: readonly Omit<IdentityRecord, 'account'>[];
  readonly apiTokens: readonly Omit<ApiTokenRecord, 'account' | 'hash'>[];
  /** What its owner sees, newest first. */
  readonly activity: readonly ActivityRecord[];
}

const PAGE = 50;
/** Rows that are read at once, and in all for one page: a page must not be a table. */
const STEP = 500;
const MOST_LOOKED_AT = 5000;
const MOST_LINES = 100;

/** Finds accounts. It writes nothing, and needs no secret. */
export class AccountFinder {
  readonly #context: Pick<AccountsContext, 'store' | 'sessions' | 'factors'>;

  constructor(context: Pick<AccountsContext, 'store' | 'sessions' | 'factors'>) {
    this.#context = context;
  }

  /** A page of the accounts that are asked for. */
  async find(search: AccountSearch = {}): Promise<AccountsFound> {
    FINDER_CALLS.find(search);
    const { limit = PAGE } = search;
    const begins = folded(search.begins);
    const fits = fitsOf(search);
    const accounts: Account[] = [];
    let last = search.after;
    if (last === undefined && begins !== '') {
      // The address in full comes before all that go on behind it.
      const whole = await this.#context.store.findByEmail(begins);
      if (whole !== undefined && fits(whole)) accounts.push(accountOf(whole));
      last = begins;
    }
    for (let looked = 0; looked < MOST_LOOKED_AT; looked += STEP) {
      const step = await this.#context.store.afterEmail(last, STEP);
      for (const record of step) {
        if (!record.emailKey.startsWith(begins)) return { accounts, next: undefined };
        if (fits(record)) {
          // One more than the page has room for: then there is another page.
          if (accounts.length >= limit) return { accounts, next: last };
          accounts.push(accountOf(record));
        }
        last = record.emailKey;
      }
      if (step.length < STEP) return { accounts, next: undefined };
    }
    return { accounts, next: last };
  }

  /** An account and all that belongs to it. Undefined: there is none. */
  async look(id: string): Promise<AccountView | undefined> {
    FINDER_CALLS.look(id);
    const { store, sessions, factors } = this.#context;
    const record = await store.find(id);
    if (record === undefined) return undefined;
    const [live, overview, browsers, remembered, identities, apiTokens, activity, deletion] =
      await Promise.all([
        sessions.list(id),
        factors.overview(id),
        store.knownBrowsers.list(id),
        factors.rememberedBrowsers.list(id),
        store.identities.list(id),
        store.apiTokens.list(id),
        store.activity.list(id, MOST_LINES),
        pendingDeletion(store, id, Date.now()),
      ]);
    return {
      account: accountOf(record),
      disabledAt: record.disabledAt,
      removalAt: deletion?.at,
      sessions: live.map(({ idHash, stay: _stay, browser: _browser, ...rest }) =>
        Object.assign({ session: sessionRef(idHash) }, rest),
      ),
      factors: overview,
      browsers: browsers.map(({ idHash: _hash, account: _account, ...rest }) => rest),
      remembered: remembered.map(({ current: _current, ...rest }) => rest),
      identities: identities.map(({ account: _account, ...rest }) => rest),
      apiTokens: apiTokens.map(({ account: _account, hash: _hash, ...rest }) => rest),
      activity,
    };
  }

  static {
    tendMethods(AccountFinder);
  }
}

/** In the one spelling that accounts are kept under. */
function folded(text: string | undefined): string {
  return (text ?? '').trim().toLowerCase();
}

function fitsOf({ holds, state, role }: AccountSearch): (record: AccountRecord) => boolean {
  const part = folded(holds);
  return ({ emailKey, disabledAt, roles }) =>
    emailKey.includes(part) &&
    (state === undefined || (state === 'disabled') === (disabledAt !== undefined)) &&
    (role === undefined || roles.includes(role));
}
