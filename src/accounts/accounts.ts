/** `bulwark/accounts`: who may sign in, without pages. */
import { ACCOUNTS_CALLS, PARTS } from './accounts.calls.ts';
import { checkParts } from '../core/call.ts';
import { readOptions } from '../core/options.ts';
import type { OriginParts } from '../core/origin.ts';
import { Problems } from '../core/problems.ts';
import { randomId } from '../core/random.ts';
import { tendMethods } from '../core/tended.ts';
import { SecondFactors } from '../identity/mfa/mfa.ts';
import { Passwords } from '../identity/passwords/passwords.ts';
import { ProofOfWork } from '../identity/proof-of-work/proof-of-work.ts';
import type { AccountChange, AccountRecord, AccountStore } from '../stores/ports/accounts.ts';
import { ACCOUNTS_EVENTS } from './accounts.events.ts';
import { type AccountsOptions, accountsOptions } from './accounts.options.ts';
import { Activity } from './activity.ts';
import { AnsweredPosts } from './answered-posts.ts';
import { attemptAll } from './attempt-all.ts';
import { Challenge } from './defence/challenge.ts';
import { Suspicion } from './defence/suspicion.ts';
import { ChangeEmail } from './flows/change-email.ts';
import { type Account, accountOf, type AccountsContext, type AccountVisit } from './context.ts';
import { type CredentialEvent, Credentials } from './flows/credentials.ts';
import { type EmailAddress, parseEmailAddress } from './email-address.ts';
import { Guessing } from './defence/guessing.ts';
import { Identities } from './flows/identities.ts';
import { KnownBrowsers } from './defence/known-browsers.ts';
import { DevelopmentMail } from './mail/development-mail.ts';
import { MailQueue } from './mail/mail-queue.ts';
import { credentialChanged } from './mail/texts.ts';
import { MailTokens } from './mail/mail-token.ts';
import { Notices } from './mail/notices.ts';
import { OwnTokens } from './own-tokens.ts';
import type { AccountsLayer, AccountsParts, AccountsPolicy, NewAccount } from './parts.ts';
import { Registration } from './flows/registration.ts';
import { Reset } from './flows/reset.ts';
import { SignIn } from './flows/sign-in.ts';

export type { AccountsOptions } from './accounts.options.ts';
export type { Account, AccountVisit } from './context.ts';
export type { AccountsLayer, AccountsParts, AccountsPolicy, NewAccount } from './parts.ts';
export type {
  Challenge,
  ChallengeAnswer,
  ChallengedForm,
  ChallengeVerdict,
  FormChallenge,
} from './defence/challenge.ts';
export { DevelopmentMail } from './mail/development-mail.ts';
export { type Mail, type MailTransport, type NodemailerTransport, smtp } from './mail/mail.ts';
export { visitOf } from './visit.ts';

/** The accounts of one application. */
export class Accounts {
  readonly signIn: SignIn;
  readonly registration: Registration;
  readonly reset: Reset;
  readonly credentials: Credentials;
  readonly changeEmail: ChangeEmail;
  readonly activity: Activity;
  readonly factors: SecondFactors;
  readonly answeredPosts: AnsweredPosts;
  /** API tokens of accounts, where they were handed in. */
  readonly apiTokens: OwnTokens | undefined;
  /** What suspect clients are asked for, where anyone is. */
  readonly challenge: Challenge | undefined;
  /** Accounts at other services, where providers were handed in. */
  readonly identities: Identities | undefined;
  readonly name: string;
  /** What shows mails, where none are sent. */
  readonly mailbox: DevelopmentMail | undefined;
  readonly #context: AccountsContext;
  readonly #notices: Notices;

  private constructor(
    context: AccountsContext,
    origin: OriginParts | undefined,
    parts: AccountsParts & { readonly proofOfWork: ProofOfWork },
  ) {
    const { mail, apiTokens, providers, proofOfWork: work } = parts;
    this.#context = context;
    this.name = context.name;
    this.mailbox = mail instanceof DevelopmentMail ? mail : undefined;
    this.activity = context.activity;
    this.factors = context.factors;
    this.answeredPosts = new AnsweredPosts(context);
    const notices = new Notices(context, origin?.origin);
    this.#notices = notices;
    const tokens = new MailTokens(context.store.mailTokens, context.clock);
    const devices = new KnownBrowsers(context);
    const suspicion = new Suspicion(context);
    const asks = context.settings.challenge !== 'off';
    const guessing = new Guessing(context, asks ? suspicion : undefined);
    this.signIn = new SignIn(context, guessing, devices, notices);
    this.credentials = new Credentials(context, guessing, devices, tokens, notices);
    this.registration = new Registration(context, tokens, notices, guessing, this.signIn);
    this.reset = new Reset(context, tokens, notices, this.credentials);
    this.changeEmail = new ChangeEmail(context, tokens, notices, this.credentials);
    const always = context.settings.challenge === 'always';
    this.challenge = !asks ? undefined : new Challenge({ context, suspicion, devices, work, always });
    this.apiTokens = apiTokens === undefined ? undefined : new OwnTokens(apiTokens, context, notices);
    this.identities =
      providers === undefined
        ? undefined
        : new Identities(providers, context, this.signIn, this.credentials, notices);
  }

