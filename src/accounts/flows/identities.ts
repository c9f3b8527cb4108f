/**
 * Accounts at other services, linked to accounts here. Who has both accounts links them, signed in here and there; an
 * address that a service names opens nothing, and links nothing.
 */
import { IDENTITY_CALLS } from '../accounts.calls.ts';
import { BulwarkError } from '../../core/errors.ts';
import { tendMethods } from '../../core/tended.ts';
import type {
  OidcBeginning,
  OidcBegun,
  OidcRefusal,
  OidcSuccess,
  ProviderSummary,
  SignInProviders,
} from '../../identity/oidc/oidc.ts';
import type { AccountRecord, IdentityRecord } from '../../stores/ports/accounts.ts';
import { attemptAll } from '../attempt-all.ts';
import type { AccountsContext, AccountVisit } from '../context.ts';
import type { Credentials } from './credentials.ts';
import { newsOf } from '../mail/texts.ts';
import type { Notices } from '../mail/notices.ts';
import type { SignIn, SignInVerdict } from './sign-in.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';

/**
 * Why nobody was signed in, or nothing linked, besides the reasons of the provider: `unknown`: no account here is linked to
 * theirs there. `refused`: the account that is linked may not be signed in to. `other-identity`: they proved to be
 * somebody, but not who is signed in here. `late`: they signed in here too long ago to link anything. `taken`: their
 * account there is linked already, to this account or another.
 */
export type IdentityRefusal = OidcRefusal | 'unknown' | 'refused' | 'other-identity' | 'late' | 'taken';

/** What became of someone who came back from a provider. */
export type IdentityVerdict =
  | { readonly ok: true; readonly purpose: 'link' }
  | {
      readonly ok: true;
      readonly purpose: 'sign-in' | 'again';
      readonly signIn: Extract<SignInVerdict, { ok: true }>;
      /** A path of this site. */
      readonly next: string | undefined;
    }
  | { readonly ok: false; readonly reason: IdentityRefusal };

/** What became of an identity that was to be unlinked. `last`: without it nobody could sign in any more. */
export type UnlinkVerdict = 'unlinked' | 'none' | 'last';

const LINKED = newsOf('mail.news.linked');
const UNLINKED = newsOf('mail.news.unlinked');
const LONGEST_LABEL = 256;
/** Fresh when it was begun, and some time at the provider. */
const LINK_WITHIN_MS = 25 * 60_000;

/** The identities of the accounts of one application. */
export class Identities {
  readonly #providers: SignInProviders;
  readonly #context: AccountsContext;
  readonly #signIn: SignIn;
  readonly #credentials: Credentials;
  readonly #notices: Notices;

  constructor(
    providers: SignInProviders,
    context: AccountsContext,
    signIn: SignIn,
    credentials: Credentials,
    notices: Notices,
  ) {
    this.#providers = providers;
    this.#context = context;
    this.#signIn = signIn;
    this.#credentials = credentials;
    this.#notices = notices;
  }

  /** The services that people may sign in with, in the order of the policy. */
  providers(): readonly ProviderSummary[] {
    return this.#providers.list();
  }

  /**
   * Where to send someone. Let it be a POST; for `link`, ask for a fresh sign-in before (`require: { fresh: '15m' }`).
   *
   * @param provider - a name of the policy; may come from the visitor
   */
  async begin(visit: AccountVisit, provider: string, what: OidcBeginning): Promise<OidcBegun> {
    IDENTITY_CALLS.begin(visit, provider, what);
    return await this.#providers.begin(visit, provider, what);
  }

  /**
   * Signs in, or links, whoever came back.
   *
   * @param provider - as in the path that was asked for
   * @param callback - the address that was asked for, with its query
   */
  async finish(visit: AccountVisit, provider: string, callback: string): Promise<IdentityVerdict> {
    IDENTITY_CALLS.finish(visit, provider, callback);
    const answer = await this.#providers.finish(visit, provider, callback);
    if (!answer.ok) return answer;
    const { purpose, account } = answer;
    if (purpose === 'sign-in') return await this.#signInWith(visit, answer);
    // Whose proof was asked for is not known any more: then it is nobody's, and not whoever's it may be.
    if (account === undefined) return refuse(visit, provider, 'not-signed-in');
    return purpose === 'again'
      ? await this.#signInWith(visit, answer, account)
      : await this.#link(visit, answer, account);
  }

  /** The identities of an account, oldest first. */
  async list(account: string): Promise<readonly IdentityRecord[]> {
    IDENTITY_CALLS.list(account);
    return await this.#context.store.identities.list(account);
  }

