/**
 * Changes of what opens an account. Each voids every link that was mailed before, ends the other sessions, forgets
 * other browsers, tells the owner, and has a sign-in that is under way begin anew.
 */
import type { PasswordProblem } from '../passwords/passwords.ts';
import type { AccountChange, AccountRecord } from '../stores/account-ports.ts';
import type { ActivityEvent } from './activity.ts';
import type { AccountsContext, AccountVisit } from './context.ts';
import type { Guessing } from './guessing.ts';
import type { KnownDevices } from './known-devices.ts';
import { credentialChanged, emailChanged } from './mail/texts.ts';
import type { MailTokens } from './mail-token.ts';
import type { Notices } from './notices.ts';

/** A new password, hashed, or what is wrong with it. */
export type NewPassword =
  | { readonly ok: true; readonly hash: string }
  | { readonly ok: false; readonly problems: readonly PasswordProblem[] };

/**
 * What became of a change of password. `current`: the present one is wrong. `wait`: it was wrong too often. `stale`:
 * another change came first.
 */
export type ChangeVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'current' | 'stale' }
  | { readonly ok: false; readonly reason: 'wait'; readonly retryAfterMs: number }
  | { readonly ok: false; readonly reason: 'password'; readonly problems: readonly PasswordProblem[] };

/** Changes credentials. */
export class Credentials {
  readonly #context: AccountsContext;
  readonly #guessing: Guessing;
  readonly #devices: KnownDevices;
  readonly #tokens: MailTokens;
  readonly #notices: Notices;

  constructor(
    context: AccountsContext,
    guessing: Guessing,
    devices: KnownDevices,
    tokens: MailTokens,
    notices: Notices,
  ) {
    this.#context = context;
    this.#guessing = guessing;
    this.#devices = devices;
    this.#tokens = tokens;
    this.#notices = notices;
  }

  /** Judges a new password of an account and hashes it. */
  async hashNew(visit: AccountVisit, record: AccountRecord, password: string): Promise<NewPassword> {
    const { passwords, factors } = this.#context;
    const { secondFactor } = await factors.overview(record.id);
    const context = { audit: visit.audit, ...(visit.signal !== undefined && { signal: visit.signal }) };
    const problems = await passwords.check(password, { secondFactor, ownWords: [record.email] }, context);
    if (problems.length > 0) return { ok: false, problems };
    return { ok: true, hash: await passwords.hash(password, visit.signal) };
  }

  /** Changes the password of the account that is signed in, who must say the present one if there is one. */
  async changePassword(
    visit: AccountVisit,
    record: AccountRecord,
    typed: { readonly current: string; readonly next: string },
  ): Promise<ChangeVerdict> {
    if (record.passwordHash !== undefined) {
      // Whoever found a signed-in browser must not guess here instead.
      const attempt = { name: `change/${record.id}`, account: record.id, device: undefined };
      const counted = await this.#guessing.begin(visit, attempt);
      if (!counted.ok) return { ok: false, reason: 'wait', retryAfterMs: counted.retryAfterMs };
      const { passwords } = this.#context;
      const verdict = await passwords.verify(record.passwordHash, typed.current, visit.signal);
      if (!verdict.ok || counted.spent) {
        visit.audit('authn_password_change_fail', { account: record.id, reason: 'wrong present password' });
        return { ok: false, reason: 'current' };
      }
      await this.#guessing.succeeded(attempt);
    }
    const made = await this.hashNew(visit, record, typed.next);
    if (!made.ok) return { ok: false, reason: 'password', problems: made.problems };
    const changed = await this.change(visit, record, { passwordHash: made.hash }, 'password-changed');
    return changed === 'changed' ? { ok: true } : { ok: false, reason: 'stale' };
  }

  /**
   * Changes an account that was read, and does all that goes with it. The session of the visit stays, under a new id,
   * if it is one of this account.
   */
  async change(
    visit: AccountVisit,
    record: AccountRecord,
    change: AccountChange,
    event: ActivityEvent & ('password-changed' | 'password-reset' | 'email-changed' | 'roles-changed'),
  ): Promise<'changed' | 'stale' | 'taken'> {
    const { store, sessions, factors, activity } = this.#context;
    const { id } = record;
    const outcome = await store.change(id, record.version, change);
    if (outcome !== 'changed') return outcome;
    await this.#tokens.removeAll(id);
    const own = visit.session.principal?.account === id ? visit.session.idHash : undefined;
    await sessions.revokeAccount(id, own);
    if (own !== undefined)
      await visit.session.renew(change.roles === undefined ? {} : { roles: change.roles });
    const { idHash: known } = await this.#devices.recognise(visit, id);
    await this.#devices.forgetOthers(own === undefined ? undefined : visit, id);
    if (event === 'password-reset') {
      await this.#guessing.forget(record.emailKey, id, known);
      await factors.devices.forgetAll(visit, id);
    }
    visit.audit(...EVENTS[event](id));
    await activity.add(visit, id, event);
    this.#tell(visit, record, change, event);
    return outcome;
  }

  #tell(visit: AccountVisit, record: AccountRecord, { email }: AccountChange, event: ActivityEvent): void {
    if (event === 'email-changed' && email !== undefined) {
      this.#notices.tell(visit, record, (sender, notice) => emailChanged(sender, notice, email));
    } else if (event === 'password-changed' || event === 'password-reset') {
      this.#notices.tell(visit, record, (sender, notice) =>
        credentialChanged(sender, notice, 'Your password was changed'),
      );
    }
  }
}

type LoggedEvent = [
  'authn_password_change' | 'user_updated' | 'privilege_permissions_changed',
  Readonly<Record<string, unknown>>,
];

const EVENTS = {
  'password-changed': (account: string): LoggedEvent => ['authn_password_change', { account }],
  'password-reset': (account: string): LoggedEvent => [
    'authn_password_change',
    { account, by: 'mailed link' },
  ],
  'email-changed': (account: string): LoggedEvent => ['user_updated', { account, changed: 'address' }],
  'roles-changed': (account: string): LoggedEvent => ['privilege_permissions_changed', { account }],
} as const;
