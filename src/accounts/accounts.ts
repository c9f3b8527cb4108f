/** `bulwark/accounts`: who may sign in, without pages. */
import { ACCOUNTS_CALLS } from './accounts.calls.ts';
import { ApiTokens } from '../controls/api-tokens/api-tokens.ts';
import { PolicyError, type PolicyProblem } from '../core/errors.ts';
import { LAYER_PARTS } from '../core/layer-parts.ts';
import { randomId } from '../core/random.ts';
import { tendMethods } from '../core/tended.ts';
import { SecondFactors } from '../identity/mfa/mfa.ts';
import { SignInProviders } from '../identity/oidc/oidc.ts';
import { Passwords } from '../identity/passwords/passwords.ts';
import { ProofOfWork } from '../identity/proof-of-work/proof-of-work.ts';
import type { AccountChange, AccountRecord } from '../stores/ports/accounts.ts';
import { ACCOUNTS_EVENTS } from './accounts.events.ts';
import { Activity } from './activity.ts';
import { AnsweredPosts } from './answered-posts.ts';
import { Challenge } from './defence/challenge.ts';
import { Suspicion } from './defence/suspicion.ts';
import { ChangeEmail } from './flows/change-email.ts';
import { type Account, accountOf, type AccountsContext, type AccountVisit } from './context.ts';
import { type CredentialEvent, Credentials } from './flows/credentials.ts';
import { type EmailAddress, parseEmailAddress } from './email-address.ts';
import { Guessing } from './defence/guessing.ts';
import { type Deletion, deletionOf, warnOfWishes } from './flows/deletion.ts';
import { removeAccount } from './flows/removal.ts';
import { Identities } from './flows/identities.ts';
import { KnownBrowsers } from './defence/known-browsers.ts';
import { DevelopmentMail } from './mail/development-mail.ts';
import type { MailTransport } from './mail/mail.ts';
import { MailQueue } from './mail/mail-queue.ts';
import { wordingsOf } from './words/wordings.ts';
import { tellOfMisuse } from './misused-session.ts';
import { MailTokens } from './mail/mail-token.ts';
import { Notices } from './mail/notices.ts';
import { type AccountData, dataOf } from './own-data.ts';
import { OwnDevices } from './own-devices.ts';
import { OwnFactors } from './own-factors.ts';
import { OwnTokens } from './own-tokens.ts';
import { Operators } from './operators/operators.ts';
import type { AccountsGround, AccountsLayer, AccountsPolicy, FactorToAdd, NewAccount } from './parts.ts';
import { Registration } from './flows/registration.ts';
import { Reset } from './flows/reset.ts';
import { SignIn } from './flows/sign-in.ts';
import { Stays } from './flows/stays.ts';

export type { AccountsOptions } from './accounts.options.ts';
export type { Account, AccountVisit } from './context.ts';
export type { AccountData } from './own-data.ts';
export type { AccountsLayer, AccountsPolicy, Added, FactorToAdd, NewAccount } from './parts.ts';
export type {
  Challenge,
  ChallengeAnswer,
  ChallengedForm,
  ChallengeVerdict,
  FormChallenge,
} from './defence/challenge.ts';
export { DevelopmentMail } from './mail/development-mail.ts';
export { type Mail, type MailTransport, type NodemailerTransport, smtp } from './mail/mail.ts';
export type { AccountSearch, AccountsFound, AccountView } from './operators/account-finder.ts';
export type { ActRefusal, ActVerdict } from './operators/operator-acts.ts';
export type {
  AskVerdict,
  FactorResetVerdict,
  ResetRefusal,
  WaitingReset,
} from './operators/factor-resets.ts';
export type { OperatorVisit } from './operators/operator.ts';
export { visitOf } from './visit.ts';