  /** Unlinks an identity: nobody signs in with it from now on, and whoever else is signed in proves it anew. */
  async unlink(
    visit: AccountVisit,
    record: AccountRecord,
    issuer: string,
    subject: string,
  ): Promise<UnlinkVerdict> {
    IDENTITY_CALLS.unlink(visit, record, issuer, subject);
    const { store } = this.#context;
    await visit.session.confirm();
    const all = await store.identities.list(record.id);
    const identity = all.find((one) => one.issuer === issuer && one.subject === subject);
    if (identity === undefined) return 'none';
    if (!(await this.#hasAnotherWay(record, identity))) return 'last';
    return await this.#notices.tellOf(visit, record, UNLINKED, async (notMade) => {
      if (!(await store.identities.remove(record.id, issuer, subject))) {
        notMade();
        return 'none';
      }
      // And once it is gone: of two that are unlinked at once, one sees that the other was the last.
      if (!(await this.#hasAnotherWayOrUndo(record, identity, notMade))) return 'last';
      await this.#changed(visit, record, 'identity-unlinked', identity);
      return 'unlinked';
    });
  }

  /** @param again - the account that is signed in, where it proves that it is still its owner */
  async #signInWith(visit: AccountVisit, answer: OidcSuccess, again?: string): Promise<IdentityVerdict> {
    const { store, clock } = this.#context;
    const { provider, issuer, subject, provedAt, next, stay } = answer;
    // The link, the account, the link: one that is cut at any moment between signs nobody in.
    const identity = await store.identities.find(issuer, subject);
    if (identity === undefined) return refuse(visit, provider, 'unknown');
    if (again !== undefined && identity.account !== again) {
      return refuse(visit, provider, 'other-identity', again);
    }
    const record = await store.find(identity.account);
    if (record === undefined || record.disabledAt !== undefined) {
      return refuse(visit, provider, 'refused', identity.account);
    }
    if (!(await store.identities.use(issuer, subject, clock()))) return refuse(visit, provider, 'unknown');
    const occasion = again === undefined ? 'sign-in' : 'again';
    const signIn = await this.#signIn.withProvider(visit, record, { provider, provedAt, stay }, occasion);
    if (!signIn.ok) return { ok: false, reason: 'expired' };
    return { ok: true, purpose: occasion, signIn, next };
  }

  async #link(visit: AccountVisit, answer: OidcSuccess, account: string): Promise<IdentityVerdict> {
    const { store, clock } = this.#context;
    const { provider, issuer, subject, email, name } = answer;
    const record = await store.find(account);
    if (record === undefined || record.disabledAt !== undefined) {
      return refuse(visit, provider, 'refused', account);
    }
    const { signedInAt = 0, mfaAt = 0 } = visit.session.principal ?? {};
    if (clock() - Math.max(signedInAt, mfaAt) > LINK_WITHIN_MS)
      return refuse(visit, provider, 'late', account);
    const label = (email ?? name ?? '').slice(0, LONGEST_LABEL).toWellFormed();
    const identity = { issuer, subject, account, label, linkedAt: clock(), usedAt: undefined };
    await visit.session.confirm();
    return await this.#notices.tellOf(visit, record, LINKED, async (notMade) => {
      if (!(await store.identities.add(identity))) {
        notMade();
        return refuse(visit, provider, 'taken', account);
      }
      try {
        // Whose session was ended meanwhile, by a new password elsewhere, leaves no way in behind.
        await visit.session.confirm();
      } catch (error) {
        await this.#undoLink(visit, record, identity);
        notMade();
        if (error instanceof BulwarkError && error.code === 'ERR_BULWARK_SESSION_OVER') {
          return refuse(visit, provider, 'not-signed-in', account);
        }
        throw error;
      }
      await this.#changed(visit, record, 'identity-linked', identity);
      return { ok: true, purpose: 'link' };
    });
  }

  async #changed(
    visit: AccountVisit,
    record: AccountRecord,
    event: 'identity-linked' | 'identity-unlinked',
    { issuer, label }: IdentityRecord,
  ): Promise<void> {
    visit.audit(ACCOUNTS_EVENTS.updated, { account: record.id, changed: event });
    const name = this.#providers.list().find((one) => one.issuer === issuer)?.name ?? issuer;
    await attemptAll([
      () => this.#context.activity.add(visit, record.id, event, label === '' ? name : `${name}, ${label}`),
      () => this.#credentials.raiseVersion(record.id),
      () => visit.session.revokeOthers(),
    ]);
  }

  /** Where it cannot be removed again, its owner hears of it by the notice of the link, and the log. */
  async #undoLink(visit: AccountVisit, record: AccountRecord, identity: IdentityRecord): Promise<void> {
    const { issuer, subject } = identity;
    try {
      await this.#context.store.identities.remove(record.id, issuer, subject);
      // Whoever signed in with it meanwhile is out again.
      await this.#credentials.endSignIns(record.id);
    } catch (error) {
      await this.#changed(visit, record, 'identity-linked', identity).catch(() => undefined);
      throw error;
    }
  }

  /** Whether there is another way in, now that this one is gone. Where there is none, or nobody knows, it is put back. */
  async #hasAnotherWayOrUndo(
    record: AccountRecord,
    identity: IdentityRecord,
    undone: () => void,
  ): Promise<boolean> {
    let another = false;
    try {
      another = await this.#hasAnotherWay(record, identity);
    } finally {
      if (!another) {
        await this.#context.store.identities.add(identity);
        undone();
      }
    }
    return another;
  }

  async #hasAnotherWay(
    { id, passwordHash }: AccountRecord,
    { issuer: without, subject }: IdentityRecord,
  ): Promise<boolean> {
    if (passwordHash !== undefined) return true;
    const { factors, store } = this.#context;
    if ((await factors.overview(id)).passkeys.length > 0) return true;
    const known = new Set(this.#providers.list().map(({ issuer }) => issuer));
    const others = (await store.identities.list(id)).filter(
      (one) => one.issuer !== without || one.subject !== subject,
    );
    return others.some(({ issuer }) => known.has(issuer));
  }

  static {
    tendMethods(Identities, (its) => its.#context.audit);
  }
}

function refuse(
  visit: AccountVisit,
  provider: string,
  reason: IdentityRefusal,
  account?: string,
): { readonly ok: false; readonly reason: IdentityRefusal } {
  visit.audit(ACCOUNTS_EVENTS.signInFailed, { factor: 'oidc', provider, reason, account });
  return { ok: false, reason };
}
