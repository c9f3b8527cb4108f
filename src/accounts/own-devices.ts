/** What owners call their devices. */
import { cleanName } from '../core/clean-name.ts';
import { tendMethods } from '../core/tended.ts';
import { ACCOUNTS_EVENTS } from './accounts.events.ts';
import { DEVICE_NAME_CALLS } from './browser.calls.ts';
import type { AccountsContext, AccountVisit } from './context.ts';

/** As a list of devices has room for, on a phone. */
export const LONGEST_DEVICE_NAME = 60;

/** The names of devices, kept with the browsers that accounts know. */
export class OwnDevices {
  readonly #context: AccountsContext;

  constructor(context: AccountsContext) {
    this.#context = context;
  }

  /**
   * Gives a device a name, for its owner's list: one line, cut to 60 letters; empty takes it away.
   *
   * @param session - as `session.list()` names it; undefined: the one of this visit
   * @returns false: the account has no such session, or it was not begun by these accounts
   */
  async rename(visit: AccountVisit, account: string, called: string, session?: string): Promise<boolean> {
    DEVICE_NAME_CALLS.rename(visit, account, called, session);
    const { sessions, store } = this.#context;
    // Of the account's own alone, whatever is sent.
    const which = session ?? visit.session.idHash;
    const own = (await sessions.list(account)).find(({ idHash }) => idHash === which);
    if (own?.browser === undefined) return false;
    const name = cleanName(called, '', LONGEST_DEVICE_NAME);
    const named = await store.knownBrowsers.rename(account, own.browser, name);
    if (named) visit.audit(ACCOUNTS_EVENTS.updated, { account, changed: 'name of a device' });
    return named;
  }

  /** What the devices of an account are called that have a name: by what `session.list()` has as `browser`. */
  async names(account: string): Promise<ReadonlyMap<string, string>> {
    DEVICE_NAME_CALLS.names(account);
    const known = await this.#context.store.knownBrowsers.list(account);
    return new Map(known.filter(({ name }) => name !== '').map(({ idHash, name }) => [idHash, name]));
  }

  static {
    tendMethods(OwnDevices, (its) => its.#context.audit);
  }
}