/** The accounts of one application. */
export class Accounts {
  readonly signIn: SignIn;
  readonly registration: Registration;
  readonly reset: Reset;
  readonly credentials: Credentials;
  readonly changeEmail: ChangeEmail;
  readonly activity: Activity;
  /** What owners call their devices. */
  readonly devices: OwnDevices;
  readonly factors: SecondFactors;
  readonly passwords: Passwords;
  readonly answeredPosts: AnsweredPosts;
  /** What operators look at and do: the same for pages and for the command line. */
  readonly operators: Operators;
  /** API tokens of accounts, where the policy names scopes. */
  readonly apiTokens: OwnTokens | undefined;
  /** What suspect clients are asked for, where anyone is. */
  readonly challenge: Challenge | undefined;
  /** Browsers that stay signed in, where the policy lets them. */
  readonly stays: Stays | undefined;
  /** The removal of accounts by their owners, where the policy lets them. */
  readonly deletion: Deletion | undefined;
  /** Accounts at other services, where the policy names providers. */
  readonly identities: Identities | undefined;
  readonly name: string;
  /** What shows mails, where none are sent. */
  readonly mailbox: DevelopmentMail | undefined;
  readonly #context: AccountsContext;
  readonly #notices: Notices;
  readonly #ownFactors: OwnFactors;
  readonly #removers: Parameters<typeof removeAccount>[1];

