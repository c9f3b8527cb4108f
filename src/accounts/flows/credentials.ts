/**
 * Changes of what opens an account. Each voids every link that was mailed before, ends the other sessions, forgets
 * other browsers, tells the owner, and has a sign-in that is under way begin anew.
 */
import { CREDENTIAL_CALLS } from '../accounts.calls.ts';
import { BulwarkError } from '../../core/errors.ts';
import { tendMethods } from '../../core/tended.ts';
import { attemptAll } from '../attempt-all.ts';
import type { PasswordProblem } from '../../identity/passwords/passwords.ts';
import type { AccountChange, AccountRecord } from '../../stores/ports/accounts.ts';
import type { ActivityEvent } from '../activity.ts';
import { type AccountsContext, type AccountVisit, passwordMark } from '../context.ts';
import type { Attempt, Guessing } from '../defence/guessing.ts';
import type { KnownBrowsers } from '../defence/known-browsers.ts';
import { emailChanged, newsOf, passwordReset } from '../mail/texts.ts';
import type { MailTokens } from '../mail/mail-token.ts';
import type { Notices } from '../mail/notices.ts';
import type { KeptMail } from '../mail/outbox.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';

/** A new password, hashed, or what is wrong with it. */
export type NewPassword =
  | { readonly ok: true; readonly hash: string }
  | { readonly ok: false; readonly problems: readonly PasswordProblem[] };

/**
 * What became of a change of password. `current`: the present one is wrong. `wait`: it was wrong too often. `stale`:
 * another change came first. `fresh`: there is no present password to ask for, and the sign-in is too long ago.
 */
export type ChangeVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'current' | 'stale' | 'fresh' }
  | { readonly ok: false; readonly reason: 'wait'; readonly retryAfterMs: number }
  | { readonly ok: false; readonly reason: 'password'; readonly problems: readonly PasswordProblem[] };

/** What is changed: a line of the account's own history says so, and an event. */
export type CredentialEvent = ActivityEvent & keyof typeof EVENTS;

/** How long ago someone must have proved who they are, for what has no password to ask for. */
const FRESH_MS = 15 * 60_000;

const MOST_CONFLICTS = 20;

/** What leaves nobody signed in, the one who asked included. */
const ENDS_ALL: ReadonlySet<CredentialEvent> = new Set(['password-reset', 'account-disabled']);

/** Changes credentials. */
export class Credentials {
  readonly #context: AccountsContext;
  readonly #guessing: Guessing;
  readonly #devices: KnownBrowsers;
  readonly #tokens: MailTokens;
  readonly #notices: Notices;

  constructor(
    context: AccountsContext,
    guessing: Guessing,
    devices: KnownBrowsers,
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
    CREDENTIAL_CALLS.hashNew(visit, record, password);
    const { passwords, factors } = this.#context;
    const { secondFactor } = await factors.overview(record.id);
    const context = { audit: visit.audit, ...(visit.signal !== undefined && { signal: visit.signal }) };
    const problems = await passwords.check(password, { secondFactor, ownWords: [record.email] }, context);
    if (problems.length > 0) return { ok: false, problems };
    return { ok: true, hash: await passwords.hash(password, visit.signal) };
  }

  /** Whether there is no password to ask for, and the sign-in is too long ago to go without. */
  mustProveFirst(visit: AccountVisit, record: AccountRecord): boolean {
    CREDENTIAL_CALLS.mustProveFirst(visit, record);
    const { principal } = visit.session;
    const provedAt = Math.max(principal?.signedInAt ?? 0, principal?.mfaAt ?? 0);
    return record.passwordHash === undefined && this.#context.clock() - provedAt > FRESH_MS;
  }

