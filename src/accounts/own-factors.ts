/** Second factors of accounts: added and removed so that their owner hears of it, whatever becomes of the process. */
import type { AccountRecord } from '../stores/ports/accounts.ts';
import { attemptAll } from './attempt-all.ts';
import type { AccountsContext, AccountVisit } from './context.ts';
import type { Credentials } from './flows/credentials.ts';
import type { Notices } from './mail/notices.ts';
import { newsOf } from './mail/texts.ts';
import type { Added, FactorToAdd } from './parts.ts';

/** The second factors of the accounts of one application. */
export class OwnFactors {
  readonly #context: AccountsContext;
  readonly #credentials: Credentials;
  readonly #notices: Notices;

  constructor(context: AccountsContext, credentials: Credentials, notices: Notices) {
    this.#context = context;
    this.#credentials = credentials;
    this.#notices = notices;
  }

  async add<T extends { readonly ok: boolean }>(
    visit: AccountVisit,
    record: AccountRecord,
    factor: FactorToAdd<T>,
  ): Promise<T> {
    return await this.#notices.tellOf(visit, record, ADDED, async (notMade) => {
      const added = await factor.add();
      if (!isAdded(added)) {
        notMade();
        return added;
      }
      const what = factor.what(added);
      try {
        await visit.session.confirm();
      } catch (error) {
        await this.#undo(visit, record, what, () => factor.undo(added));
        notMade();
        throw error;
      }
      await this.#changed(visit, record, 'factor-added', what);
      return added;
    });
  }

  async remove(
    visit: AccountVisit,
    record: AccountRecord,
    what: string,
    remove: () => Promise<boolean>,
  ): Promise<boolean> {
    return await this.#notices.tellOf(visit, record, REMOVED, async (notMade) => {
      const removed = await remove();
      if (removed) await this.#changed(visit, record, 'factor-removed', what);
      else notMade();
      return removed;
    });
  }

  async makeRecoveryCodes(visit: AccountVisit, record: AccountRecord): Promise<readonly string[]> {
    const { factors, activity } = this.#context;
    await visit.session.revokeOthers();
    return await this.#notices.tellOf(visit, record, CODES, async () => {
      const codes = await factors.recoveryCodes.create(visit, record.id);
      await activity.add(visit, record.id, 'recovery-codes-made');
      return codes;
    });
  }

  /** Whoever signed in with it meanwhile is out again. Where it cannot be removed, it is one that was added. */
  async #undo(
    visit: AccountVisit,
    record: AccountRecord,
    what: string,
    undo: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await undo();
    } catch (error) {
      await this.#changed(visit, record, 'factor-added', what).catch(() => undefined);
      throw error;
    }
    await this.#credentials.endSignIns(record.id);
  }

  async #changed(
    visit: AccountVisit,
    { id }: AccountRecord,
    event: 'factor-added' | 'factor-removed',
    what: string,
  ): Promise<void> {
    await attemptAll([
      () => this.#context.activity.add(visit, id, event, what),
      // Before sessions end: one that begins later sees it, one that began earlier ends.
      () => this.#credentials.raiseVersion(id),
      () => visit.session.revokeOthers(),
    ]);
  }
}

const ADDED = newsOf('mail.news.factorAdded');
const REMOVED = newsOf('mail.news.factorRemoved');
const CODES = newsOf('mail.news.codesMade');

function isAdded<T extends { readonly ok: boolean }>(verdict: T): verdict is Added<T> {
  return verdict.ok;
}