  private constructor(context: AccountsContext, policy: AccountsPolicy, transport: MailTransport) {
    this.#context = context;
    this.name = context.name;
    this.mailbox = transport instanceof DevelopmentMail ? transport : undefined;
    this.activity = context.activity;
    this.devices = new OwnDevices(context);
    this.factors = context.factors;
    this.passwords = context.passwords;
    this.answeredPosts = new AnsweredPosts(context);
    const notices = new Notices(context, policy.origin?.origin, policy.accountPages?.base ?? '');
    this.#notices = notices;
    const tokens = new MailTokens(context.store.mailTokens, context.clock);
    const devices = new KnownBrowsers(context);
    const suspicion = new Suspicion(context);
    const { when } = policy.challenge;
    const guessing = new Guessing(context, when === 'off' ? undefined : suspicion);
    const { staySignedIn } = context.settings;
    if (staySignedIn !== undefined)
      this.stays = new Stays(context, notices, staySignedIn, policy.session?.perAccount);
    this.signIn = new SignIn(context, guessing, devices, notices, this.stays);
    this.credentials = new Credentials(context, guessing, devices, tokens, notices);
    this.#removers = { credentials: this.credentials, notices };
    this.deletion = deletionOf({ context, ...this.#removers });
    this.#ownFactors = new OwnFactors(context, this.credentials, notices);
    this.operators = new Operators(context, this.credentials, notices);
    this.registration = new Registration(context, tokens, notices, guessing, this.signIn);
    const links = { context, tokens, notices, credentials: this.credentials };
    this.reset = new Reset(links);
    this.changeEmail = new ChangeEmail(links);
    if (when !== 'off') {
      const work = ProofOfWork.of(policy, context.clock);
      this.challenge = new Challenge({ context, suspicion, devices, work, always: when === 'always' });
    }
    if (policy.apiTokens.scopes.length > 0) {
      this.apiTokens = new OwnTokens(ApiTokens.of(policy, context.clock), context, notices);
    }
    if (Object.keys(policy.providers).length > 0) {
      const providers = SignInProviders.of(policy, context.clock);
      this.identities = new Identities(providers, context, this.signIn, this.credentials, notices);
    }
  }

  /**
   * The accounts of a layer whose policy declares them; the same ones whenever they are asked for. Importing this is what
   * loads their code: a layer alone does not.
   *
   * @example
   * ```ts
   * const layer = bulwark({ origin: 'https://files.example.com', accounts: { name: 'Strongroom', mail } });
   * const accounts = Accounts.of(layer);
   * ```
   * @param clock - milliseconds since 1970
   * @throws PolicyError where the policy declares no accounts
   */
  static of(layer: AccountsLayer, clock: () => number = Date.now): Accounts {
    ACCOUNTS_CALLS.of(layer, clock);
    const ground = layer[LAYER_PARTS];
    const known = made.get(ground);
    if (known !== undefined) return known;
    const accounts = Accounts.#make(ground, clock);
    made.set(ground, accounts);
    const stop = accounts.deletion?.start() ?? warnOfWishes(accounts.#context);
    ground.onClose(() => {
      stop();
      return accounts.close();
    });
    ground.onMetrics?.(() => accounts.passwords.queue.figures);
    ground.onDeviceMisuse?.(tellOfMisuse(accounts.#context, accounts.#notices));
    return accounts;
  }

  static #make(
    { policy, sessions, audit }: Pick<AccountsGround, 'policy' | 'sessions' | 'audit'>,
    clock: () => number,
  ): Accounts {
    const { accounts: settings, origin, state, keys } = policy;
    if (settings === undefined || state.accounts === undefined) throw new PolicyError([UNDECLARED]);
    const name = settings.name ?? origin?.hostname ?? 'localhost';
    const transport = settings.mail ?? new DevelopmentMail();
    const { outbox } = state.accounts;
    const lasts = (state.reach ?? 'process') !== 'process';
    const mail = new MailQueue(transport, audit, { outbox, keys, lasts });
    const context: AccountsContext = {
      store: state.accounts,
      counters: state.counters,
      sessions,
      keys,
      passwords: new Passwords(policy.passwords, [name, origin?.hostname ?? '']),
      factors: SecondFactors.of(policy, clock),
      settings,
      operatorRole: policy.console?.role ?? 'operator',
      operatorFreshMs: policy.console?.freshActs ?? OPERATOR_FRESH_MS,
      name,
      audit,
      wordings: wordingsOf(settings),
      mail,
      background: mail.asked,
      activity: new Activity(state.accounts.activity, clock),
      clock,
    };
    return new Accounts(context, policy, transport);
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
   * Removes an account for good: its sessions end, and its second factors, remembered browsers, API tokens, links with other
   * services, history and mailed links go. Its owner hears of it by a last mail. What else is kept of it is the
   * application's to remove. Where it fails half way, call it again. False: there is none.
   */
  async remove(visit: AccountVisit, id: string): Promise<boolean> {
    ACCOUNTS_CALLS.remove(visit, id);
    return await removeAccount(this.#context, this.#removers, visit, id);
  }

  /**
   * All that is kept of an account here, for its owner: as JSON, and nothing that opens anything. Ask for a fresh sign-in before
   * (`require: { fresh: '15m' }`). Undefined: there is none.
   */
  async exportData(visit: AccountVisit, id: string): Promise<AccountData | undefined> {
    ACCOUNTS_CALLS.exportData(visit, id);
    const record = await this.#context.store.find(id);
    if (record === undefined) return undefined;
    // First, so that whoever takes it along stands in it.
    visit.audit(ACCOUNTS_EVENTS.exported, { account: id });
    await this.activity.add(visit, id, 'data-exported');
    return await dataOf(record, this.#context);
  }

  /**
   * Adds a second factor by those of `factors`: the owner hears of it by mail, whoever else is signed in proves it anew,
   * and a sign-in under way that saw none begins anew. The mail is stored before, so that a process that is killed as it
   * adds one leaves none that nobody is told of.
   *
   * @returns what `add` came to; where that is not `ok`, nothing else happens
   * @throws BulwarkError ERR_BULWARK_SESSION_OVER once it is removed
   */
  async addFactor<T extends { readonly ok: boolean }>(
    visit: AccountVisit,
    record: AccountRecord,
    factor: FactorToAdd<T>,
  ): Promise<T> {
    ACCOUNTS_CALLS.addFactor(visit, record, factor);
    return await this.#ownFactors.add(visit, record, factor);
  }

  /**
   * Removes a second factor, with all that goes with it, as {@link addFactor} does.
   *
   * @param what - for the account's own history: `'passkey'`
   * @param remove - removes it; false: there was none, and nothing else happens
   */
  async removeFactor(
    visit: AccountVisit,
    record: AccountRecord,
    what: string,
    remove: () => Promise<boolean>,
  ): Promise<boolean> {
    ACCOUNTS_CALLS.removeFactor(visit, record, what, remove);
    return await this.#ownFactors.remove(visit, record, what, remove);
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

  /** New recovery codes in the place of the old ones. Shown once. Whoever else is signed in proves it anew. */
  async makeRecoveryCodes(visit: AccountVisit, record: AccountRecord): Promise<readonly string[]> {
    ACCOUNTS_CALLS.makeRecoveryCodes(visit, record);
    return await this.#ownFactors.makeRecoveryCodes(visit, record);
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
const OPERATOR_FRESH_MS = 15 * 60_000;
const UNDECLARED: PolicyProblem = {
  code: 'ERR_BULWARK_INVALID_OPTION',
  option: 'accounts',
  reason: 'the policy declares none.',
  fix: "accounts: { mail: smtp(transporter, 'App <no-reply@example.com>') }",
};
const made = new WeakMap<AccountsGround, Accounts>();
