/** What happened to an account, for its owner to look at. */
import { ACTIVITY_CALLS } from './accounts.calls.ts';
import { errorName } from '../core/errors.ts';
import type { ActivityRecord, ActivityStore } from '../stores/ports/accounts.ts';
import type { SeenFrom } from './context.ts';
import { CORE_EVENTS } from '../core/verdict.ts';
import { tendMethods } from '../core/tended.ts';

/** What can have happened. */
export type ActivityEvent =
  | 'account-created'
  | 'signed-in'
  | 'signed-in-new-device'
  | 'sign-in-blocked'
  | 'password-changed'
  | 'password-reset'
  | 'email-changed'
  | 'factor-added'
  | 'factor-removed'
  | 'recovery-codes-made'
  | 'recovery-code-used'
  | 'data-exported'
  | 'deletion-asked'
  | 'deletion-withdrawn'
  | 'sessions-ended'
  | 'session-misused'
  | 'stay-copied'
  | 'identity-linked'
  | 'identity-unlinked'
  | 'api-token-created'
  | 'api-token-revoked'
  | 'account-disabled'
  | 'account-enabled'
  | 'roles-changed'
  | 'signed-out-by-operator'
  | 'factors-reset-asked'
  | 'factors-reset';

/** So much a person will look through; the audit log has the rest. */
const MOST_LINES = 100;
const LONGEST = 256;

/** The history of accounts. */
export class Activity {
  readonly #store: ActivityStore;
  readonly #clock: () => number;

  constructor(store: ActivityStore, clock: () => number) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Adds a line. What happened has happened: where the line cannot be kept, the log says so and nothing is undone. */
  async add(visit: SeenFrom, account: string, event: ActivityEvent, detail = ''): Promise<void> {
    ACTIVITY_CALLS.add(visit, account, event, detail);
    const { audit, client, userAgent } = visit;
    const line: ActivityRecord = {
      account,
      event,
      detail: detail.slice(0, LONGEST).toWellFormed(),
      at: this.#clock(),
      address: client.address,
      userAgent: userAgent.slice(0, LONGEST).toWellFormed(),
    };
    try {
      await this.#store.add(line, MOST_LINES);
    } catch (error) {
      audit(CORE_EVENTS.storeUnavailable, { during: 'activity', error: errorName(error) });
    }
  }

  /** The newest lines of an account. */
  async list(account: string, limit = 20): Promise<readonly ActivityRecord[]> {
    ACTIVITY_CALLS.list(account, limit);
    return await this.#store.list(account, limit);
  }

  static {
    tendMethods(Activity);
  }
}
