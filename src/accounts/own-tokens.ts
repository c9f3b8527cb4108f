/** API tokens of accounts: made and revoked so that their owner can see it, and hears of each that is made. */
import { OWN_TOKEN_CALLS } from './accounts.calls.ts';
import type {
  ApiTokens,
  ApiTokenSummary,
  ApiTokenVerdict,
  ApiTokenVisit,
  ApiTokenWish,
} from '../controls/api-tokens/api-tokens.ts';
import type { AccountRecord } from '../stores/ports/accounts.ts';
import { type AccountsContext, type AccountVisit, isStill } from './context.ts';
import { tokenMade } from './mail/texts.ts';
import type { NoticeAhead, Notices } from './mail/notices.ts';
import { tendMethods } from '../core/tended.ts';

/** The tokens of the accounts of one application. Ask for a fresh sign-in before `create` (`require: { fresh: '15m' }`). */
export class OwnTokens {
  /** What tokens can be allowed. */
  readonly scopes: readonly string[];
  /** How long a token works where nothing else is asked for, and at most: milliseconds. */
  readonly life: ApiTokens['life'];
  /** Whether each token is bound to a key, or those that are made so. */
  readonly dpop: ApiTokens['dpop'];
  readonly #tokens: ApiTokens;
  readonly #context: AccountsContext;
  readonly #notices: Notices;

  constructor(tokens: ApiTokens, context: AccountsContext, notices: Notices) {
    this.scopes = tokens.scopes;
    this.life = tokens.life;
    this.dpop = tokens.dpop;
    this.#tokens = tokens;
    this.#context = context;
    this.#notices = notices;
  }

  /**
   * Makes a token. It is in the verdict, once; neither the history nor the mail has more of it than its beginning.
   *
   * @param record - as it was read for this request: if anything that opens the account changed since, there is no token
   * @throws BulwarkError ERR_BULWARK_SESSION_OVER where the session of the visit ended meanwhile
   */
  async create(visit: AccountVisit, record: AccountRecord, wish: ApiTokenWish): Promise<ApiTokenVerdict> {
    OWN_TOKEN_CALLS.create(visit, record, wish);
    await visit.session.confirm();
    let told: NoticeAhead | undefined;
    let made = true;
    try {
      const verdict = await this.#tokens.create(tokenVisit(visit), record.id, wish, async (token) => {
        told = await this.#notices.writeAhead(visit, record, (sender, notice) =>
          tokenMade(sender, notice, token),
        );
      });
      made = verdict.ok;
      if (!verdict.ok) return verdict;
      // Read again once the token is there: a reset meanwhile either ended it with all others, or is seen here.
      if (!isStill(record, await this.#context.store.find(record.id))) {
        await this.#tokens.revoke(tokenVisit(visit), record.id, verdict.summary.id);
        made = false;
        return { ok: false, reason: 'no-account' };
      }
      await this.#context.activity.add(visit, record.id, 'api-token-created', verdict.summary.name);
      return verdict;
    } finally {
      if (made) told?.post();
      else await told?.drop();
    }
  }

  /** The tokens of an account, newest first, expired ones included until they are swept. */
  async list(account: string): Promise<readonly ApiTokenSummary[]> {
    return await this.#tokens.list(account);
  }

  /** Ends a token at once. False: the account has none of this id. */
  async revoke(visit: AccountVisit, record: AccountRecord, id: string): Promise<boolean> {
    OWN_TOKEN_CALLS.revoke(visit, record, id);
    const token = (await this.#tokens.list(record.id)).find((one) => one.id === id);
    const revoked = await this.#tokens.revoke(tokenVisit(visit), record.id, id);
    if (revoked) await this.#context.activity.add(visit, record.id, 'api-token-revoked', token?.name);
    return revoked;
  }

  /** Ends every token of an account at once. Returns how many. */
  async revokeAll(visit: AccountVisit, record: AccountRecord): Promise<number> {
    OWN_TOKEN_CALLS.revokeAll(visit, record);
    const count = await this.#tokens.revokeAll(tokenVisit(visit), record.id);
    if (count > 0) await this.#context.activity.add(visit, record.id, 'api-token-revoked', `all, ${count}`);
    return count;
  }

  static {
    tendMethods(OwnTokens, (its) => its.#context.audit);
  }
}

function tokenVisit({ audit, session }: AccountVisit): ApiTokenVisit {
  return { audit, principal: session.principal };
}