  /**
   * Accounts by a policy that was loaded, on a layer made of it.
   *
   * @example
   * ```ts
   * const policy = await loadPolicy({ origin: 'https://files.example.com' });
   * const layer = bulwark(policy);
   * const accounts = Accounts.of(policy, layer, { mail }, { name: 'Strongroom' });
   * ```
   * @throws PolicyError with everything wrong with the options, and where the policy's state keeps no accounts
   */
  static of(
    policy: AccountsPolicy,
    layer: AccountsLayer,
    parts: AccountsParts,
    options: AccountsOptions = {},
  ): Accounts {
    ACCOUNTS_CALLS.of(policy, layer);
    const problems = new Problems('production');
    const settings = readOptions('accounts', accountsOptions, options, problems);
    checkParts('accounts', PARTS, parts, PARTS_LINE, problems);
    const { accounts: store, counters } = policy.state;
    if (store === undefined) {
      const reason = 'it keeps no accounts.';
      problems.refuse('ERR_BULWARK_INVALID_OPTION', 'state', reason, "state: sqlite('data/')");
    }
    if (parts?.mail instanceof DevelopmentMail && policy.environment === 'production') {
      const reason = 'it shows the mails of all accounts to whoever asks, and sends none.';
      problems.refuse(
        'ERR_BULWARK_UNSAFE_OPTION',
        'accounts.mail',
        reason,
        "mail: smtp(transporter, 'App <no-reply@example.com>')",
      );
    }
    problems.throwIfAny();
    const clock = parts.clock ?? Date.now;
    const name = settings.name ?? policy.origin?.hostname ?? 'localhost';
    const { outbox } = store as AccountStore;
    const lasts = (policy.state.reach ?? 'process') !== 'process';
    const mail = new MailQueue(parts.mail, layer.audit, { outbox, keys: policy.keys, lasts });
    const context: AccountsContext = {
      store: store as AccountStore,
      counters,
      sessions: layer.sessions,
      keys: policy.keys,
      passwords: parts.passwords ?? new Passwords(undefined, [name, policy.origin?.hostname ?? '']),
      factors: SecondFactors.of(policy, { ...parts.mfa, name: parts.mfa?.name ?? name }, clock),
      settings,
      name,
      audit: layer.audit,
      mail,
      background: mail.asked,
      activity: new Activity((store as AccountStore).activity, clock),
      clock,
    };
    const proofOfWork = parts.proofOfWork ?? ProofOfWork.of(policy, {}, clock);
    return new Accounts(context, policy.origin, { ...parts, proofOfWork });
  }

  /** The account of an id. */
  async find(id: string): Promise<Account | undefined> {
    ACCOUNTS_CALLS.find(id);
    const record = await this.#context.store.find(id);
    return record === undefined ? undefined : accountOf(record);
  }

  /** The account of an address, in whatever spelling. For operators: an answer to a stranger must not depend on it. */
  async findByEmail(email: string): Promise<Account | undefined> {
    ACCOUNTS_CALLS.findByEmail(email);
    const address = parseEmailAddress(email);
    const record = address === undefined ? undefined : await this.#context.store.findByEmail(address.key);
    return record === undefined ? undefined : accountOf(record);
  }

  /** The account that is signed in and may be, as it is stored: what changes of it are made from. */
  async current(visit: AccountVisit): Promise<AccountRecord | undefined> {
    ACCOUNTS_CALLS.current(visit);
    const id = visit.session.principal?.account;
    const record = id === undefined ? undefined : await this.#context.store.find(id);
    return record?.disabledAt === undefined ? record : undefined;
  }

  /**
   * Characters of the shortest password that is taken: for a hint beside the field, before anything is refused.
   *
   * @param email - of an account that is there: one with a second factor may have a shorter one
   */
  async shortestPassword(email?: string): Promise<number> {
    ACCOUNTS_CALLS.shortestPassword(email);
    const account = email === undefined ? undefined : await this.findByEmail(email);
    const { passwords, factors } = this.#context;
    return passwords.shortest(account !== undefined && (await factors.overview(account.id)).secondFactor);
  }

