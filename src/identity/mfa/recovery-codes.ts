/** Recovery codes: for the day on which the phone is gone. Ten, shown once, each works once. */
import { RECOVERY_CALLS } from './mfa.calls.ts';
import { forgetRememberedBrowsers, type MfaContext, type Visit } from './context.ts';
import { hashRecoveryCode, newRecoveryCode, readRecoveryCode } from './recovery-code.ts';
import { MFA_EVENTS } from './mfa.events.ts';
import { tendMethods } from '../../core/tended.ts';

/** What became of a recovery code. */
export type RecoveryVerdict =
  | {
      readonly ok: true;
      /** How many are left: at 0 the next lost phone is a lost account. */
      readonly left: number;
    }
  | { readonly ok: false };

/** Codes of one set. */
export const RECOVERY_CODE_COUNT = 10;

/** The recovery codes of an application's accounts. */
export class RecoveryCodes {
  readonly #context: MfaContext;

  constructor(context: MfaContext) {
    this.#context = context;
  }

  /**
   * A new set of ten codes, 114 random bits each, in place of the old set. Show them once, to be printed or kept in a
   * password manager: only their hashes are stored. Forgets devices that were remembered before.
   */
  async create(visit: Visit, account: string): Promise<readonly string[]> {
    RECOVERY_CALLS.create(visit, account);
    const { store, clock } = this.#context;
    const codes = Array.from({ length: RECOVERY_CODE_COUNT }, newRecoveryCode);
    const hashes = codes.map((code) => hashRecoveryCode(code.replaceAll('-', '')));
    await store.recoveryCodes.replace(account, hashes, clock());
    visit.audit(MFA_EVENTS.created, { factor: 'recovery-code', account, count: codes.length });
    await forgetRememberedBrowsers(this.#context, visit, account);
    return codes;
  }

  /** Uses a code up, in any case and with any separators. Nobody guesses one: limit the route, not the account. */
  async use(visit: Visit, account: string, typed: string): Promise<RecoveryVerdict> {
    RECOVERY_CALLS.use(visit, account, typed);
    const code = readRecoveryCode(typed);
    const { recoveryCodes } = this.#context.store;
    const left = code === undefined ? undefined : await recoveryCodes.take(account, hashRecoveryCode(code));
    if (left === undefined) {
      visit.audit(MFA_EVENTS.failed, { factor: 'recovery-code', account, reason: 'wrong' });
      return { ok: false };
    }
    visit.audit(MFA_EVENTS.proved, { factor: 'recovery-code', account, left });
    return { ok: true, left };
  }

  /** How many are left. */
  async left(account: string): Promise<number> {
    RECOVERY_CALLS.left(account);
    return await this.#context.store.recoveryCodes.count(account);
  }

  static {
    tendMethods(RecoveryCodes);
  }
}