  /**
   * Changes the password of the account that is signed in. Who has one must say it; who has none must have signed in
   * just now.
   *
   * @throws BulwarkError ERR_BULWARK_QUEUE_FULL: answer 503 with `Retry-After`
   */
  async changePassword(
    visit: AccountVisit,
    record: AccountRecord,
    typed: { readonly current: string; readonly next: string },
  ): Promise<ChangeVerdict> {
    CREDENTIAL_CALLS.changePassword(visit, record, typed);
    if (this.mustProveFirst(visit, record)) return { ok: false, reason: 'fresh' };
    if (record.passwordHash !== undefined) {
      const refusal = await this.#provePassword(visit, record, record.passwordHash, typed.current);
      if (refusal !== undefined) return refusal;
    }
    const made = await this.hashNew(visit, record, typed.next);
    if (!made.ok) return { ok: false, reason: 'password', problems: made.problems };
    const changed = await this.change(visit, record, { passwordHash: made.hash }, 'password-changed');
    return changed === 'changed' ? { ok: true } : { ok: false, reason: 'stale' };
  }

  /**
   * Changes an account that was read, and does all that goes with it. The session of the visit stays, under a new id,
   * if it is one of this account and live, but for a reset and where the account is disabled: these end it too. What is
   * in the way of one thing keeps no other from being done.
   *
   * @param claim - takes the mailed link by which this is asked for, once no store that fails can cost it; false: `stale`
   * @throws StoreDownError where a store fails: before, and nothing has changed; after, and the owner has been told
   * @throws BulwarkError ERR_BULWARK_SESSION_OVER where the session of the visit ended before anything changed
   */
  async change(
    visit: AccountVisit,
    record: AccountRecord,
    change: AccountChange,
    event: CredentialEvent,
    claim: () => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<'changed' | 'stale' | 'taken'> {
    CREDENTIAL_CALLS.change(visit, record, change, event, claim);
    const { store, sessions } = this.#context;
    const { id } = record;
    const isOwn = visit.session.principal?.account === id;
    const own = isOwn && !ENDS_ALL.has(event) ? visit.session.idHash : undefined;
    // Whose session was just ended, elsewhere, must not come by and change what it would be ended for: an operator too.
    // A reset is proved by its link, whoever is signed in, and signs them out itself.
    if (event !== 'password-reset') await visit.session.confirm();
    // Before as well: where sessions cannot be ended now, the old password's stay with the old password.
    await sessions.revokeAccount(id, own);
    if (!(await claim())) return 'stale';
    // Before as well, like sessions: where links cannot be taken away, what they would open does not change.
    if (change.passwordHash !== undefined || change.emailKey !== undefined) await this.#tokens.removeAll(id);
    // In this browser too: of a cookie that was copied from it nobody knows.
    await store.stays.removeAll(id);
    const notice = this.#notice(visit, record, change, event);
    const outcome = await store.change(id, record.version, change, notice?.row);
    if (outcome !== 'changed') return outcome;
    EVENTS[event](visit, id);
    if (notice !== undefined) this.#notices.post(visit, record, notice);
    await attemptAll(this.#effects(visit, record, change, event, own));
    if (isOwn && own === undefined) await visit.session.signOut();
    return outcome;
  }

  /** Ends every session of an account, and has every sign-in that is under way begin anew. */
  async endSignIns(id: string): Promise<void> {
    CREDENTIAL_CALLS.endSignIns(id);
    await this.raiseVersion(id);
    await this.#context.sessions.revokeAccount(id);
  }

  /** Has every sign-in that is under way, and every mailed link, begin anew. */
  async raiseVersion(id: string): Promise<void> {
    CREDENTIAL_CALLS.raiseVersion(id);
    for (let conflict = 0; conflict < MOST_CONFLICTS; conflict += 1) {
      const record = await this.#context.store.find(id);
      if (record === undefined) return;
      if ((await this.#context.store.change(id, record.version, {})) === 'changed') return;
    }
    throw new BulwarkError('ERR_BULWARK_STORE', 'Too many requests change this account at once.');
  }

  #effects(
    visit: AccountVisit,
    record: AccountRecord,
    { roles, passwordHash, emailKey }: AccountChange,
    event: CredentialEvent,
    own: string | undefined,
  ): readonly (() => Promise<unknown>)[] {
    const { store, sessions, factors, activity } = this.#context;
    const { id } = record;
    const effects = [
      () => sessions.revokeAccount(id, own),
      async () => store.stays.removeAll(id),
      () => this.#tokens.removeAll(id),
      () => this.#devices.forgetOthers(own === undefined ? undefined : visit, id),
      () => activity.add(visit, id, event),
    ];
    // Whatever was guessed, was guessed of the old one.
    if (passwordHash !== undefined) effects.push(() => this.#guessing.forget(record.emailKey));
    if (emailKey !== undefined) effects.push(() => this.#guessing.forget(emailKey));
    if (own !== undefined) effects.push(() => renew(visit, roles === undefined ? {} : { roles }));
    if (event === 'password-reset' || event === 'account-disabled') {
      effects.push(
        () => factors.rememberedBrowsers.forgetAll(visit, id),
        async () => store.apiTokens.removeAll(id),
      );
    }
    return effects;
  }

  /** Whoever found a signed-in browser must not guess here instead. */
  async #provePassword(
    visit: AccountVisit,
    record: AccountRecord,
    stored: string,
    typed: string,
  ): Promise<ChangeVerdict | undefined> {
    // With the password: what was guessed of one is no guess of the next. Nothing that a thief could change without it.
    const name = `change/${passwordMark(this.#context, record)}`;
    const attempt: Attempt = { name, account: record, device: undefined };
    const counted = await this.#guessing.begin(visit, attempt);
    if (!counted.ok) return { ok: false, reason: 'wait', retryAfterMs: counted.retryAfterMs };
    const verdict = await this.#guessing.uncountIfThrown(attempt, () =>
      this.#context.passwords.verify(stored, typed, visit.signal),
    );
    if (!verdict.ok || counted.spent) {
      visit.audit(ACCOUNTS_EVENTS.passwordNotChanged, {
        account: record.id,
        reason: 'wrong present password',
      });
      return { ok: false, reason: 'current' };
    }
    await this.#guessing.succeeded(attempt);
    return undefined;
  }

  /** What the owner hears of a change, if anything. */
  #notice(
    visit: AccountVisit,
    record: AccountRecord,
    { email }: AccountChange,
    event: CredentialEvent,
  ): KeptMail | undefined {
    if (event === 'email-changed' && email !== undefined) {
      return this.#notices.write(visit, record, (sender, notice) => emailChanged(sender, notice, email));
    }
    if (event === 'password-changed') {
      return this.#notices.write(visit, record, newsOf('mail.news.passwordChanged'));
    }
    return event === 'password-reset' ? this.#notices.write(visit, record, passwordReset) : undefined;
  }

  static {
    tendMethods(Credentials, (its) => its.#context.audit);
  }
}

/** A new id for the session that stays. Where it ended meanwhile, there is none to give one to. */
async function renew(visit: AccountVisit, change: { readonly roles?: readonly string[] }): Promise<void> {
  try {
    await visit.session.renew(change);
  } catch (error) {
    if (!(error instanceof BulwarkError && error.code === 'ERR_BULWARK_SESSION_OVER')) throw error;
  }
}

const { passwordChanged, rolesChanged, updated } = ACCOUNTS_EVENTS;

const EVENTS = {
  'password-changed': ({ audit }: AccountVisit, account: string): void => audit(passwordChanged, { account }),
  'password-reset': ({ audit }: AccountVisit, account: string): void =>
    audit(passwordChanged, { account, by: 'mailed link' }),
  'email-changed': ({ audit }: AccountVisit, account: string): void =>
    audit(updated, { account, changed: 'address' }),
  'account-disabled': ({ audit }: AccountVisit, account: string): void =>
    audit(updated, { account, changed: 'disabled' }),
  'account-enabled': ({ audit }: AccountVisit, account: string): void =>
    audit(updated, { account, changed: 'enabled' }),
  'roles-changed': ({ audit }: AccountVisit, account: string): void => audit(rolesChanged, { account }),
} as const;