  /**
   * Makes an account without a mail: for operators, who know whose the address is.
   *
   * @returns undefined where the address has one
   * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where it is no address, or the hash is none
   */
  async create(who: NewAccount): Promise<Account | undefined> {
    ACCOUNTS_CALLS.create(who);
    const address = parseEmailAddress(who.email) as EmailAddress;
    const record: AccountRecord = {
      id: randomId(ACCOUNT_ID_BYTES),
      email: address.shown,
      emailKey: address.key,
      passwordHash: who.passwordHash,
      roles: who.roles ?? this.#context.settings.roles,
      createdAt: this.#context.clock(),
      disabledAt: undefined,
      version: 1,
    };
    if (!(await this.#context.store.create(record))) return undefined;
    this.#context.audit(ACCOUNTS_EVENTS.created, { account: record.id, by: 'operator' });
    return accountOf(record);
  }

  /** Gives an account other roles, at once: its sessions end. False: there is none, or it changed at this moment. */
  async setRoles(visit: AccountVisit, id: string, roles: readonly string[]): Promise<boolean> {
    ACCOUNTS_CALLS.setRoles(visit, id, roles);
    return await this.#change(visit, id, { roles }, 'roles-changed');
  }

  /** Has an account signed in to no more: its sessions, tokens and mailed links end. False: none, or it just changed. */
  async disable(visit: AccountVisit, id: string): Promise<boolean> {
    ACCOUNTS_CALLS.disable(visit, id);
    return await this.#change(visit, id, { disabledAt: this.#context.clock() }, 'account-disabled');
  }

  /** Lets a disabled account be signed in to again. False: there is none, or it changed at this moment. */
  async enable(visit: AccountVisit, id: string): Promise<boolean> {
    ACCOUNTS_CALLS.enable(visit, id);
    return await this.#change(visit, id, { disabledAt: null }, 'account-enabled');
  }

  /**
   * Notes that a second factor was added, as those of `factors` are: the owner hears of it by mail, whoever else is
   * signed in proves it anew, and a sign-in under way that saw none begins anew.
   *
   * @param undo - removes it again: whose session ended while it was added leaves no factor behind
   * @throws BulwarkError ERR_BULWARK_SESSION_OVER once it is removed
   */
  async factorAdded(
    visit: AccountVisit,
    record: AccountRecord,
    what: string,
    undo: () => Promise<unknown>,
  ): Promise<void> {
    ACCOUNTS_CALLS.factorAdded(visit, record, what, undo);
    try {
      await visit.session.confirm();
    } catch (error) {
      await this.#undoFactor(visit, record, what, undo);
      throw error;
    }
    await this.#factorsChanged(visit, record, 'factor-added', what, ADDED);
  }

  /** Notes that a second factor was removed. */
  async factorRemoved(visit: AccountVisit, record: AccountRecord, what: string): Promise<void> {
    ACCOUNTS_CALLS.factorRemoved(visit, record, what);
    await this.#factorsChanged(visit, record, 'factor-removed', what, REMOVED);
  }

  async #change(
    visit: AccountVisit,
    id: string,
    change: AccountChange,
    event: CredentialEvent,
  ): Promise<boolean> {
    const record = await this.#context.store.find(id);
    if (record === undefined) return false;
    return (await this.credentials.change(visit, record, change, event)) === 'changed';
  }

  /** Whoever signed in with it meanwhile is out again. Where it cannot be removed, its owner hears of it. */
  async #undoFactor(
    visit: AccountVisit,
    record: AccountRecord,
    what: string,
    undo: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await undo();
    } catch (error) {
      await this.#factorsChanged(visit, record, 'factor-added', what, ADDED).catch(() => undefined);
      throw error;
    }
    await this.credentials.endSignIns(record.id);
  }

  async #factorsChanged(
    visit: AccountVisit,
    record: AccountRecord,
    event: 'factor-added' | 'factor-removed',
    what: string,
    subject: string,
  ): Promise<void> {
    await this.#notices.tell(visit, record, (sender, notice) => credentialChanged(sender, notice, subject));
    await attemptAll([
      () => this.activity.add(visit, record.id, event, what),
      // Before sessions end: one that begins later sees it, one that began earlier ends.
      () => this.credentials.raiseVersion(record.id),
      () => visit.session.revokeOthers(),
    ]);
  }

  /** New recovery codes in the place of the old ones. Shown once. Whoever else is signed in proves it anew. */
  async makeRecoveryCodes(visit: AccountVisit, record: AccountRecord): Promise<readonly string[]> {
    ACCOUNTS_CALLS.makeRecoveryCodes(visit, record);
    await visit.session.revokeOthers();
    const codes = await this.factors.recoveryCodes.create(visit, record.id);
    await this.activity.add(visit, record.id, 'recovery-codes-made');
    await this.#notices.tell(visit, record, (sender, notice) => credentialChanged(sender, notice, CODES));
    return codes;
  }

  /**
   * Waits until every mail on its way is sent or given up, which may take minutes where the mail server is gone. The
   * process is kept until then; without it, it ends when it has nothing else to do, and leaves the mails that wait to the
   * next one.
   */
  async settled(): Promise<void> {
    await this.#context.mail.settled();
  }

  /**
   * Waits for the mails on their way, no longer than told: before the process ends, and before the layer is closed. The
   * rest is left to the next process, or lost where the store is in memory: one event says how many. No mail is sent from
   * then on.
   *
   * @param graceMs - milliseconds
   */
  async close(graceMs: number = CLOSE_MS): Promise<void> {
    ACCOUNTS_CALLS.close(graceMs);
    await this.#context.mail.close(graceMs);
  }

  static {
    tendMethods(Accounts, (its) => its.#context.audit);
  }
}

const ACCOUNT_ID_BYTES = 16;
const CLOSE_MS = 3000;
const PARTS_LINE = "Accounts.of(policy, layer, { mail: smtp(transporter, 'App <no-reply@example.com>') })";
const ADDED = 'A second factor was added';
const REMOVED = 'A second factor was removed';
const CODES = 'New recovery codes were made';
